package privacy

import (
	"errors"
	"strings"
)

// Options say what may be said.
type Options struct {
	MinTraces  uint64      // K; 0: DefaultMinTraces
	Rename     []byte      // key for new names, at least MinKey bytes; empty: names stay
	Allow      []string    // keys of attributes, or what they begin with, such as shop.*
	Deny       []string    // likewise
	TimesOfDay bool        // when in a day things happen may be said
	Public     *Vocabulary // what is known anyway; nil: nothing
}

// DefaultMinTraces is how many traces must have what is said.
const DefaultMinTraces = 10

// MinKey is how long a key for new names must be, in bytes.
const MinKey = 16

// Policy decides. It is not safe for concurrent use: names and texts that it gives are remembered.
type Policy struct {
	o      Options
	names  *renamer // nil: names stay
	public *Vocabulary

	neutrals map[int]map[uint64]int // numbers of free texts, by length and hash
	stands   map[uint64]uint64      // numbers of values for which others stand, by hash
}

// New returns a policy, or an error that says which option is wrong.
func New(o Options) (*Policy, error) {
	if o.MinTraces == 0 {
		o.MinTraces = DefaultMinTraces
	}
	p := &Policy{o: o, public: o.Public, neutrals: make(map[int]map[uint64]int), stands: make(map[uint64]uint64)}
	if p.public == nil {
		p.public = NewVocabulary()
	}
	for _, list := range [][]string{o.Allow, o.Deny} {
		for _, key := range list {
			if strings.Trim(key, "*") == "" || strings.Contains(strings.TrimSuffix(key, "*"), "*") {
				return nil, errors.New("keys to allow or deny are whole, or end in *: " + key)
			}
		}
	}
	if len(o.Rename) > 0 {
		if len(o.Rename) < MinKey {
			return nil, errors.New("the key for new names is too short: want 16 bytes or more")
		}
		p.names = newRenamer(o.Rename, p.public)
	}
	return p, nil
}

// MinTraces returns K.
func (p *Policy) MinTraces() uint64 { return p.o.MinTraces }

// TimesOfDay reports whether it may be said when in a day things happen.
func (p *Policy) TimesOfDay() bool { return p.o.TimesOfDay }

// Renames reports whether names get new ones.
func (p *Policy) Renames() bool { return p.names != nil }

// Enough reports whether what so many traces have may be said: a shape, an edge.
func (p *Policy) Enough(traces uint64) bool { return traces >= p.o.MinTraces }

// Name returns how a service, an operation, a span, a target, an event, a scope or a
// metric is called in what is learnt, which so many traces have; false: it may not be
// named. The words of it that look like ids are placeholders ({digits}, {hex}, {uuid},
// {email}, {host}, {ip}, {word}), so that two names can become one.
func (p *Policy) Name(text string, traces uint64) (string, bool) {
	if p.public.Has(text) {
		return p.rename(text), true
	}
	if text == "" || !p.Enough(traces) || len(text) > maxName {
		return "", false
	}
	return p.rename(mask(text, p.public)), true
}

// maxName bounds names, in bytes: what is longer is text.
const maxName = 256

// Key returns how a key of attributes, which so many traces have, is called in what is
// learnt; false: it may not be named. Keys of the registries stay as they are.
func (p *Policy) Key(key string, traces uint64) (string, bool) {
	switch {
	case p.Denied(key):
		return "", false
	case p.public.Has(key):
	case key == "" || len(key) > maxName || !p.listed(p.o.Allow, key) && (!p.Enough(traces) || mask(key, p.public) != key):
		return "", false
	}
	return p.rename(key), true
}

// Denied reports whether nothing may be said of a key.
func (p *Policy) Denied(key string) bool { return p.listed(p.o.Deny, key) }

// Allowed reports whether values of a key may be said as they are.
func (p *Policy) Allowed(key string) bool { return !p.Denied(key) && p.listed(p.o.Allow, key) }

func (p *Policy) listed(list []string, key string) bool {
	for _, k := range list {
		if start, open := strings.CutSuffix(k, "*"); k == key || open && strings.HasPrefix(key, start) {
			return true
		}
	}
	return false
}

func (p *Policy) rename(text string) string {
	if p.names == nil {
		return text
	}
	return p.names.name(text)
}
