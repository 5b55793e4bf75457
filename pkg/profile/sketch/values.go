package sketch

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Values counts different values. Of those with the lowest hashes, as many as the cap
// says, it has the text and all counts; of all it knows how many there are, exactly up
// to the cap and else by a HyperLogLog, see Error.
type Values struct {
	most, precision int
	n               uint64
	slots           []place // open addressing by hash: a power of two
	kept            int
	bound           uint64 // no hash above it is kept, as soon as many is there
	many            registers
	recent          *Value
}

// place is where a value is or would be.
type place struct {
	hash uint64
	x    *Value
}

// Value is a value and how often it is there.
type Value struct {
	Text   string // cut after MaxText bytes
	Count  uint64
	Traces uint64 // that have it
	Trace  uint64 // the least of their numbers; 0: it is in none
	hash   uint64
	last   uint64 // the trace that had it last
	Kind   otlp.Kind
}

// Hash returns what Values know it by.
func (x *Value) Hash() uint64 { return x.hash }

// MaxText bounds the text of a value, in bytes.
const MaxText = 256

// DefaultPrecision is how many bits of a hash choose a register where nobody says
// otherwise: the standard error is 1.6 %.
const DefaultPrecision = 12

// NewValues returns an empty one that keeps so many values, 1 at least.
func NewValues(most int) *Values { return NewValuesOf(most, DefaultPrecision) }

// NewValuesOf returns one that counts those it does not keep in 1<<precision registers of
// a byte, from 4 to 16.
func NewValuesOf(most, precision int) *Values {
	return &Values{most: max(most, 1), precision: precision}
}

// Hash is what Values know a text by.
func Hash(kind otlp.Kind, text []byte) uint64 {
	return Mix(xxhash.Sum64(text) + uint64(kind)*0x9e3779b97f4a7c15)
}

// HashWord is what Values know a bool, an integer or a float by.
func HashWord(kind otlp.Kind, word uint64) uint64 {
	return Mix(Mix(word+0x2545f4914f6cdd1d) + uint64(kind)*0x9e3779b97f4a7c15)
}

// Mix makes all bits depend on all bits (the finalizer of MurmurHash3).
func Mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// Add counts a text in a trace and returns its Hash. Traces are told apart by any number
// that is not 0, and come one after the other; 0 is none.
func (v *Values) Add(kind otlp.Kind, text []byte, trace uint64) uint64 {
	return v.AddN(kind, text, 1, trace)
}

// AddN counts a text n times.
func (v *Values) AddN(kind otlp.Kind, text []byte, n, trace uint64) uint64 {
	if x := v.recent; x != nil && x.Kind == kind && len(text) < MaxText && string(text) == x.Text {
		v.n += n
		x.count(n, trace)
		return x.hash
	}
	h := Hash(kind, text)
	v.AddHash(h, kind, text, n, trace)
	return h
}

// AddWord counts a bool, an integer or a float n times in a trace and returns its
// HashWord.
func (v *Values) AddWord(kind otlp.Kind, word, n, trace uint64) uint64 {
	h := HashWord(kind, word)
	if x, room := v.meet(h, n); x != nil {
		x.count(n, trace)
	} else if room {
		var text [32]byte
		v.put(h, kind, appendWord(text[:0], kind, word)).count(n, trace)
	}
	return h
}

// appendWord appends a bool, an integer or a float as text.
func appendWord(dst []byte, kind otlp.Kind, word uint64) []byte {
	switch kind {
	case otlp.KindBool:
		return strconv.AppendBool(dst, word != 0)
	case otlp.KindDouble:
		return strconv.AppendFloat(dst, math.Float64frombits(word), 'g', -1, 64)
	}
	return strconv.AppendInt(dst, int64(word), 10)
}

// AddHash counts a text of a hash n times. The hash is Hash's, or another that is as
// good for all that is added.
func (v *Values) AddHash(h uint64, kind otlp.Kind, text []byte, n, trace uint64) {
	if x, room := v.meet(h, n); x != nil {
		x.count(n, trace)
	} else if room {
		v.put(h, kind, text).count(n, trace)
	}
}

