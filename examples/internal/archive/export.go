// Package archive writes messages to a file, one a line, as the API sent them. An
// export that was stopped in any way can be continued.
package archive

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
)

// windowsPerWorker keeps workers busy if messages are not evenly spread: a worker
// that has finished an empty window takes the next one.
const windowsPerWorker = 4

// Source is what to export: an App or a Conversation.
type Source struct {
	// split returns the windows of a new export.
	split func(ctx context.Context, workers int) ([]*window, error)
	// list returns the messages of a window.
	list func(w *window) *cometchat.CursorList[cometchat.Message]
}

// App returns the Source of all messages that a client sees.
func App(client *cometchat.Client, limit int) Source {
	return Source{
		split: func(ctx context.Context, workers int) ([]*window, error) {
			n := 1
			if workers > 1 {
				n = workers * windowsPerWorker
			}
			parts, err := client.Messages.Windows(ctx, nil, n)
			windows := make([]*window, len(parts))
			for i, part := range parts {
				windows[i] = &window{From: part.SentFrom, To: part.SentTo}
			}
			return windows, err
		},
		list: func(w *window) *cometchat.CursorList[cometchat.Message] {
			return client.Messages.List(&cometchat.MessageListOptions{Limit: limit, WithTags: true, SentFrom: w.From, SentTo: w.To})
		},
	}
}

// Conversation returns the Source of the messages with a user or a group, in one
// window.
func Conversation(client *cometchat.Client, with cometchat.Receiver, limit int) Source {
	return Source{
		split: func(context.Context, int) ([]*window, error) { return []*window{{}}, nil },
		list: func(w *window) *cometchat.CursorList[cometchat.Message] {
			return client.Messages.ListWith(with, &cometchat.ConversationMessageListOptions{
				Limit: limit, FromTimestamp: w.From, ToTimestamp: w.To,
			})
		},
	}
}

// Export begins or continues the export to a file, and reports its progress to
// out. The client must keep raw items.
func Export(ctx context.Context, from Source, name string, workers int, out io.Writer) error {
	j, err := open(name, func() ([]*window, error) { return from.split(ctx, workers) })
	if err != nil {
		return err
	}
	before, begun := j.Messages(), time.Now()
	if before > 0 {
		fmt.Fprintf(out, "Going on after %s.\n", cli.Count(before, "message"))
	}
	stop := report(j, out)
	err = walk(ctx, j, from, workers)
	stop()
	if err != nil {
		return cli.Stopped(ctx, err, "after "+cli.Count(j.Messages(), "message")+", call it again to go on")
	}
	fmt.Fprintf(out, "%s in %s, %s of them new, in %s.\n",
		cli.Count(j.Messages(), "message"), name, cli.Number(j.Messages()-before), cli.Took(begun))
	return nil
}

// walk walks the unfinished windows with this number of workers, the first
// windows first. The first error stops all workers.
func walk(ctx context.Context, j *journal, from Source, workers int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo := make(chan int, len(j.Windows))
	for i, w := range j.Windows {
		if !w.Done {
			todo <- i
		}
	}
	close(todo)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range todo {
				if err := walkWindow(ctx, j, from, i); err != nil {
					cancel(err) // the first one counts
					return
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

func walkWindow(ctx context.Context, j *journal, from Source, i int) error {
	w := j.Windows[i] // only this worker writes to it
	for page, err := range from.list(w).From(w.Position).Pages(ctx) {
		if err != nil {
			return err
		}
		if len(page.Items) == 0 {
			continue
		}
		if err := j.Append(i, page); err != nil {
			return err
		}
	}
	return j.Finish(i)
}

// report shows how far the export is, how fast it is and how long it will take.
// At a terminal, it updates one line every second. Elsewhere, it adds a line
// every five seconds. It stops when the returned function is called.
func report(j *journal, out io.Writer) (stop func()) {
	every := 5 * time.Second
	if cli.IsTerminal(out) {
		every = time.Second
	}
	begun, before, share := time.Now(), j.Messages(), j.Share(time.Now())
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		ticks := time.NewTicker(every)
		defer ticks.Stop()
		shown := false
		for {
			select {
			case <-done:
				if shown {
					cli.EndStatus(out)
				}
				return
			case now := <-ticks.C:
				shown = true
				cli.Status(out, status(now.Sub(begun), j.Messages(), before, j.Share(now), share))
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

// status returns a line about an export. The export took this long for what it
// has got in addition to what it had before.
func status(took time.Duration, messages, before int, share, shareBefore float64) string {
	line := fmt.Sprintf("%3.0f %%  %s", 100*share, cli.Count(messages, "message"))
	if got := messages - before; got > 0 {
		line += "  " + cli.Number(int(float64(got)/took.Seconds())) + "/s"
	}
	if share > shareBefore {
		left := time.Duration(float64(took) * (1 - share) / (share - shareBefore))
		line += fmt.Sprintf("  %s left", left.Round(time.Second))
	}
	return line
}
