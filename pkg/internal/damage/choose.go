package damage

import (
	"encoding/binary"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// choose returns what happens to something with a name, and a number for what is
// left to choose: pure functions of the seed and the name. rate is in thousandths.
func (p *Proxy) choose(kinds []Kind, rate int, name []byte) (Kind, uint64) {
	h := mix(p.o.Seed + 0x9e3779b97f4a7c15)
	for _, b := range name {
		h = mix(h ^ uint64(b))
	}
	if len(kinds) == 0 || h%1000 >= uint64(rate) {
		return None, mix(h + 1)
	}
	return kinds[mix(h+2)%uint64(len(kinds))], mix(h + 3)
}

// mix is the finalizer of MurmurHash3.
func mix(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// nameOf is what tells an item apart without its times, which depend on when it was
// sent: of spans and log records their trace, of data points the request.
func nameOf(it *Item) []byte {
	name := []byte{byte(it.Signal)}
	if it.Signal == otlp.SignalMetrics {
		name = binary.BigEndian.AppendUint64(name, it.Request)
	} else {
		name = append(append(name, it.TraceID[:]...), it.SpanID[:]...)
	}
	if it.Signal != otlp.SignalTraces {
		name = binary.BigEndian.AppendUint64(name, uint64(it.Position))
	}
	return name
}

// guard keeps damage from items whose copies nobody could tell apart. Spans have
// ids. Of the log records of one span, and of the points of one metric in a request,
// which are known by their content, several may be lost, or one be changed.
type guard map[string]struct{ changed, touched bool }

// allows reports whether k may be done to an item, and notes that it is.
func (g guard) allows(k Kind, it *Item) bool {
	name := "span " + string(it.TraceID[:]) + string(it.SpanID[:])
	switch {
	case it.Signal == otlp.SignalTraces || k == MakeUp || k == Reorder || k == Double:
		return true
	case it.Signal == otlp.SignalMetrics:
		name = "metric " + it.Name
	}
	was := g[name]
	if was.changed || was.touched && k != Drop {
		return false
	}
	was.touched = true
	was.changed = k != Drop
	g[name] = was
	return true
}
