package profile

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// sessionWords is what spans of a session say: of a trace without one, that trace by itself.
type sessionWords struct {
	spans int
	words []word // those of a trace behind each other, an empty one before them; nil: there are too many
}

// word is a value of a key, of which there are few. Keys and values are the low bits of their
// hashes: a mistaken one of a few hundred matters to no count.
type word struct {
	class uint64 // of the span that says it; 0: all spans of the trace that have the key do
	key   uint32 // 0: it is no word, but says how many spans of the class there are
	value uint32 // 0: spans of the trace have several
}

// mostSpoken is how many spans of a session are remembered.
const mostSpoken = 1 << 13

func (s *sessionWords) weight() int { return 1 + min(s.spans, mostSpoken) }

// words are what spans say in the sessions with the lowest hashes.
type words struct {
	all     *lowest[sessionWords]
	list    []word          // scratch
	classes []uint64        // likewise
	mixed   map[uint64]bool // likewise: keys of which a trace has several values
}

func (w *words) init(o Options) {
	w.all = newLowest(o.Records/2, (*sessionWords).weight)
	w.mixed = make(map[uint64]bool)
}

// add remembers what the spans of the trace under way say, by the keys that have few values up
// to now: of those that have few in the end all is remembered.
func (w *words) add(b *Builder, t *intake.Trace) {
	id := b.touched.session
	if id == 0 {
		id = b.trace
	}
	if _, room := w.all.find(id); !room {
		return
	}
	w.list = append(w.list[:0], word{})
	clear(w.mixed)
	for _, k := range b.touched.keys {
		if !k.Values.All() || k.Values.Count() == 0 {
			continue
		}
		x := k.one()
		w.list = append(w.list, word{key: low(x.key), value: uint32(x.value)})
		if k.mixed {
			w.mixed[x.key] = true
		}
	}
	w.classes = w.classes[:0]
	for i := range b.tree.nodes {
		n := &b.tree.nodes[i]
		class := uint64(n.class)
		w.classes = append(w.classes, class)
		if n.kids > 0 {
			w.list = append(w.list, word{class, doesKey, uint32(n.does)})
		}
		if len(w.mixed) == 0 {
			continue
		}
		for _, a := range b.above.of(int32(i)) {
			if w.mixed[a.key] {
				w.list = append(w.list, word{class, low(a.key), uint32(a.value)})
			}
		}
	}
	slices.Sort(w.classes)
	for i := 0; i < len(w.classes); {
		end := i + 1
		for end < len(w.classes) && w.classes[end] == w.classes[i] {
			end++
		}
		w.list = append(w.list, word{class: w.classes[i], value: uint32(end - i)})
		i = end
	}
	w.put(id, len(t.Spans), w.list)
}

// low is what a word knows a key by, and doesKey that of what spans do: their Production.
func low(hash uint64) uint32 { return max(uint32(hash), doesKey+1) }

const doesKey = 1

func (w *words) put(id uint64, spans int, list []word) {
	x, room := w.all.find(id)
	if x == nil && !room {
		return
	}
	if x == nil {
		x = w.all.put(id, new(sessionWords))
	}
	before := x.weight()
	if x.spans += spans; x.spans > mostSpoken {
		x.words = nil
	} else {
		x.words = append(x.words, list...)
	}
	w.all.grow(x.weight() - before)
}

// absorb adds what is remembered of other traces.
func (w *words) absorb(o *words) {
	w.all.join(o.all)
	for _, id := range o.all.sorted() {
		w.put(id, o.all.items[id].spans, o.all.items[id].words)
	}
}

// ClassKey is a key of attributes of the spans of a class; with an empty key it is what those do that
// have children, by Class.Productions.
type ClassKey struct {
	Class ClassID
	Key   string
}

// Spoken is how many spans say something, in how many traces, and of how many sessions where it is
// these that are of a sort; else as many as traces.
type Spoken struct {
	Spans, Traces, Sorted uint64
	lastTrace, lastSorted int
}

// Add adds how many say it elsewhere.
func (x *Spoken) Add(o Spoken) {
	x.Spans += o.Spans
	x.Traces += o.Traces
	x.Sorted += o.Sorted
}

// Sorts tells sorts of sessions apart, or of traces.
type Sorts struct {
	Keys    []string
	Count   int
	Session bool // of sessions
	// Of returns which sort it is, from 0 on, by the value of each key that all spans have, its
	// Hash; 0: none, or several. Below 0 it is none.
	Of func(values []uint64) int
}

