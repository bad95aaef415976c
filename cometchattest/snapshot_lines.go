package cometchattest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// snapshotLines are lines that were read together.
type snapshotLines struct {
	text []byte // of the valid lines, each with its end
	err  error  // why there are no more; io.EOF after the last one
}

// snapshotBatch is how many bytes of lines are read together, or a little more.
const snapshotBatch = 1 << 18

// eachSnapshotLine calls f for every line of JSON, until it returns an error. It
// returns the number of the last line, or of that which the error is about. Lines are
// read and checked while those before are used, as checking takes a third of the time
// a snapshot takes; f must not keep the text.
func eachSnapshotLine(r io.Reader, f func(line int, text []byte) error) (line int, err error) {
	full, empty := make(chan snapshotLines), make(chan []byte, 2)
	empty <- nil
	empty <- nil
	go func() {
		defer close(full)
		in := bufio.NewReaderSize(r, snapshotBatch)
		for buf := range empty {
			batch := readSnapshotLines(in, buf[:0])
			full <- batch
			if batch.err != nil {
				return
			}
		}
	}()
	defer func() {
		close(empty)
		for range full {
			continue // until the goroutine has ended
		}
	}()
	for batch := range full {
		for text := range bytes.Lines(batch.text) {
			line++
			if err := f(line, bytes.TrimSpace(text)); err != nil {
				return line, err
			}
		}
		if errors.Is(batch.err, io.EOF) {
			return line, nil
		}
		if batch.err != nil {
			return line + 1, batch.err
		}
		empty <- batch.text
	}
	return line, nil
}

// readSnapshotLines reads lines behind text.
func readSnapshotLines(in *bufio.Reader, text []byte) snapshotLines {
	for len(text) < snapshotBatch {
		start := len(text)
		for {
			part, err := in.ReadSlice('\n')
			text = append(text, part...)
			if err == nil || errors.Is(err, io.EOF) && len(text) > start {
				break
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				return snapshotLines{text[:start], err}
			}
		}
		if line := text[start:]; !json.Valid(line) {
			return snapshotLines{text[:start], json.Unmarshal(line, new(any))} // says what is wrong
		}
	}
	return snapshotLines{text: text}
}
