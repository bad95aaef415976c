package cometchattest

import (
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"
)

// document is a JSON object that the API stores, mostly without acting on it. Its
// members are values returned by a memberKind. A change merges members that are
// documents and replaces the others.
type document map[string]any

// merged returns a copy of d with the members of change.
func (d document) merged(change document) document {
	out := maps.Clone(d)
	if out == nil {
		out = document{}
	}
	for name, value := range change {
		if inner, ok := value.(document); ok {
			old, _ := out[name].(document)
			value = old.merged(inner)
		}
		out[name] = value
	}
	return out
}

// without returns a copy of d without some members.
func (d document) without(names ...string) document {
	out := maps.Clone(d)
	maps.DeleteFunc(out, func(name string, _ any) bool { return slices.Contains(names, name) })
	return out
}

// at returns a nested document, which is empty if there is none.
func (d document) at(name string) document {
	inner, _ := d[name].(document)
	return inner
}

// text returns a member that is a string, or "" if there is none.
func (d document) text(name string) string {
	text, _ := d[name].(string)
	return text
}

// documents holds a document for each key, in the order they were created.
type documents struct {
	keys  []string
	byKey map[string]document
}

func newDocuments() *documents { return &documents{byKey: map[string]document{}} }

// get returns the document with a key, or nil if there is none.
func (s *documents) get(key string) document { return s.byKey[key] }

func (s *documents) set(key string, d document) {
	if s.byKey[key] == nil {
		s.keys = append(s.keys, key)
	}
	s.byKey[key] = d
}

func (s *documents) delete(key string) {
	delete(s.byKey, key)
	s.keys = slices.DeleteFunc(s.keys, func(k string) bool { return k == key })
}

// list returns all documents, oldest first.
func (s *documents) list() []document {
	list := make([]document, len(s.keys))
	for i, key := range s.keys {
		list[i] = s.byKey[key]
	}
	return list
}

// documentKind is a resource that stores a JSON object for each key. Its methods
// are handlers.
type documentKind struct {
	store func(st *state) *documents
	// key returns the key of the document that a request is about.
	key     func(c *call, sent document) (string, error)
	members members
	// required are the members that a new document must have.
	required []string
	// check, if set, records errors of a document other than those of its
	// members.
	check func(c *call, f *fields, sent document)
	// missing and taken return the errors for a document that does not exist, and
	// for a new document whose key is taken.
	missing, taken func(key string) *apiError
	// view returns the response about a document, which is nil if it does not
	// exist.
	view func(c *call, key string, d document) any
}

// read reads the document in the body of the request.
func (k documentKind) read(c *call, required ...string) (document, error) {
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	f.require(required...)
	sent := k.members.read(f)
	if k.check != nil {
		k.check(c, f, sent)
	}
	return sent, f.err()
}

func (k documentKind) get(c *call) (any, error) {
	key, err := k.key(c, nil)
	if err != nil {
		return nil, err
	}
	return k.view(c, key, k.store(c.state).get(key)), nil
}

// create stores a new document.
func (k documentKind) create(c *call) (any, error) {
	sent, err := k.read(c, k.required...)
	if err != nil {
		return nil, err
	}
	key, err := k.key(c, sent)
	if err != nil {
		return nil, err
	}
	if k.store(c.state).get(key) != nil {
		return nil, k.taken(key)
	}
	k.store(c.state).set(key, sent)
	return k.view(c, key, sent), nil
}

// change merges the document in the body into the stored one. The stored document
// may be absent if missing is nil.
func (k documentKind) change(c *call) (any, error) {
	sent, err := k.read(c)
	if err != nil {
		return nil, err
	}
	key, err := k.key(c, sent)
	if err != nil {
		return nil, err
	}
	old := k.store(c.state).get(key)
	if old == nil && k.missing != nil {
		return nil, k.missing(key)
	}
	changed := old.merged(sent)
	k.store(c.state).set(key, changed)
	return k.view(c, key, changed), nil
}

// remove deletes a document.
func (k documentKind) remove(c *call) (any, error) {
	key, err := k.key(c, nil)
	if err != nil {
		return nil, err
	}
	if k.store(c.state).get(key) == nil && k.missing != nil {
		return nil, k.missing(key)
	}
	k.store(c.state).delete(key)
	return done()
}

// done returns the response of operations that return no data.
func done() (any, error) { return acknowledgement{Success: true}, nil }

// silently wraps a handler so that its response only says that it succeeded.
func silently(handle func(*call) (any, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		if _, err := handle(c); err != nil {
			return nil, err
		}
		return done()
	}
}

// memberKind reads one member of a document. It reports false if the member was
// not sent, or if it is invalid, which it records in f.
type memberKind func(f *fields, name string) (value any, ok bool)

// members are the members a document can have. Others are ignored.
type members map[string]memberKind

func (m members) read(f *fields) document {
	d := document{}
	for name, kind := range m {
		if !f.has(name) {
			continue
		}
		if value, ok := kind(f, name); ok {
			d[name] = value
		}
	}
	return d
}

// with returns a copy of m with more members.
func (m members) with(more members) members {
	out := maps.Clone(m)
	maps.Copy(out, more)
	return out
}

// all returns members of one kind.
func all(kind memberKind, names ...string) members {
	m := members{}
	for _, name := range names {
		m[name] = kind
	}
	return m
}

// aText returns a kind of string of at most limit characters; 0 means no limit.
func aText(limit int) memberKind {
	return func(f *fields, name string) (any, bool) {
		var text string
		if json.Unmarshal(f.members[name], &text) != nil {
			f.fail(name, "The field %s must be a string.", name)
			return nil, false
		}
		if limit > 0 && utf8.RuneCountInString(text) > limit {
			f.fail(name, "The field %s may have %d characters at most.", name, limit)
			return nil, false
		}
		return text, true
	}
}

func aTruth(f *fields, name string) (any, bool) { return f.boolean(name) }

// aNumber returns a kind of integer from low to high. If valid is not nil, it
// must report true for the number.
func aNumber(low, high int, valid func(int) bool) memberKind {
	return func(f *fields, name string) (any, bool) {
		var n int
		if json.Unmarshal(f.members[name], &n) != nil || n < low || n > high || valid != nil && !valid(n) {
			f.fail(name, "The field %s must be a valid number from %d to %d.", name, low, high)
			return nil, false
		}
		return n, true
	}
}

// aChoice returns a kind of integer from 1 to high.
func aChoice(high int) memberKind { return aNumber(1, high, nil) }

// anObject returns a kind of object that changes are merged into.
func anObject(m members) memberKind {
	return func(f *fields, name string) (any, bool) {
		inner, ok := f.object(name)
		return m.read(inner), ok
	}
}

// aWhole returns a kind of object that changes replace.
func aWhole(m members) memberKind {
	return func(f *fields, name string) (any, bool) {
		inner, ok := f.object(name)
		return map[string]any(m.read(inner)), ok
	}
}

// aJSON accepts any JSON object.
func aJSON(f *fields, name string) (any, bool) { return f.document(name, 0) }