func (x *Value) count(n, trace uint64) {
	x.Count += n
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

// meet counts a hash n times and returns its value; where there is none it says
// whether there is room for it.
func (v *Values) meet(h, n uint64) (x *Value, room bool) {
	v.n += n
	if x = v.recent; x != nil && x.hash == h {
		return x, true
	}
	if v.many != nil && h > v.bound {
		v.many.add(h)
		return nil, false
	}
	if len(v.slots) == 0 {
		v.slots = make([]place, 2)
	}
	if x = v.slot(h).x; x != nil {
		v.recent = x
	} else if v.many != nil { // which has all that is kept
		v.many.add(h)
	}
	return x, true
}

func (v *Values) slot(h uint64) *place {
	mask := uint64(len(v.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		if p := &v.slots[i]; p.hash == h || p.x == nil {
			return p
		}
	}
}

// put keeps a value that is not there yet.
func (v *Values) put(h uint64, kind otlp.Kind, text []byte) *Value {
	x := &Value{Text: string(text[:min(len(text), MaxText)]), Kind: kind, hash: h}
	v.insert(x)
	if v.kept > v.most+v.most/4+4 {
		v.trim()
	}
	return x
}

func (v *Values) insert(x *Value) {
	if 4*(v.kept+1) > 3*len(v.slots) {
		v.rebuild(v.all(), max(2*len(v.slots), 2))
	}
	*v.slot(x.hash) = place{x.hash, x}
	v.kept++
}

func (v *Values) all() []*Value {
	out := make([]*Value, 0, v.kept)
	for _, p := range v.slots {
		if p.x != nil {
			out = append(out, p.x)
		}
	}
	return out
}

func (v *Values) rebuild(values []*Value, slots int) {
	v.slots, v.kept, v.recent = make([]place, slots), len(values), nil
	for _, x := range values {
		*v.slot(x.hash) = place{x.hash, x}
	}
}

// trim keeps the lowest hashes.
func (v *Values) trim() {
	if v.kept <= v.most {
		return
	}
	values := v.all()
	if v.many == nil {
		v.many = newRegisters(v.precision)
		for _, x := range values {
			v.many.add(x.hash)
		}
	}
	slices.SortFunc(values, func(a, b *Value) int { return cmp.Compare(a.hash, b.hash) })
	clear(values[v.most:])
	v.bound = values[v.most-1].hash
	v.rebuild(values[:v.most], len(v.slots))
}

// Limit lowers how many values are kept and how many registers count the others.
func (v *Values) Limit(most, precision int) {
	if v == nil {
		return
	}
	v.most, v.precision = max(min(v.most, most), 1), min(v.precision, precision)
	if v.many != nil {
		v.many = v.many.fold(v.precision)
	}
	v.trim()
}

// Merge adds all that o counts. They have no trace in common; the lower cap is that of
// both.
func (v *Values) Merge(o *Values) {
	if o == nil {
		return
	}
	v.Limit(o.most, o.precision)
	v.n += o.n
	if o.many != nil && v.many == nil {
		v.many, v.bound = newRegisters(v.precision), o.bound
		for _, x := range v.all() {
			v.many.add(x.hash)
		}
	}
	if v.many != nil {
		if o.many != nil {
			v.many = v.many.merge(o.many)
			v.bound = min(v.bound, o.bound)
		}
		for _, x := range o.all() {
			v.many.add(x.hash)
		}
	}
	if len(v.slots) == 0 {
		v.slots = make([]place, 2)
	}
	for _, x := range o.all() {
		y := v.slot(x.hash).x
		if y == nil {
			y = &Value{Text: x.Text, Kind: x.Kind, hash: x.hash}
			v.insert(y)
		}
		y.Count, y.Traces, y.last = y.Count+x.Count, y.Traces+x.Traces, 0
		y.Trace = least(y.Trace, x.Trace)
	}
	if v.many != nil {
		values := slices.DeleteFunc(v.all(), func(x *Value) bool { return x.hash > v.bound })
		v.rebuild(values, len(v.slots))
	}
	v.trim()
}

// Clone returns a copy, which can be merged into.
func (v *Values) Clone() *Values {
	c := NewValuesOf(v.most, v.precision)
	c.Merge(v)
	return c
}

// Count returns how many values were added. It is 0 of nil.
func (v *Values) Count() uint64 {
	if v == nil {
		return 0
	}
	return v.n
}

// All reports whether all values are kept.
func (v *Values) All() bool { return v == nil || v.many == nil && v.kept <= v.most }

// Distinct returns how many different values there are.
func (v *Values) Distinct() uint64 {
	if v == nil {
		return 0
	}
	if v.All() {
		return uint64(v.kept)
	}
	v.trim()
	return max(v.many.estimate(), uint64(v.kept))
}

// Error returns the standard error of Distinct, as a share of it; 0 where it is exact.
func (v *Values) Error() float64 {
	if v.All() {
		return 0
	}
	return 1.04 / math.Sqrt(float64(uint64(1)<<v.precision))
}

// Kept returns the values that are kept, the most frequent first, then by text and kind.
func (v *Values) Kept() []*Value {
	if v == nil {
		return nil
	}
	v.trim()
	out := v.all()
	slices.SortFunc(out, func(a, b *Value) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Text, b.Text), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.hash, b.hash))
	})
	return out
}

// Of returns the value with a hash if it is kept.
func (v *Values) Of(h uint64) (*Value, bool) {
	if v == nil || len(v.slots) == 0 {
		return nil, false
	}
	v.trim()
	x := v.slot(h).x
	return x, x != nil
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

// Room returns how much memory it takes where it keeps so many values, and so many
// registers where that are not all, in bytes and about. It does not fall when more is
// added.
func (v *Values) Room(most, precision int) int {
	if v == nil {
		return 0
	}
	room := min(v.kept, most) * valueRoom
	if v.kept > most || v.many != nil {
		room = most*valueRoom + 1<<precision
	}
	return room
}

// valueRoom is what a value takes, with a text of middle length.
const valueRoom = 112

// Append appends all that it counts in one form.
func (v *Values) Append(dst []byte) []byte {
	if v == nil {
		return append(dst, 0)
	}
	v.trim()
	dst = binary.AppendUvarint(append(dst, 1), v.n)
	values := v.all()
	slices.SortFunc(values, func(a, b *Value) int { return cmp.Compare(a.hash, b.hash) })
	for _, x := range values {
		dst = binary.LittleEndian.AppendUint64(dst, x.hash)
		dst = append(dst, byte(x.Kind))
		dst = binary.AppendUvarint(dst, uint64(len(x.Text)))
		dst = append(dst, x.Text...)
		dst = binary.AppendUvarint(dst, x.Count)
		dst = binary.AppendUvarint(dst, x.Traces)
		dst = binary.LittleEndian.AppendUint64(dst, x.Trace)
	}
	return append(append(dst, byte(v.precision)), v.many...)
}
