package main

import (
	"fmt"
	"io"
	"time"

	"github.com/go-cometchat/cometchat/examples/internal/cli"
)

// progress reports the progress of a stage: every second at a terminal, and every
// ten seconds elsewhere.
type progress struct {
	out   io.Writer
	clock func() time.Time
	name  string
	start int
	done  int
	total int // 0 if unknown
	begun time.Time
	told  time.Time
	ended bool
}

func (m *move) progress(name string, done, total int) *progress {
	now := m.clock()
	return &progress{
		out: m.Err, clock: m.clock, name: name, start: done, done: done, total: total, begun: now, told: now,
	}
}

// at sets the number of finished items, and reports it if it is time to.
func (p *progress) at(done int) {
	p.done = done
	every := 10 * time.Second
	if cli.IsTerminal(p.out) {
		every = time.Second
	}
	if now := p.clock(); now.Sub(p.told) >= every {
		p.told = now
		cli.Status(p.out, p.line())
	}
}

// end reports the result.
func (p *progress) end() {
	if p != nil && !p.ended {
		p.ended = true
		cli.Status(p.out, p.line())
		cli.EndStatus(p.out)
	}
}

// line returns a line such as "import users: 1,200 of 2,000 (60 %), 50 a second,
// 16s left".
func (p *progress) line() string {
	elapsed := p.clock().Sub(p.begun)
	rate := float64(p.done-p.start) / max(elapsed.Seconds(), 1e-3)
	text := p.name + ": " + cli.Number(p.done)
	if p.total > 0 {
		text += fmt.Sprintf(" of %s (%.0f %%)", cli.Number(p.total), 100*min(float64(p.done)/float64(p.total), 1))
	}
	switch {
	case rate >= 10:
		text += ", " + cli.Number(int(rate)) + " a second"
	case rate > 0:
		text += fmt.Sprintf(", %.1f a second", rate)
	}
	switch {
	case p.ended:
		return text + ", in " + elapsed.Round(time.Millisecond).String()
	case p.total > 0 && rate > 0:
		text += ", " + time.Duration(float64(p.total-p.done)/rate*float64(time.Second)).Round(time.Second).String() + " left"
	}
	return text
}
