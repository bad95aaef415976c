package cometchattest

import (
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"
)

// document is a JSON object that the API stores without acting on most of it.
// Members are what memberKind returns; of those, documents merge in a change, and
// everything else is replaced.
type document map[string]any

// merged returns d with the members of change, both left as they are.
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

// without returns d without some members.
func (d document) without(names ...string) document {
	out := maps.Clone(d)
	maps.DeleteFunc(out, func(name string, _ any) bool { return slices.Contains(names, name) })
	return out
}

// at returns a document inside, empty if there is none.
func (d document) at(name string) document {
	inner, _ := d[name].(document)
	return inner
}

// text returns a member that is a string, "" if there is none.
func (d document) text(name string) string {
	text, _ := d[name].(string)
	return text
}

// documents are one document for each key, in the order of their creation.
type documents struct {
	keys  []string
	byKey map[string]document
}

func newDocuments() *documents { return &documents{byKey: map[string]document{}} }

// get returns the document with a key; nil if there is none.
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

// documentKind is a resource of one JSON object for each key. Its methods are
// handlers.
type documentKind struct {
	store func(st *state) *documents
	// key names the document that a request is about.
	key     func(c *call, sent document) (string, error)
	members members
	// required are the members that a new document cannot do without.
	required []string
	// check, when set, notes what is wrong with a document apart from its members.
	check func(c *call, f *fields, sent document)
	// missing and taken are the errors for a document that is not there, and
	// for one to be created that is.
	missing, taken func(key string) *apiError
	// view is the response about the document with a key, nil if there is none.
	view func(c *call, key string, d document) any
}

// read reads the document that is sent.
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

// create stores a document where there is none.
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

// change merges what is sent into the document. Where missing is nil, there may
// be none.
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

// remove deletes the document.
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

// done is the response to what needs none.
func done() (any, error) { return acknowledgement{Success: true}, nil }

// silently makes a handler whose response only says that it succeeded.
func silently(handle func(*call) (any, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		if _, err := handle(c); err != nil {
			return nil, err
		}
		return done()
	}
}

// memberKind reads one member of a document; ok is false if it was not sent, or
// if it is not valid, which it notes.
type memberKind func(f *fields, name string) (value any, ok bool)

// members are the members that a document can have. Others are passed over.
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

// with returns m and more.
func (m members) with(more members) members {
	out := maps.Clone(m)
	maps.Copy(out, more)
	return out
}

// all makes members of one kind.
func all(kind memberKind, names ...string) members {
	m := members{}
	for _, name := range names {
		m[name] = kind
	}
	return m
}

// aText is a string of so many characters at most, 0 for no limit.
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

// aNumber is a whole number within bounds for which valid, unless it is nil,
// returns true.
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

// aChoice is one of the numbers from 1.
func aChoice(high int) memberKind { return aNumber(1, high, nil) }

// anObject is an object that changes merge into.
func anObject(m members) memberKind {
	return func(f *fields, name string) (any, bool) {
		inner, ok := f.object(name)
		return m.read(inner), ok
	}
}

// aWhole is an object that changes replace.
func aWhole(m members) memberKind {
	return func(f *fields, name string) (any, bool) {
		inner, ok := f.object(name)
		return map[string]any(m.read(inner)), ok
	}
}

// aJSON is any JSON object.
func aJSON(f *fields, name string) (any, bool) { return f.document(name, 0) }
