package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/examples/internal/archive"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
)

// shownProblems is the number of wrong lines to show.
const shownProblems = 20

// check reads all lines before a request is sent.
func (m *move) check(ctx context.Context) error {
	total := 0
	for _, kind := range kinds {
		n, err := m.folder.count(kind)
		if err != nil {
			return err
		}
		total += n
	}
	p := m.progress("check", 0, total)
	defer p.end()
	source := m.folder.source(func(cometchat.ImportKind) int { return 0 })
	source.Roles, source.Users, source.Groups = counted(p, source.Roles), counted(p, source.Users), counted(p, source.Groups)
	source.Members, source.Messages = counted(p, source.Members), counted(p, source.Messages)
	problems := 0
	for r, err := range m.target.DataImport.Check(source) {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if problems++; problems <= shownProblems {
			fmt.Fprintf(m.Out, "%s:%d: %s: %v\n", m.folder.file(r.Kind), r.Index+1, r.ID, r.Err)
		}
	}
	if problems > 0 {
		return fmt.Errorf("%s wrong, so that nothing was sent", cli.Count(problems, "line"))
	}
	return nil
}

// counted reports progress for each value that a source yields.
func counted[T any](p *progress, source iter.Seq2[*T, error]) iter.Seq2[*T, error] {
	if source == nil {
		return nil
	}
	return func(yield func(*T, error) bool) {
		for v, err := range source {
			p.at(p.done + 1)
			if !yield(v, err) {
				return
			}
		}
	}
}

// send sends the lines that have not been sent yet, in the order of their kinds.
func (m *move) send(ctx context.Context) error {
	s := &m.folder.state
	from := func(kind cometchat.ImportKind) int { return s.Import[kind].Lines }
	starts := map[cometchat.ImportKind]int{}
	for _, kind := range kinds {
		starts[kind] = from(kind)
	}
	w := &importWriter{move: m, saved: m.clock()}
	defer func() { w.progress.end() }()
	var err error
	for r, failed := range m.target.DataImport.Run(ctx, m.folder.source(from), &cometchat.ImportOptions{SkipExisting: true}) {
		if failed != nil {
			err = failed
			break
		}
		if unsettled(r.Err) {
			err = r.Err
			break // it is sent again next time, with all that follow
		}
		if err = w.note(starts[r.Kind], r); err != nil {
			break
		}
	}
	if err = errors.Join(err, w.save()); err != nil {
		return cli.Stopped(ctx, err, "in the import, call again to go on")
	}
	w.progress.end()
	failed := 0
	for _, kind := range kinds {
		done := s.Import[kind]
		failed += done.Failed
		fmt.Fprintf(m.Out, "%-9s %s sent, %s of them there already, %s failed\n",
			string(kind)+"s:", cli.Number(done.Lines), cli.Number(done.Existing), cli.Number(done.Failed))
	}
	if failed > 0 {
		return fmt.Errorf("%s refused: see %s", cli.Count(failed, "line"), m.folder.path("failures.jsonl"))
	}
	return nil
}

// unsettled reports whether a failure leaves the outcome of a line open, or would
// also happen to every other line.
func unsettled(err error) bool {
	var wrong *cometchat.ValidationError
	var e *cometchat.Error
	switch {
	case err == nil || errors.As(err, &wrong):
		return false
	case errors.Is(err, cometchat.ErrOutcomeUnknown) || !errors.As(err, &e):
		return true
	}
	return e.StatusCode >= 400 && !errors.Is(err, cometchat.ErrInvalidRequest)
}

// importWriter records the results of an import.
type importWriter struct {
	*move
	progress *progress
	kind     cometchat.ImportKind
	failures bytes.Buffer // not on disk yet
	saved    time.Time
}

// failure is a line of failures.jsonl.
type failure struct {
	File  string `json:"file"`
	Line  int    `json:"line"`
	ID    string `json:"id"`
	Error string `json:"error"`
}

// note records a result.
func (w *importWriter) note(start int, r *cometchat.ImportResult) error {
	if r.Kind != w.kind {
		w.progress.end()
		total, err := w.folder.count(r.Kind)
		if err != nil {
			return err
		}
		w.kind, w.progress = r.Kind, w.move.progress("import "+string(r.Kind)+"s", start, total)
	}
	done := w.folder.state.Import[r.Kind]
	done.Lines = start + r.Index + 1
	switch {
	case r.Err != nil:
		done.Failed++
		line, err := json.Marshal(failure{w.folder.file(r.Kind), done.Lines, r.ID, r.Err.Error()})
		if err != nil {
			return err
		}
		w.failures.Write(append(line, '\n'))
	case r.Existing:
		done.Existing++
	}
	w.progress.at(done.Lines)
	if w.clock().Sub(w.saved) < time.Second {
		return nil
	}
	return w.save()
}

// save writes the results to disk.
func (w *importWriter) save() error {
	s := &w.folder.state
	if w.failures.Len() > 0 {
		end, err := archive.Write(w.folder.path("failures.jsonl"), s.Failures, &w.failures)
		if err != nil {
			return err
		}
		s.Failures = end
		w.failures.Reset()
	}
	w.saved = w.clock()
	return w.folder.save()
}
