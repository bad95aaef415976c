package walk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// counted yields 0 to n-1, and then the error unless it is nil.
func counted(n int, err error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if err != nil {
			yield(0, err)
		}
	}
}

func TestInOrder(t *testing.T) {
	broken, failed := errors.New("broken"), errors.New("failed")
	for name, tt := range map[string]struct {
		source iter.Seq2[int, error]
		n      int
		fail   int // -1 for none
		want   int
		err    error
	}{
		"all":                 {counted(20, nil), 3, -1, 20, nil},
		"none":                {counted(0, nil), 3, -1, 0, nil},
		"one at a time":       {counted(20, nil), 0, -1, 20, nil},
		"a broken source":     {counted(7, broken), 3, -1, 7, broken},
		"nothing but broken":  {counted(0, broken), 3, -1, 0, broken},
		"a failure":           {counted(20, nil), 1, 4, 5, failed},
		"a failure, then bad": {counted(5, broken), 4, 4, 5, failed},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var under, most atomic.Int64
				var got []int
				var end error
				for v, err := range InOrder(t.Context(), tt.source, tt.n, func(_ context.Context, i int) (int, error) {
					most.Store(max(most.Load(), under.Add(1)))
					time.Sleep(time.Duration(20-i) * time.Second) // later calls are faster
					under.Add(-1)
					if i == tt.fail {
						return i, failed
					}
					return i, nil
				}) {
					assert.NoError(t, end)
					if end = err; err == nil {
						got = append(got, v)
					}
				}
				assert.Equal(t, tt.err, end)
				assert.Len(t, got, tt.want)
				for i, v := range got {
					assert.Equal(t, i, v)
				}
				assert.LessOrEqual(t, most.Load(), int64(max(tt.n, 1)))
			})
		})
	}
}

// TestInOrderStops checks that no call is left behind, however the walk ends.
func TestInOrderStops(t *testing.T) {
	for name, end := range map[string]func(cancel func()){
		"break":  nil,
		"cancel": func(cancel func()) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var under atomic.Int64
				var last error
				for v, err := range InOrder(ctx, counted(100, nil), 5, func(ctx context.Context, i int) (int, error) {
					under.Add(1)
					defer under.Add(-1)
					if i < 3 {
						return i, nil
					}
					<-ctx.Done()
					return i, ctx.Err()
				}) {
					if last = err; v == 0 && err == nil {
						if end == nil {
							break
						}
						end(cancel)
					}
				}
				if end != nil {
					assert.ErrorIs(t, last, context.Canceled)
				}
				assert.Zero(t, under.Load())
			})
		})
	}
	assert.PanicsWithValue(t, "at 1", func() {
		for range InOrder(t.Context(), counted(9, nil), 3, func(_ context.Context, i int) (int, error) {
			if i == 1 {
				panic(fmt.Sprint("at ", i))
			}
			return i, nil
		}) {
		}
	})
}
