package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/go-cometchat/cometchat"
)

// progress is what is stored of an export: so many bytes of the file are the
// messages before this position.
type progress struct {
	Position cometchat.Position `json:"position"`
	Bytes    int64              `json:"bytes"`
	Messages int                `json:"messages"`
	// Since is when the first message was sent.
	Since cometchat.UnixTime `json:"since"`
	// Done is set where the server names no position after the last page.
	Done bool `json:"done,omitempty"`
}

// journal is the file of an export, with its progress beside it. A page counts
// once the progress says so, which is written in one step, after the page: what
// a killed export has written beyond is cut off by the next one, and written
// again.
type journal struct {
	progress
	name string
	file *os.File
	page bytes.Buffer
}

func stateName(name string) string { return name + ".state" }

// open opens an export, a new one or one that was begun.
func open(name string) (*journal, error) {
	j := &journal{name: name}
	state, err := os.ReadFile(stateName(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// The progress comes first, so that a file without it is none of ours.
		if info, err := os.Stat(name); err == nil && info.Size() > 0 {
			return nil, fmt.Errorf("%s exists, and %s does not: remove or rename the one to begin anew", name, stateName(name))
		}
		err = j.save()
	case err == nil:
		err = json.Unmarshal(state, &j.progress)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", stateName(name), err)
	}
	if j.file, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, err
	}
	if err := j.cut(); err != nil {
		_ = j.file.Close()
		return nil, err
	}
	return j, nil
}

// cut brings the file to where the progress says it is.
func (j *journal) cut() error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < j.Bytes {
		return fmt.Errorf("%s has %d bytes, and had %d when %s was written: it was changed by something else",
			j.name, info.Size(), j.Bytes, stateName(j.name))
	}
	if err := j.file.Truncate(j.Bytes); err != nil {
		return err
	}
	_, err = j.file.Seek(j.Bytes, io.SeekStart)
	return err
}

// Append writes a page and then the progress; both are on disk when it returns.
func (j *journal) Append(page *cometchat.CursorPage[cometchat.Message]) error {
	j.page.Reset()
	lines := json.NewEncoder(&j.page)
	lines.SetEscapeHTML(false)
	for _, message := range page.Items {
		if err := lines.Encode(message); err != nil {
			return err
		}
	}
	if _, err := j.file.Write(j.page.Bytes()); err != nil {
		return err
	}
	if err := j.file.Sync(); err != nil {
		return err
	}
	if j.Messages == 0 {
		j.Since = page.Items[0].SentAt
	}
	j.Bytes += int64(j.page.Len())
	j.Messages += len(page.Items)
	j.Position, j.Done = page.Next, page.Next.IsZero()
	return j.save()
}

// save replaces the stored progress in one step.
func (j *journal) save() error {
	state, err := json.Marshal(j.progress)
	if err != nil {
		return err
	}
	next := stateName(j.name) + ".tmp"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(state, '\n'))
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(next, stateName(j.name))
}

// Close closes the file; it may be called again.
func (j *journal) Close() error {
	if j.file == nil {
		return nil
	}
	file := j.file
	j.file = nil
	return file.Close()
}
