package main

import (
	"bytes"
	"regexp"
	"sync"
)

// secretShape matches secrets. The emulator's keys and tokens end with at least
// 30 hexadecimal digits. No other text in a log has 20 in a row: names, ids and
// times of the soak are shorter. The pattern also finds a piece of a secret, and
// a secret that no caller got, such as one in the response to a mint that was cut
// short.
var secretShape = regexp.MustCompile(`[0-9a-f]{20,}`)

// watch is the log of a run. It keeps only the lines with a secret.
type watch struct {
	// literals are other spellings of known secrets.
	literals [][]byte

	mu    sync.Mutex
	lines int
	leaks []string
}

// maxLeaks bounds the number of lines kept.
const maxLeaks = 20

// Write receives a line of the log.
func (w *watch) Write(line []byte) (int, error) {
	leak := secretShape.Match(line)
	for _, literal := range w.literals {
		leak = leak || bytes.Contains(line, literal)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines++
	if leak && len(w.leaks) < maxLeaks {
		w.leaks = append(w.leaks, string(bytes.TrimSpace(line)))
	}
	return len(line), nil
}
