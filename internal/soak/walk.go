package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/go-cometchat/cometchat"
)

// chunk is what one iteration of a walk yields: one item, or a page with the
// position after it.
type chunk struct {
	ids  []string
	next cometchat.Position
}

// walk is one way to go through a list that does not change. from begins at a
// position.
type walk struct {
	name string
	want []string // the ids, in the expected order
	from func(context.Context, cometchat.Position) iter.Seq2[chunk, error]
	// paged is true if chunks are pages, so that a walk can be left after each.
	paged bool
}

// maxSetbacks is the number of errors after which a walk is given up.
const maxSetbacks = 80

// follow goes through a list in one of the possible ways. It resumes after
// errors. If the walk is by pages, it also leaves and resumes it without a
// reason. It returns what was seen, and whether the end was reached.
func (w *worker) follow(ctx context.Context, t *turn, c *cometchat.Client, way int) (k walk, seen []string, done bool, err error) {
	var at cometchat.Position
	for range maxSetbacks {
		k = w.scenery.walk(c.With(cometchat.WithUserAgent(t.place().tag())), way)
		at = stored(t, at)
		left := false
		err = nil
		for c, e := range k.from(ctx, at) {
			if e != nil {
				err = e
				break
			}
			seen = append(seen, c.ids...)
			if k.paged && !c.next.IsZero() && t.rnd.IntN(4) == 0 {
				at, left = c.next, true
				break
			}
		}
		if left {
			continue
		}
		if err == nil {
			return k, seen, true, nil
		}
		w.log(t, err)
		w.unexplained(t, err)
		var page *cometchat.PageError
		if !errors.As(err, &page) {
			w.report("walk", "%s: an error that is no PageError: %v", w.origin(t), err)
			return k, seen, false, err
		}
		at = page.Position
		if ctx.Err() != nil { // the caller has lost patience; another caller takes over
			ctx = context.Background()
		}
	}
	return k, seen, false, err
}

// stored sometimes converts a position to JSON and back, as if another process
// were to resume.
func stored(t *turn, p cometchat.Position) cometchat.Position {
	if t.rnd.IntN(2) == 0 {
		return p
	}
	var q cometchat.Position
	b, err := json.Marshal(p)
	if err == nil {
		err = json.Unmarshal(b, &q)
	}
	if err != nil || q != p {
		panic(fmt.Sprintf("a position does not survive JSON: %q became %q: %v", p, q, err))
	}
	return q
}

// check compares what a walk has seen with what it should have seen.
func (k walk) check(seen []string, done bool) (problem string) {
	want := k.want
	if !done {
		want = want[:min(len(seen), len(want))]
	}
	if slices.Equal(seen, want) {
		return ""
	}
	count := map[string]int{}
	for _, id := range seen {
		count[id]++
	}
	var missed, again []string
	for _, id := range want {
		if count[id] == 0 {
			missed = append(missed, id)
		}
	}
	for id, n := range count {
		if n > 1 {
			again = append(again, id)
		}
	}
	slices.Sort(again)
	return fmt.Sprintf("%s: %d items in place of %d; %d missed (%s), %d seen more than once (%s)",
		k.name, len(seen), len(want), len(missed), some(missed), len(again), some(again))
}

func some(ids []string) string {
	if len(ids) == 0 {
		return "none"
	}
	text := ids[0]
	if len(ids) > 1 {
		text += " to " + ids[len(ids)-1]
	}
	return text
}

// items yields a chunk for each item.
func items[T any](seq iter.Seq2[*T, error], id func(*T) string) iter.Seq2[chunk, error] {
	return func(yield func(chunk, error) bool) {
		for v, err := range seq {
			c := chunk{}
			if err == nil {
				c.ids = []string{id(v)}
			}
			if !yield(c, err) {
				return
			}
		}
	}
}

func pageWalk[T any](name string, list *cometchat.PageList[T], want []string, paged bool, id func(*T) string) walk {
	return walk{name: name, want: want, paged: paged, from: func(ctx context.Context, p cometchat.Position) iter.Seq2[chunk, error] {
		if !paged {
			return items(list.From(p).All(ctx), id)
		}
		return func(yield func(chunk, error) bool) {
			for page, err := range list.From(p).Pages(ctx) {
				c := chunk{}
				if err == nil {
					c = chunk{idsOf(page.Items, id), page.Next}
				}
				if !yield(c, err) {
					return
				}
			}
		}
	}}
}

func cursorWalk[T any](name string, list *cometchat.CursorList[T], want []string, paged, backward bool, id func(*T) string) walk {
	if backward {
		want = slices.Clone(want)
		slices.Reverse(want)
	}
	return walk{name: name, want: want, paged: paged, from: func(ctx context.Context, p cometchat.Position) iter.Seq2[chunk, error] {
		list := list.From(p)
		if !paged && backward {
			return items(list.Backward(ctx), id)
		}
		if !paged {
			return items(list.All(ctx), id)
		}
		return func(yield func(chunk, error) bool) {
			walked := list.Pages
			if backward {
				walked = list.PagesBackward
			}
			for page, err := range walked(ctx) {
				c := chunk{}
				switch {
				case err != nil:
				case backward:
					c = chunk{idsOf(page.Items, id), page.Previous}
					slices.Reverse(c.ids)
				default:
					c = chunk{idsOf(page.Items, id), page.Next}
				}
				if !yield(c, err) {
					return
				}
			}
		}
	}}
}

func idsOf[T any](items []*T, id func(*T) string) []string {
	ids := make([]string, len(items))
	for i, v := range items {
		ids[i] = id(v)
	}
	return ids
}

// scenery holds the objects that exist before the workers start, and that no
// worker changes.
type scenery struct {
	users, members, messages []string // ids in the order of the lists
}

// The sizes of the scenery: several pages of each list, with a last one that is
// not full.
const (
	staticUsers    = 330
	staticMessages = 420
	staticMembers  = 95
)

const (
	staticTag   = "static"
	staticGroup = "static-group"
	staticA     = "static-001"
	staticB     = "static-002"
)

// walk returns the nth way through the scenery. The page sizes are not divisors
// of the lengths of the lists.
func (s *scenery) walk(c *cometchat.Client, n int) walk {
	paged, prefetch, backward := n%2 == 1, []int{0, 1, 4, 16}[n/2%4], n/8%2 == 1
	switch n / 16 % 3 {
	case 0:
		return pageWalk(fmt.Sprintf("users, prefetch %d", prefetch),
			c.Users.List(&cometchat.UserListOptions{Tags: []string{staticTag}, PerPage: 37}).Prefetch(prefetch), s.users, paged,
			func(u *cometchat.User) string { return u.UID })
	case 1:
		return pageWalk(fmt.Sprintf("members, prefetch %d", prefetch),
			c.GroupMembers.List(staticGroup, &cometchat.GroupMemberListOptions{PerPage: 11}).Prefetch(prefetch), s.members, paged,
			func(m *cometchat.GroupMember) string { return m.UID })
	}
	return cursorWalk(fmt.Sprintf("messages, prefetch %d, backward %t", prefetch, backward),
		c.OnBehalfOf(staticA).Messages.ListWith(cometchat.ToUser(staticB), &cometchat.ConversationMessageListOptions{Limit: 41}).Prefetch(prefetch),
		s.messages, paged, backward, func(m *cometchat.Message) string { return m.ID })
}

// ways is the number of different walks.
const ways = 48