// Within returns how often spans of some classes, all of which have the keys, have each value of
// these, by its Hash, in sessions or traces of each sort. It is of keys that have few values, and
// where there are very many spans of the sessions with the lowest hashes.
func (p *Profile) Within(s Sorts, of []ClassKey) map[ClassKey]map[uint64][]Spoken {
	all := p.kept.words.all
	if all == nil || s.Count == 0 {
		return nil
	}
	x := newWithin(p, &s, of)
	for _, id := range all.sorted() {
		list := all.items[id].words
		if s.Session {
			x.sort(list)
		}
		for begin := 0; begin < len(list); {
			end := begin + 1
			for end < len(list) && list[end] != (word{}) {
				end++
			}
			if x.traces++; !s.Session {
				x.sort(list[begin:end])
			}
			if x.at >= 0 {
				x.trace(list[begin:end])
			}
			begin = end
		}
	}
	return x.out
}

// within is what Within counts.
type within struct {
	sorts  *Sorts
	keys   map[uint32]int // of sorts
	values []map[uint32]uint64
	room   []uint64
	mixed  []bool
	of     map[uint32][]wanted // by key
	out    map[ClassKey]map[uint64][]Spoken
	at     int               // which sort it is
	traces int               // so far
	sorted int               // likewise: what is of a sort
	spans  map[uint64]uint32 // of the trace, by class
}

// wanted is a key of a class that is counted.
type wanted struct {
	class  uint64
	values map[uint32]uint64
	counts map[uint64][]Spoken
}

func newWithin(p *Profile, s *Sorts, of []ClassKey) *within {
	x := &within{sorts: s, keys: make(map[uint32]int), room: make([]uint64, len(s.Keys)), mixed: make([]bool, len(s.Keys)), of: make(map[uint32][]wanted),
		out: make(map[ClassKey]map[uint64][]Spoken), spans: make(map[uint64]uint32)}
	for i, key := range s.Keys {
		x.keys[low(keyHash([]byte(key)))] = i
		x.values = append(x.values, p.fewOf(key))
	}
	few := make(map[string]map[uint32]uint64)
	for _, c := range of {
		if c.Key == "" {
			x.out[c] = make(map[uint64][]Spoken)
			x.of[doesKey] = append(x.of[doesKey], wanted{uint64(c.Class), p.doneBy(c.Class), x.out[c]})
			continue
		}
		values, ok := few[c.Key]
		if !ok {
			values = p.fewOf(c.Key)
			few[c.Key] = values
		}
		if values == nil {
			continue
		}
		h := low(keyHash([]byte(c.Key)))
		x.out[c] = make(map[uint64][]Spoken)
		x.of[h] = append(x.of[h], wanted{uint64(c.Class), values, x.out[c]})
	}
	return x
}

// fewOf returns the values of a key by what a word knows them by; nil: there are many.
func (p *Profile) fewOf(key string) map[uint32]uint64 {
	k := p.Keys[key]
	if k == nil || !k.Values.All() {
		return nil
	}
	out := make(map[uint32]uint64)
	for _, v := range k.Values.Kept() {
		out[uint32(v.Hash())] = v.Hash()
	}
	return out
}

// doneBy returns what spans of a class do by what a word knows it by.
func (p *Profile) doneBy(id ClassID) map[uint32]uint64 {
	out := make(map[uint32]uint64)
	if c := p.Classes[id]; c != nil {
		for h := range c.Productions { // order-free: a set
			out[uint32(h)] = h
		}
	}
	return out
}

// sort finds of which sort something is.
func (x *within) sort(list []word) {
	clear(x.room)
	clear(x.mixed)
	for _, w := range list {
		i, ok := x.keys[w.key]
		if !ok || w.class != 0 || w.key == 0 {
			continue
		}
		switch h := x.values[i][w.value]; {
		case w.value == 0 || h == 0 || x.room[i] != 0 && x.room[i] != h:
			x.mixed[i] = true
		default:
			x.room[i] = h
		}
	}
	for i := range x.room {
		if x.mixed[i] {
			x.room[i] = 0
		}
	}
	x.at = x.sorts.Of(x.room)
	x.sorted++
}

// trace counts what the spans of a trace say.
func (x *within) trace(list []word) {
	clear(x.spans)
	for _, w := range list {
		if w.key == 0 {
			x.spans[w.class] = w.value
		}
	}
	for _, w := range list {
		if w.key == 0 || w.value == 0 {
			continue
		}
		for _, of := range x.of[w.key] {
			switch n := x.spans[of.class]; {
			case w.class == 0 && n > 0:
				x.count(of, w.value, uint64(n))
			case w.class == of.class && w.class != 0:
				x.count(of, w.value, 1)
			}
		}
	}
}

func (x *within) count(of wanted, value uint32, n uint64) {
	h := of.values[value]
	if h == 0 {
		return
	}
	counts := of.counts[h]
	if counts == nil {
		counts = make([]Spoken, x.sorts.Count)
		of.counts[h] = counts
	}
	c := &counts[x.at]
	if c.Spans += n; c.lastTrace != x.traces {
		c.lastTrace = x.traces
		c.Traces++
	}
	if c.lastSorted != x.sorted {
		c.lastSorted = x.sorted
		c.Sorted++
	}
}
