package damage

import (
	"slices"

	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// damage does what is the lot of each item of a request, and lets the rest arrive.
func (p *Proxy) damage(r *request) {
	out := slices.Clone(r.pieces)
	var apart []*piece // in a message of their own
	g := make(guard)
	for _, was := range r.pieces {
		kind, rnd := p.choose(p.kinds.item, p.o.Items, nameOf(was.item))
		if kind == None || !g.allows(kind, was.item) || !p.alone(was) {
			continue
		}
		at := slices.Index(out, was)
		did, ok := Did{Kind: kind, Item: was.item}, true
		switch kind {
		case Drop:
			out = slices.Delete(out, at, at+1)
		case Double:
			if out = append(out, was.clone()); rnd%2 == 0 { // three times in all
				apart = append(apart, was.clone())
			}
		case DoubleAltered:
			c := was.clone()
			c.altered = true
			how := AttributeAdded
			if was.item.Signal == otlp.SignalMetrics {
				how = Value // with other attributes a point is another one
			}
			if did.Path, ok = alter(how, c, rnd); ok {
				out = append(out, c)
			}
		case MakeUp:
			out = slices.Insert(out, at+1, invent(was, out, rnd))
		case Reorder:
			out, ok = behind(out, at)
		case MoveResource, MoveScope:
			ok = move(kind, out, at, r.pieces, rnd)
		default:
			c := was.clone()
			c.altered = true
			did.Path, ok = alter(kind, c, rnd)
			if ok = ok && !(kind.attributes() && c.taken(r.pieces, nil)); ok {
				out[at] = c
			}
		}
		if ok {
			p.list = append(p.list, did)
		}
	}
	p.arrive(r.signal, out, false)
	p.arrive(r.signal, apart, false)
}

// invent returns an item like p, one of some, that nobody sent.
func invent(p *piece, of []*piece, rnd uint64) *piece {
	c := p.clone()
	c.item, c.altered = nil, true
	id := otlp.TraceID(append(name8(mix(rnd)), name8(mix(rnd+1))...))
	switch m := c.message.(type) {
	case *trace.Span:
		// One that differs in half of what identifies it is another one too.
		switch rnd % 5 {
		case 0:
			m.TraceId, m.SpanId = id[:], name8(mix(rnd+2))
		case 1:
			m.SpanId = name8(mix(rnd + 2))
		case 2:
			m.TraceId = id[:]
		case 3:
			m.TraceId = append(slices.Clone(m.TraceId[:8]), id[8:]...)
		case 4: // as if it were of another trace, if there is one
			m.SpanId[0] ^= byte(1 + rnd>>8&1)
			for _, other := range of {
				if other.item != nil && other.item.TraceID != p.item.TraceID {
					m.TraceId, m.SpanId = other.item.TraceID[:], p.item.SpanID[:]
				}
			}
		}
	case *logs.LogRecord:
		m.TraceId, m.SpanId = id[:], name8(mix(rnd+2))
	default:
		c.metric = proto.CloneOf(c.metric)
		c.metric.Name = "made.up"
	}
	return c
}

// behind moves a piece behind the last of its trace.
func behind(pieces []*piece, at int) ([]*piece, bool) {
	p := pieces[at]
	if p.item.Signal == otlp.SignalMetrics {
		return pieces, false
	}
	for last := len(pieces) - 1; last > at; last-- {
		if l := pieces[last]; l.item != nil && l.item.TraceID == p.item.TraceID && l.item.Position > p.item.Position {
			return slices.Insert(slices.Delete(pieces, at, at+1), last, p), true
		}
	}
	return pieces, false
}

// move puts a copy of a piece under another resource or scope of the request, of
// which sent are the pieces as they were.
func move(kind Kind, pieces []*piece, at int, sent []*piece, rnd uint64) bool {
	was, n := pieces[at], uint64(len(pieces))
	for i := range n {
		other, c := pieces[(rnd+i)%n], was.clone()
		switch {
		case other.altered:
			continue
		case kind == MoveResource && !was.resource.equal(other.resource):
			c.resource = other.resource
		case kind == MoveScope && was.resource == other.resource && !was.scope.equal(other.scope):
			c.scope = other.scope
		default:
			continue
		}
		if !c.taken(sent, c.resource) {
			pieces[at] = c
			return true
		}
	}
	return false
}

// taken reports whether a data point that was changed is now what another one is, under
// that resource unless it is nil: nobody could tell whether that came twice.
func (p *piece) taken(by []*piece, under *above) bool {
	if p.metric == nil {
		return false
	}
	name := p.attributeNames()
	for _, other := range by {
		if other.item != nil && other.item != p.item && (under == nil || under.equal(other.resource)) &&
			other.metric.Name == p.metric.Name && slices.Equal(other.attributeNames(), name) {
			return true
		}
	}
	return false
}

// attributeNames returns the attributes of an item in some order, as text.
func (p *piece) attributeNames() (all []string) {
	for _, kv := range *attributes(p.message) {
		b, _ := proto.MarshalOptions{Deterministic: true}.Marshal(kv) // what was decoded encodes
		all = append(all, string(b))
	}
	slices.Sort(all)
	return all
}
