package sketch

import (
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Values counts different values. Of those with the lowest hashes, as many as the cap
// says, it has the text and all counts; of all it knows how many there are, exactly up
// to the cap and else within about 2 %.
type Values struct {
	most  int
	n     uint64
	table map[uint64]*Value
	bound uint64 // no hash above it is kept; 0: none has been left out yet
	many  *registers
}

// Value is a value and how often it is there.
type Value struct {
	Text   string // cut after MaxText bytes
	Kind   otlp.Kind
	Count  uint64
	Traces uint64 // that have it
	Trace  uint64 // the least of their numbers; 0: it is in none
	last   uint64 // the trace that had it last
}

// MaxText bounds the text of a value, in bytes.
const MaxText = 256

// NewValues returns an empty one that keeps so many values.
func NewValues(most int) *Values { return &Values{most: most, table: make(map[uint64]*Value)} }

// Hash is what Values know a value by.
func Hash(kind otlp.Kind, text []byte) uint64 {
	return mix(xxhash.Sum64(text) + uint64(kind)*0x9e3779b97f4a7c15)
}

// mix makes all bits depend on all bits (the finalizer of MurmurHash3).
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// Add counts a value in a trace. Traces are told apart by any number that is not 0, and
// come one after the other; 0 is none.
func (v *Values) Add(kind otlp.Kind, text []byte, trace uint64) {
	h := Hash(kind, text)
	v.n++
	if v.many != nil {
		v.many.add(h)
		if h > v.bound {
			return
		}
	}
	x := v.table[h]
	if x == nil {
		x = &Value{Text: string(text[:min(len(text), MaxText)]), Kind: kind}
		v.table[h] = x
		if len(v.table) > 2*v.most {
			v.trim()
		}
	}
	x.Count++
	if trace != 0 && x.last != trace {
		x.last = trace
		x.Traces++
		x.Trace = least(x.Trace, trace)
	}
}

// least returns the lesser of two numbers of traces, of which 0 is none.
func least(a, b uint64) uint64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// trim keeps the lowest hashes.
func (v *Values) trim() {
	if len(v.table) <= v.most {
		return
	}
	if v.many == nil {
		v.many = new(registers)
		for h := range v.table { // order-free: a maximum each
			v.many.add(h)
		}
	}
	hashes := make([]uint64, 0, len(v.table))
	for h := range v.table { // order-free: sorted below
		hashes = append(hashes, h)
	}
	slices.Sort(hashes)
	for _, h := range hashes[v.most:] {
		delete(v.table, h)
	}
	v.bound = hashes[v.most-1]
}

// Merge adds all that o counts. Both have the same cap, and no trace in common.
func (v *Values) Merge(o *Values) {
	if o == nil {
		return
	}
	v.n += o.n
	if o.many != nil && v.many == nil {
		v.many = new(registers)
		for h := range v.table { // order-free: a maximum each
			v.many.add(h)
		}
	}
	if v.many != nil {
		if o.many != nil {
			v.many.merge(o.many)
		}
		for h := range o.table { // order-free: a maximum each
			v.many.add(h)
		}
	}
	for h, x := range o.table { // order-free: sums
		y := v.table[h]
		if y == nil {
			y = &Value{Text: x.Text, Kind: x.Kind}
			v.table[h] = y
		}
		y.Count, y.Traces, y.last = y.Count+x.Count, y.Traces+x.Traces, 0
		y.Trace = least(y.Trace, x.Trace)
	}
	if o.bound != 0 && (v.bound == 0 || o.bound < v.bound) {
		v.bound = o.bound
	}
	if v.bound != 0 {
		for h := range v.table { // order-free
			if h > v.bound {
				delete(v.table, h)
			}
		}
	}
	v.trim()
}

// Count returns how many values were added. It is 0 of nil.
func (v *Values) Count() uint64 {
	if v == nil {
		return 0
	}
	return v.n
}

// All reports whether all values are kept.
func (v *Values) All() bool { return v == nil || v.many == nil && len(v.table) <= v.most }

// Distinct returns how many different values there are.
func (v *Values) Distinct() uint64 {
	if v == nil {
		return 0
	}
	if v.All() {
		return uint64(len(v.table))
	}
	v.trim()
	return v.many.estimate()
}

// Kept returns the values that are kept, the most frequent first, then by text and kind.
func (v *Values) Kept() []*Value {
	if v == nil {
		return nil
	}
	v.trim()
	out := make([]*Value, 0, len(v.table))
	for _, x := range v.table { // order-free: sorted below
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b *Value) int {
		if a.Count != b.Count {
			if a.Count > b.Count {
				return -1
			}
			return 1
		}
		if c := strings.Compare(a.Text, b.Text); c != 0 {
			return c
		}
		return int(a.Kind) - int(b.Kind)
	})
	return out
}

// Of returns the value with a hash if it is kept.
func (v *Values) Of(h uint64) (*Value, bool) {
	if v == nil {
		return nil, false
	}
	x, ok := v.table[h]
	return x, ok
}

// Bound returns the greatest hash of what is kept where something is left out, else the
// greatest there is: two that keep values up to the same bound can be compared by them.
func (v *Values) Bound() uint64 {
	if v.All() {
		return 1<<64 - 1
	}
	v.trim()
	return v.bound
}
