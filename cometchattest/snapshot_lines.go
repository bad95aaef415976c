package cometchattest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// snapshotLines are lines read as a batch.
type snapshotLines struct {
	text []byte // of the valid lines, each with its line end
	err  error  // why there are no more lines; io.EOF after the last one
}

// snapshotBatch is the approximate size of a batch in bytes.
const snapshotBatch = 1 << 18

// eachSnapshotLine calls f for each line of JSON until it returns an error. It
// returns the number of the last line, or of the line that caused the error. The
// next lines are read and checked concurrently, because checking takes a third of
// the time of reading a snapshot. f must not keep the text.
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
			continue // until the goroutine ends
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

// readSnapshotLines reads lines and appends them to text.
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
			return snapshotLines{text[:start], json.Unmarshal(line, new(any))} // returns the error
		}
	}
	return snapshotLines{text: text}
}
