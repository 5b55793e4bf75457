package intake

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/spill"
)

// item is a record of a partition in memory. It has no pointers.
type item struct {
	at, bytes       uint32 // of its bytes in the partition's
	resource, scope uint32 // numbers; those with own set are of the partition's own
	group           uint32 // its trace
	log             bool
	span            otlp.SpanID
	time, end       uint64
}

// own marks the numbers of parts that only the partition has.
const own = 1 << 31

// partition is what a worker of the second pass has in memory: some traces.
type partition struct {
	parts  *parts
	data   []byte
	items  []item
	ids    []otlp.TraceID // of the traces
	groups map[otlp.TraceID]uint32
	counts []uint32 // of the traces; then where each ends in order
	order  []uint32 // places in items, by trace
	chunks []spill.Chunk

	resources                 []*Resource // that have no number
	scopes                    []*Scope
	resourceBytes, scopeBytes []byte // of the last ones
}

func (p *partition) reset() {
	p.data, p.items, p.ids, p.counts, p.order = p.data[:0], p.items[:0], p.ids[:0], p.counts[:0], p.order[:0]
	p.resources, p.scopes, p.resourceBytes, p.scopeBytes = p.resources[:0], p.scopes[:0], nil, nil
	if p.groups == nil {
		p.groups = make(map[otlp.TraceID]uint32)
	}
	clear(p.groups)
}

// load makes p what a partition of a file holds.
func (p *partition) load(f *file, n uint64) (err error) {
	p.reset()
	if p.chunks, err = f.Chunks(p.chunks[:0], n); err != nil {
		return err
	}
	p.data = slices.Grow(p.data, int(f.Bytes(n)))
	p.items = slices.Grow(p.items, int(f.Items(n)))
	var r record
	for _, c := range p.chunks {
		at := len(p.data)
		if p.data, err = f.Read(p.data, c); err != nil {
			return err
		}
		for rest := p.data[at:]; len(rest) > 0; {
			if rest, err = r.next(rest); err != nil {
				return err
			}
			p.add(&r, len(p.data)-len(rest)-len(r.bytes))
		}
	}
	p.sort()
	return nil
}

// add adds a record whose bytes are at a place.
func (p *partition) add(r *record, at int) {
	it := item{at: uint32(at), bytes: uint32(len(r.bytes)), resource: r.resource, scope: r.scope, log: r.log, span: r.span, time: r.time, end: r.end}
	if r.resource == noPart {
		if p.resourceBytes == nil || !bytes.Equal(p.resourceBytes, r.resourceBytes) {
			p.resourceBytes = clone(r.resourceBytes)
			resource, _ := resourceOf(p.resourceBytes)
			p.resources = append(p.resources, resource)
		}
		it.resource = own | uint32(len(p.resources)-1)
	}
	if r.scope == noPart {
		if p.scopeBytes == nil || !bytes.Equal(p.scopeBytes, r.scopeBytes) {
			p.scopeBytes = clone(r.scopeBytes)
			scope, _ := scopeOf(p.scopeBytes)
			p.scopes = append(p.scopes, scope)
		}
		it.scope = own | uint32(len(p.scopes)-1)
	}
	group, ok := p.groups[r.trace]
	if !ok {
		group = uint32(len(p.ids))
		p.groups[r.trace] = group
		p.ids, p.counts = append(p.ids, r.trace), append(p.counts, 0)
	}
	it.group = group
	p.counts[group]++
	p.items = append(p.items, it)
}

// clone copies bytes; the copy is never nil.
func clone(b []byte) []byte { return append(make([]byte, 0, len(b)), b...) }

// sort fills order: the items of each trace together.
func (p *partition) sort() {
	total := uint32(0)
	for i, n := range p.counts {
		p.counts[i] = total
		total += n
	}
	p.order = slices.Grow(p.order, len(p.items))[:len(p.items)]
	for i := range p.items {
		at := &p.counts[p.items[i].group]
		p.order[*at] = uint32(i)
		*at++
	}
}

// trace returns the items of a trace, in the order of Trace: spans, then log records.
func (p *partition) trace(n int) []uint32 {
	start := uint32(0)
	if n > 0 {
		start = p.counts[n-1]
	}
	list := p.order[start:p.counts[n]]
	slices.SortFunc(list, p.compare)
	return list
}

// compare orders items of a trace by what they are, never by where they stood.
func (p *partition) compare(i, j uint32) int {
	a, b := &p.items[i], &p.items[j]
	if a.log != b.log {
		if b.log {
			return -1
		}
		return 1
	}
	if a.time != b.time {
		return cmp.Compare(a.time, b.time)
	}
	if c := cmp.Compare(b.end, a.end); c != 0 {
		return c
	}
	if !a.log {
		if c := bytes.Compare(a.span[:], b.span[:]); c != 0 {
			return c
		}
	}
	if c := bytes.Compare(p.of(a), p.of(b)); c != 0 {
		return c
	}
	return compareParts(p.resource(a), p.resource(b), p.scope(a), p.scope(b))
}

// of returns the bytes of an item.
func (p *partition) of(it *item) []byte {
	end := it.at + it.bytes
	return p.data[it.at:end:end]
}

func (p *partition) resource(it *item) *Resource {
	if it.resource&own != 0 {
		return p.resources[it.resource&^own]
	}
	return p.parts.resources.list[it.resource]
}

func (p *partition) scope(it *item) *Scope {
	if it.scope&own != 0 {
		return p.scopes[it.scope&^own]
	}
	return p.parts.scopes.list[it.scope]
}
