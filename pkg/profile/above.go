package profile

import "math/bits"

// above counts how often spans have what their parents have: of the trace under way.
type above struct {
	all    []told // attributes of its spans, in their order
	first  []int  // by span: of all
	parent []said // those of a parent, in a table by hash: as long as a power of two, half of which stays empty
	round  uint64 // of what of parent is meant: 0 is of nothing
}

// told is an attribute of a span.
type told struct {
	a          *Attribute // of its class; nil: there is no room for it
	key, value uint64     // hashes
}

// said is an attribute of a parent.
type said struct{ key, value, round uint64 }

func (x *above) begin() { x.all, x.first = x.all[:0], x.first[:0] }

// span begins the attributes of the next span.
func (x *above) span() { x.first = append(x.first, len(x.all)) }

func (x *above) tell(a *Attribute, key, value uint64) { x.all = append(x.all, told{a, key, value}) }

// of returns the attributes of a span.
func (x *above) of(i int32) []told {
	if int(i)+1 < len(x.first) {
		return x.all[x.first[i]:x.first[i+1]]
	}
	return x.all[x.first[i]:]
}

// count counts the attributes of all spans that their parents have too.
func (x *above) count(t *tree) {
	for i := range t.nodes {
		list := x.of(int32(i))
		if t.nodes[i].kids == 0 || len(list) == 0 {
			continue
		}
		x.take(list)
		for _, k := range t.children(int32(i)) {
			for _, c := range x.of(k) {
				if p := x.at(c.key); p.round == x.round && c.a != nil {
					c.a.Above++
					if p.value == c.value {
						c.a.AboveAlike++
					}
				}
			}
		}
	}
}

// take makes a table of the attributes of a parent.
func (x *above) take(list []told) {
	if 2*len(list) > len(x.parent) {
		x.parent = make([]said, 1<<max(6, bits.Len(uint(2*len(list)))))
	}
	x.round++
	for _, a := range list {
		*x.at(a.key) = said{a.key, a.value, x.round}
	}
}

// at returns where an attribute of the parent stands in the table, or would stand.
func (x *above) at(key uint64) *said {
	last := uint64(len(x.parent) - 1)
	for i := key & last; ; i = (i + 1) & last {
		if p := &x.parent[i]; p.round != x.round || p.key == key {
			return p
		}
	}
}
