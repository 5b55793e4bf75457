package profile

import (
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// table is the attributes of a class or its like, by key.
type table struct {
	slots []slot
	index map[string]int32 // of slots
	at    int              // where the next key is likely to be
	bound uint64           // no key with a hash from it on is kept; 0: all are
	over  bool
}

// slot is one key. Slots are in the order in which keys came, which is about that in
// which spans have them.
type slot struct {
	name string
	hash uint64
	a    *Attribute
	key  *key // nil: not of spans
}

func keyHash(name []byte) uint64 { return sketch.Hash(otlp.KindText, name) }

// slot returns that of a key; nil: there is no room.
func (t *table) slot(b *Builder, name []byte, ofSpans bool) *slot {
	if t.at < len(t.slots) && string(name) == t.slots[t.at].name {
		t.at++
		return &t.slots[t.at-1]
	}
	if i, ok := t.index[string(name)]; ok {
		t.at = int(i) + 1
		return &t.slots[i]
	}
	h := keyHash(name)
	if t.bound != 0 && h >= t.bound {
		return nil
	}
	s := slot{name: string(name), hash: h, a: new(Attribute)}
	if ofSpans {
		s.key = b.key(s.name, h)
	}
	if t.index == nil {
		t.index = make(map[string]int32)
	}
	t.index[s.name] = int32(len(t.slots))
	t.slots = append(t.slots, s)
	t.at = len(t.slots)
	if len(t.slots) > b.o.Keys {
		t.over = true
	}
	if len(t.slots) > b.o.Keys+b.o.Keys/4 {
		t.trim(b.o.Keys)
		i, ok := t.index[string(name)]
		if !ok {
			return nil
		}
		t.at = int(i) + 1
	}
	return &t.slots[t.at-1]
}

// trim keeps the keys with the lowest hashes.
func (t *table) trim(most int) {
	if len(t.slots) <= most {
		return
	}
	hashes := make([]uint64, len(t.slots))
	for i := range t.slots {
		hashes[i] = t.slots[i].hash
	}
	slices.Sort(hashes)
	t.bound = hashes[most]
	t.slots = slices.DeleteFunc(t.slots, func(s slot) bool { return s.hash >= t.bound })
	clear(t.index)
	for i := range t.slots {
		t.index[t.slots[i].name] = int32(i)
	}
}

// export returns what a Profile has of it, and empties it.
func (t *table) export(most int) map[string]*Attribute {
	t.trim(most)
	out := make(map[string]*Attribute, len(t.slots))
	for _, s := range t.slots {
		out[s.name] = s.a
	}
	t.slots, t.index = nil, nil
	return out
}

// absorb adds what a Profile has.
func (t *table) absorb(b *Builder, from map[string]*Attribute, most limit, ofSpans bool) {
	for _, name := range sortedKeys(from) {
		if s := t.slot(b, []byte(name), ofSpans); s != nil {
			s.a.absorb(from[name], most)
		}
	}
}

// count counts attributes of n things in a trace.
func (t *table) count(b *Builder, list []intake.Attribute, n uint64, most limit) {
	t.at = 0
	for i := range list {
		if s := t.slot(b, list[i].Key, false); s != nil {
			s.a.count(&list[i], n, b.trace, most)
		}
	}
}

// count counts an attribute of n things in a trace and returns the hash of its value.
func (a *Attribute) count(x *intake.Attribute, n, trace uint64, most limit) uint64 {
	a.Present += n
	if a.last != trace && trace != 0 {
		a.last = trace
		a.Traces++
	}
	a.Kinds[x.Kind&15] += n
	if a.Values == nil {
		a.Values = newValues(most)
	}
	switch x.Kind {
	case otlp.KindInt, otlp.KindDouble:
		v := math.Float64frombits(x.Word)
		if x.Kind == otlp.KindInt {
			v = float64(int64(x.Word))
		}
		if a.Numbers == nil {
			a.Numbers = new(sketch.Numbers)
		}
		a.Numbers.AddN(v, n)
		return a.Values.AddWord(x.Kind, x.Word, n, trace)
	case otlp.KindBool:
		return a.Values.AddWord(x.Kind, x.Word, n, trace)
	case otlp.KindText, otlp.KindString, otlp.KindBytes:
		if a.Lengths == nil {
			a.Lengths = new(sketch.Numbers)
		}
		a.Lengths.AddN(float64(len(x.Text)), n)
	}
	return a.Values.AddN(x.Kind, x.Text, n, trace)
}

func newValues(most limit) *sketch.Values { return sketch.NewValuesOf(most.most, most.precision) }

// Merge adds another attribute.
func (a *Attribute) Merge(o *Attribute) { a.absorb(o, levels[0]) }

func (a *Attribute) absorb(o *Attribute, most limit) {
	a.Present += o.Present
	a.Traces += o.Traces
	a.Above += o.Above
	a.AboveAlike += o.AboveAlike
	for i, n := range o.Kinds {
		a.Kinds[i] += n
	}
	a.Values = mergedValues(a.Values, o.Values, most)
	a.Numbers = mergedNumbers(a.Numbers, o.Numbers)
	a.Lengths = mergedNumbers(a.Lengths, o.Lengths)
}

// mergedValues returns a with all of b, which is nothing where both are.
func mergedValues(a, b *sketch.Values, most limit) *sketch.Values {
	if a == nil && b != nil {
		a = newValues(most)
	}
	if b != nil {
		a.Merge(b)
	}
	return a
}

func mergedNumbers(a, b *sketch.Numbers) *sketch.Numbers {
	if a == nil && b != nil {
		a = new(sketch.Numbers)
	}
	if b != nil {
		a.Merge(b)
	}
	return a
}
