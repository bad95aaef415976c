package cometchattest

import (
	"cmp"
	"slices"
)

// entry is a row of a table with its position in the order of creation.
type entry[T any] struct {
	id    string
	at    int64 // createdAt, in seconds
	seq   uint64
	value T
}

func compareEntries[T any](a, b *entry[T]) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq))
}

// index holds entries in the order of creation. A page of a million rows is cut
// by position, without sorting.
type index[T any] struct {
	entries []*entry[T] // oldest first
}

func (ix *index[T]) insert(e *entry[T]) {
	if n := len(ix.entries); n == 0 || compareEntries(ix.entries[n-1], e) < 0 {
		ix.entries = append(ix.entries, e)
		return
	}
	i, _ := slices.BinarySearchFunc(ix.entries, e, compareEntries[T])
	ix.entries = slices.Insert(ix.entries, i, e)
}

// insertAll adds many entries with at most one sort.
func (ix *index[T]) insertAll(entries []*entry[T]) {
	if len(entries) == 1 {
		ix.insert(entries[0])
		return
	}
	last := max(len(ix.entries)-1, 0) // sorted up to here
	ix.entries = append(ix.entries, entries...)
	if !slices.IsSortedFunc(ix.entries[last:], compareEntries[T]) {
		slices.SortFunc(ix.entries, compareEntries[T])
	}
}

func (ix *index[T]) remove(e *entry[T]) {
	if i, ok := slices.BinarySearchFunc(ix.entries, e, compareEntries[T]); ok {
		ix.entries = slices.Delete(ix.entries, i, i+1)
	}
}

// count and at implement rows, newest first.
func (ix *index[T]) count() int { return len(ix.entries) }
func (ix *index[T]) at(i int) T { return ix.entries[len(ix.entries)-1-i].value }

// oldestFirst are the same rows in reverse order.
type oldestFirst[T any] struct{ *index[T] }

func (o oldestFirst[T]) at(i int) T { return o.entries[i].value }

// table holds rows by id and in the order of creation.
type table[T any] struct {
	index[T]
	byID map[string]*entry[T]
	seq  uint64
}

func newTable[T any]() *table[T] { return &table[T]{} }

// get returns the row with an id.
func (t *table[T]) get(id string) (T, bool) {
	if e, ok := t.byID[id]; ok {
		return e.value, true
	}
	var none T
	return none, false
}

// newEntry returns an entry for a row created at a time in seconds, and adds it
// to byID. The caller inserts it into the index.
func (t *table[T]) newEntry(id string, at int64, value T) *entry[T] {
	t.seq++
	e := &entry[T]{id: id, at: at, seq: t.seq, value: value}
	if t.byID == nil {
		t.byID = map[string]*entry[T]{}
	}
	t.byID[id] = e
	return e
}

// add stores a row created at a time in seconds, replacing any row with the same
// id.
func (t *table[T]) add(id string, at int64, value T) {
	t.delete(id)
	t.insert(t.newEntry(id, at, value))
}

// delete removes the row with an id and returns its entry, or nil if there is
// none.
func (t *table[T]) delete(id string) *entry[T] {
	e := t.byID[id]
	if e != nil {
		delete(t.byID, id)
		t.remove(e)
	}
	return e
}
