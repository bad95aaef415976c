package webhook

import (
	"context"
	"errors"
	"sync"
)

// ErrClosed is passed to the hook of Failures for an event that was still queued
// when the time for Close ended.
var ErrClosed = errors.New("webhook: closed before the event was worked on")

// job is an event that waits for its callback.
type job struct {
	event    Event
	callback callback
}

// pool handles a queue of events.
type pool struct {
	run    func(context.Context, Event, callback) int
	failed func(context.Context, Event, error)
	ctx    context.Context // of the callbacks
	cancel context.CancelFunc
	begin  sync.Once
	size   int // workers
	done   chan struct{}

	mu     sync.RWMutex // for writing: closing the queue
	closed bool
	queue  chan job
}

func newPool(workers, queue int, run func(context.Context, Event, callback) int, failed func(context.Context, Event, error)) *pool {
	p := &pool{run: run, failed: failed, size: workers, done: make(chan struct{}), queue: make(chan job, queue)}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// add queues a job, and reports false if there is no room or the pool is closed.
// The first job starts the workers.
func (p *pool) add(j job) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return false
	}
	select {
	case p.queue <- j:
		p.begin.Do(p.start)
		return true
	default:
		return false
	}
}

func (p *pool) start() {
	var workers sync.WaitGroup
	for range p.size {
		workers.Go(p.work)
	}
	go func() {
		workers.Wait()
		close(p.done)
	}()
}

func (p *pool) work() {
	for j := range p.queue {
		if p.ctx.Err() != nil {
			p.failed(p.ctx, j.event, ErrClosed)
			continue
		}
		p.run(p.ctx, j.event, j.callback)
	}
}

// close accepts no more jobs and waits for those that are queued or running.
func (p *pool) close(ctx context.Context) error {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.queue)
		p.begin.Do(func() { close(p.done) }) // no worker has begun
	}
	p.mu.Unlock()
	select {
	case <-p.done:
		p.cancel()
		return nil
	case <-ctx.Done():
		p.cancel()
		return ctx.Err()
	}
}
