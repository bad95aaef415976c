package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/examples/internal/archive"
)

// kinds are the kinds of objects to move, in the order in which they can be
// imported.
var kinds = []cometchat.ImportKind{
	cometchat.ImportKindRole, cometchat.ImportKindUser, cometchat.ImportKindGroup, cometchat.ImportKindMember, cometchat.ImportKindMessage,
}

// folder has a file of lines for each kind, and state.json, which tells how much
// of each file counts. What was written to a file after that is cut off.
type folder struct {
	dir   string
	state state
}

type state struct {
	Export map[cometchat.ImportKind]*exported `json:"export"`
	Import map[cometchat.ImportKind]*sent     `json:"import"`
	// Failures is the number of bytes of failures.jsonl that count.
	Failures int64 `json:"failures"`
	// Left counts what could not be imported, by its description.
	Left map[string]int `json:"left"`
}

// exported is the progress of the export of a kind.
type exported struct {
	Lines    int                `json:"lines"`
	Bytes    int64              `json:"bytes"`
	Position cometchat.Position `json:"position"`
	Groups   int                `json:"groups,omitempty"` // the number of groups whose members are done
	Done     bool               `json:"done"`
}

// sent is the progress of the import of a kind, in lines.
type sent struct {
	Lines    int `json:"lines"`
	Existing int `json:"existing"`
	Failed   int `json:"failed"`
}

func openFolder(dir string) (*folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f := &folder{dir: dir, state: state{
		Export: map[cometchat.ImportKind]*exported{}, Import: map[cometchat.ImportKind]*sent{}, Left: map[string]int{},
	}}
	stored, err := os.ReadFile(f.path("state.json"))
	if err == nil {
		err = json.Unmarshal(stored, &f.state)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", f.path("state.json"), err)
	}
	for _, kind := range kinds {
		if f.state.Export[kind] == nil {
			f.state.Export[kind] = &exported{}
		}
		if f.state.Import[kind] == nil {
			f.state.Import[kind] = &sent{}
		}
	}
	return f, nil
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

// file returns the name of the file of a kind.
func (f *folder) file(kind cometchat.ImportKind) string { return f.path(string(kind) + "s.jsonl") }

// save replaces the state in one step.
func (f *folder) save() error {
	stored, err := json.MarshalIndent(f.state, "", "  ")
	if err != nil {
		return err
	}
	return archive.Replace(f.path("state.json"), append(stored, '\n'))
}

// encode adds a value as a line.
func encode(lines *bytes.Buffer, v any) error {
	enc := json.NewEncoder(lines)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// appendLines adds values to the file of a kind, and then updates the state.
func appendLines[T any](f *folder, kind cometchat.ImportKind, values []T, then func(*exported)) error {
	var lines bytes.Buffer
	for _, v := range values {
		if err := encode(&lines, v); err != nil {
			return err
		}
	}
	e := f.state.Export[kind]
	end, err := archive.Write(f.file(kind), e.Bytes, &lines)
	if err != nil {
		return err
	}
	e.Bytes, e.Lines = end, e.Lines+len(values)
	then(e)
	return f.save()
}

// lines yields the values in the file of a kind, starting after line from. It
// reads what the export has written, or all of a file that came from elsewhere.
// An error names the line.
func lines[T any](f *folder, kind cometchat.ImportKind, from int) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		name := f.file(kind)
		file, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(nil, err)
			return
		}
		defer file.Close()
		n := 0
		for line, err := range rawLines(f.counting(kind, file)) {
			if n++; n <= from && err == nil {
				continue
			}
			var v *T
			if err == nil {
				v, err = decode[T](line)
			}
			if err != nil {
				err = fmt.Errorf("%s:%d: %w", name, n, err)
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// rawLines yields lines of any length. Each is valid until the next.
func rawLines(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		in := bufio.NewReaderSize(r, 1<<16)
		for {
			line, err := in.ReadBytes('\n')
			last := err == io.EOF
			if last {
				if err = nil; len(line) == 0 {
					return
				}
			}
			if !yield(line, err) || err != nil || last {
				return
			}
		}
	}
}

// counting returns a reader of the part of a file that counts.
func (f *folder) counting(kind cometchat.ImportKind, file io.Reader) io.Reader {
	if e := f.state.Export[kind]; e.Bytes > 0 {
		return io.LimitReader(file, e.Bytes)
	}
	return file
}

// decode decodes one line. It refuses unknown members, so that a misspelt one is
// not lost.
func decode[T any](line []byte) (*T, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	v := new(T)
	if err := dec.Decode(v); err != nil {
		if err == io.EOF {
			err = errors.New("the line is empty")
		}
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("there is more than one value in the line")
	}
	return v, nil
}

// count returns the number of lines in the file of a kind.
func (f *folder) count(kind cometchat.ImportKind) (n int, err error) {
	file, err := os.Open(f.file(kind))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if e := f.state.Export[kind]; e.Bytes > 0 {
		return e.Lines, nil
	}
	for _, err := range rawLines(file) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// source returns the values of the lines that follow the given line of each kind.
// It leaves out kinds without a file.
func (f *folder) source(from func(cometchat.ImportKind) int) (s cometchat.ImportSource) {
	has := func(kind cometchat.ImportKind) bool {
		_, err := os.Stat(f.file(kind))
		return err == nil
	}
	if kind := cometchat.ImportKindRole; has(kind) {
		s.Roles = lines[cometchat.CreateRoleRequest](f, kind, from(kind))
	}
	if kind := cometchat.ImportKindUser; has(kind) {
		s.Users = lines[cometchat.ImportUser](f, kind, from(kind))
	}
	if kind := cometchat.ImportKindGroup; has(kind) {
		s.Groups = lines[cometchat.ImportGroup](f, kind, from(kind))
	}
	if kind := cometchat.ImportKindMember; has(kind) {
		s.Members = lines[cometchat.ImportMember](f, kind, from(kind))
	}
	if kind := cometchat.ImportKindMessage; has(kind) {
		s.Messages = lines[cometchat.ImportMessage](f, kind, from(kind))
	}
	return s
}
