package main

import (
	"bytes"
	"regexp"
	"sync"
)

// The emulator's keys and tokens end with at least 30 hexadecimal digits, and
// nothing else in a log has as many as 20 in a row: names, ids and times of the
// soak are shorter. A piece of a secret is found as well, and also one that
// nobody was given, as where the response to a mint was cut short.
var secretShape = regexp.MustCompile(`[0-9a-f]{20,}`)

// watch is the log of a run. It keeps nothing but the lines with a secret.
type watch struct {
	// literals are other spellings of known secrets.
	literals [][]byte

	mu    sync.Mutex
	lines int
	leaks []string
}

// maxLeaks bounds the lines kept.
const maxLeaks = 20

// Write takes a line of the log.
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
