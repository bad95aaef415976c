package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/go-cometchat/cometchat"
)

// window is the stored state of one part of the export: the messages of a period.
// The messages before Position are on disk.
type window struct {
	From     time.Time          `json:"from,omitzero"`
	To       time.Time          `json:"to,omitzero"`
	Position cometchat.Position `json:"position"`
	Messages int                `json:"messages"`
	First    cometchat.UnixTime `json:"first,omitempty"` // when the first of them was sent
	Last     cometchat.UnixTime `json:"last,omitempty"`
	Bytes    int64              `json:"bytes,omitempty"` // in its own file
	Done     bool               `json:"done,omitempty"`
}

// state is the stored state of an export. The file holds the windows before the
// head, and the head, which is the only window written to it. Later windows are
// written to their own files until their turn comes.
type state struct {
	Bytes   int64     `json:"bytes"` // how many bytes of the file count
	Head    int       `json:"head"`
	Windows []*window `json:"windows"`
}

// journal is the file of an export, with its state beside it. A page counts when
// the state says so. The state is written in one step, after the page. If an
// export is killed, the next one cuts off what was written after the last page
// that counts, and writes it again. Workers share the journal.
type journal struct {
	name   string
	mu     sync.Mutex
	stored bool // the state is on disk
	state
}

func stateName(name string) string { return name + ".state" }

// partName returns the name of the file of a window after the head.
func partName(name string, i int) string { return fmt.Sprintf("%s.%04d", name, i) }

// open opens an export. A new export gets the windows that split returns, and
// creates no file before there is a page. An export that was begun keeps its
// windows.
func open(name string, split func() ([]*window, error)) (*journal, error) {
	j := &journal{name: name}
	stored, err := os.ReadFile(stateName(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if info, err := os.Stat(name); err == nil && info.Size() > 0 {
			return nil, fmt.Errorf("%s exists, and %s does not: remove or rename the one to begin anew", name, stateName(name))
		}
		j.Windows, err = split()
		return j, err
	case err == nil:
		j.stored = true
		err = json.Unmarshal(stored, &j.state)
		if err == nil && (j.Head < 0 || j.Head >= len(j.Windows)) {
			err = errors.New("has no windows")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", stateName(name), err)
	}
	if err := cut(name, j.Bytes); err != nil {
		return nil, err
	}
	for i, w := range j.Windows {
		if i <= j.Head {
			err = remove(partName(name, i))
		} else {
			err = cut(partName(name, i), w.Bytes)
		}
		if err != nil {
			return nil, err
		}
	}
	return j, nil
}

// cut truncates a file to the size in the state.
func cut(name string, size int64) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && size == 0:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is not there, and had %d bytes when the state was written: remove the state to begin anew", name, size)
	case err != nil:
		return err
	case info.Size() < size:
		return fmt.Errorf("%s has %d bytes, and had %d when the state was written: it was changed by something else", name, info.Size(), size)
	}
	return os.Truncate(name, size)
}

func remove(name string) error {
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Append writes a page of a window and then the state. Both are on disk when it
// returns.
func (j *journal) Append(i int, page *cometchat.CursorPage[cometchat.Message]) error {
	var lines bytes.Buffer
	for _, message := range page.Items {
		if err := writeLine(&lines, message.Raw()); err != nil {
			return err
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.stored { // The state comes first, so that a file without a state belongs to others.
		if err := j.save(); err != nil {
			return err
		}
	}
	w := j.Windows[i]
	name, end := partName(j.name, i), &w.Bytes
	if i == j.Head {
		name, end = j.name, &j.Bytes
	}
	written, err := Write(name, *end, &lines)
	if err != nil {
		return err
	}
	if w.Messages == 0 {
		w.First = page.Items[0].SentAt
	}
	*end = written
	w.Messages += len(page.Items)
	w.Last = page.Items[len(page.Items)-1].SentAt
	w.Position = page.Next
	return j.save()
}

// writeLine writes a message as one line. It leaves a message unchanged unless it
// has line breaks, which JSON allows only between tokens. In that case it removes
// all white space there.
func writeLine(b *bytes.Buffer, message []byte) error {
	if bytes.ContainsAny(message, "\r\n") {
		if err := json.Compact(b, message); err != nil {
			return err
		}
	} else {
		b.Write(message)
	}
	return b.WriteByte('\n')
}

// Write truncates a file to at bytes and appends the contents of r. When it
// returns, the file is on disk. end is the new size of the file.
func Write(name string, at int64, r io.Reader) (end int64, err error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return at, err
	}
	n := int64(0)
	if err = file.Truncate(at); err == nil {
		n, err = io.Copy(io.NewOffsetWriter(file, at), r)
	}
	if err == nil {
		err = file.Sync()
	}
	return at + n, errors.Join(err, file.Close())
}

// Replace replaces the contents of a file with b, in one step.
func Replace(name string, b []byte) error {
	next := name + ".tmp"
	if _, err := Write(next, 0, bytes.NewReader(b)); err != nil {
		return err
	}
	return os.Rename(next, name)
}

// Finish records that a window has no more messages. If it is the head, the next
// window becomes the head. The last window has no end, since later messages
// belong to it.
func (j *journal) Finish(i int) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	w := j.Windows[i]
	w.Done = i < len(j.Windows)-1 || w.Messages > 0 && w.Position.IsZero()
	for j.Windows[j.Head].Done && j.Head < len(j.Windows)-1 {
		if err := j.advance(); err != nil {
			return err
		}
	}
	return j.save()
}

// advance moves the contents of the window after the head to the file.
func (j *journal) advance() error {
	next := j.Windows[j.Head+1]
	name := partName(j.name, j.Head+1)
	if next.Bytes > 0 {
		part, err := os.Open(name)
		if err != nil {
			return err
		}
		_, err = Write(j.name, j.Bytes, io.LimitReader(part, next.Bytes))
		if err = errors.Join(err, part.Close()); err != nil {
			return err
		}
	}
	j.Bytes += next.Bytes
	next.Bytes = 0
	j.Head++
	if err := j.save(); err != nil {
		return err
	}
	return remove(name)
}

// save replaces the stored state in one step.
func (j *journal) save() error {
	stored, err := json.Marshal(j.state)
	if err != nil {
		return err
	}
	if err := Replace(stateName(j.name), append(stored, '\n')); err != nil {
		return err
	}
	j.stored = true
	return nil
}

// Messages returns the number of messages on disk.
func (j *journal) Messages() (n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, w := range j.Windows {
		n += w.Messages
	}
	return n
}

// Share returns the finished share of the export, from 0 to 1. It assumes that
// all windows count the same, since they are equally long and the API does not
// tell the number of messages.
func (j *journal) Share(now time.Time) (share float64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, w := range j.Windows {
		share += w.share(now) / float64(len(j.Windows))
	}
	return share
}

func (w *window) share(now time.Time) float64 {
	from, to := w.From, w.To
	if from.IsZero() {
		from = w.First.Time()
	}
	if to.IsZero() {
		to = now
	}
	switch {
	case w.Done:
		return 1
	case w.Messages == 0 || !to.After(from):
		return 0
	}
	return min(w.Last.Time().Sub(from).Seconds()/to.Sub(from).Seconds(), 1)
}
