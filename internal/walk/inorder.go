package walk

import (
	"context"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
)

// InOrder calls f for every value that source yields, n calls at a time. It
// yields the results in the order of the source. A call that returns an error
// beside its result ends the walk, and so do an error of the source and the end
// of ctx. In these cases InOrder yields the results of the calls that have begun,
// and then the error, once. Breaking off the range cancels the calls. If a call
// panics, the panic happens in the goroutine that ranges.
func InOrder[In, Out any](ctx context.Context, source iter.Seq2[In, error], n int, f func(context.Context, In) (Out, error)) iter.Seq2[Out, error] {
	return func(yield func(Out, error) bool) {
		o := &ordered[Out]{yield: yield}
		ctx, cancel := context.WithCancel(ctx)
		defer o.wg.Wait()
		defer cancel()
		end, left := feed(ctx, source, o, max(n, 1), f)
		for !left && len(o.queue) > 0 {
			left = !o.take()
		}
		if o.err != nil {
			end = o.err
		}
		if end != nil && !left {
			var none Out
			yield(none, end)
		}
	}
}

// feed begins the calls, and yields the results that are due before the next one
// may begin. It returns the error that ended the source early, and whether the
// range was broken off.
func feed[In, Out any](ctx context.Context, source iter.Seq2[In, error], o *ordered[Out], n int, f func(context.Context, In) (Out, error)) (end error, left bool) {
	for in, err := range source {
		switch {
		case o.failed.Load():
			return nil, false
		case err != nil:
			return err, false
		case ctx.Err() != nil:
			return ctx.Err(), false
		}
		o.start(func() (Out, error) { return f(ctx, in) })
		if len(o.queue) >= n && !o.take() {
			return nil, true
		}
	}
	return nil, false
}

// ordered holds the calls under way, the oldest first.
type ordered[Out any] struct {
	yield  func(Out, error) bool
	queue  []<-chan fetched[Out]
	wg     sync.WaitGroup
	failed atomic.Bool
	err    error // of the first call that failed
}

func (o *ordered[Out]) start(call func() (Out, error)) {
	done := make(chan fetched[Out], 1)
	o.queue = append(o.queue, done)
	o.wg.Go(func() {
		r := fetched[Out]{exited: true}
		defer func() {
			r.panicked = recover()
			done <- r
		}()
		r.page, r.err = call()
		r.exited = false
		if r.err != nil {
			o.failed.Store(true)
		}
	})
}

// take yields the result of the oldest call. It returns false if the range was
// broken off.
func (o *ordered[Out]) take() bool {
	r := <-o.queue[0]
	o.queue = o.queue[1:]
	switch {
	case r.panicked != nil:
		panic(r.panicked)
	case r.exited:
		runtime.Goexit()
	}
	if o.err == nil {
		o.err = r.err
	}
	return o.yield(r.page, nil)
}
