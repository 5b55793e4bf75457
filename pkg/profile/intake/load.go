package intake

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/otelsim/otelsim/internal/text"
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

// limits are how much is in memory at once.
type limits struct {
	partition int64 // bytes: one that is longer is divided once more
	loaded    int   // bytes: what is more is cut down to what each trace may have
	spans     int   // of a trace, and its log records
	bytes     int   // likewise
}

// The limits but in tests. A page that shows a trace of so many spans has none such.
const (
	maxSpans      = 30_000
	maxTraceBytes = 24 << 20
)

var usual = limits{partition: 24 << 20, loaded: 32 << 20, spans: maxSpans, bytes: maxTraceBytes}

// partition is what a worker of the second pass has in memory: some traces.
type partition struct {
	limits
	parts  *parts
	data   []byte
	items  []item
	ids    []otlp.TraceID // of the traces
	groups map[otlp.TraceID]uint32
	counts []uint32 // of the traces; then where each ends in order
	order  []uint32 // places in items, by trace
	chunks []spill.Chunk
	most   int               // bytes that data may have now
	bounds map[boundOf]bound // of traces that were cut down
	keep   []bool            // of items, while they are cut down

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
	p.bounds, p.most = nil, p.loaded
}

// load makes p what a partition of a file holds.
func (p *partition) load(f *file, n uint64) (err error) {
	p.reset()
	if p.chunks, err = f.Chunks(p.chunks[:0], n); err != nil {
		return err
	}
	p.data = slices.Grow(p.data, int(min(f.Bytes(n), int64(p.loaded)+1<<20))) // and a chunk
	p.items = slices.Grow(p.items, int(min(f.Items(n), uint64(p.loaded/recordBytes))))
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
		if err := p.fit(); err != nil {
			return err
		}
	}
	p.sort()
	return nil
}

// fit cuts p down when it has too much in it.
func (p *partition) fit() error {
	if len(p.data) <= p.most {
		return nil
	}
	p.cutDown()
	p.most = max(p.loaded, 2*len(p.data)) // many traces, or one too long
	if len(p.data) > math.MaxInt32 {
		return fmt.Errorf("traces of %s at once: more than there is room for", text.Size(uint64(len(p.data))))
	}
	return nil
}

// keepCopy adds a copy of a record.
func (p *partition) keepCopy(r *record) error {
	at := len(p.data)
	p.data = append(p.data, r.bytes...)
	p.add(r, at)
	return p.fit()
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
		p.ids = append(p.ids, r.trace)
	}
	if it.group = group; p.bounds == nil || p.within(&it) {
		p.items = append(p.items, it)
	}
}

// clone copies bytes; the copy is never nil.
func clone(b []byte) []byte { return append(make([]byte, 0, len(b)), b...) }

// sort fills order: the items of each trace together.
func (p *partition) sort() {
	p.counts = slices.Grow(p.counts[:0], len(p.ids))[:len(p.ids)]
	clear(p.counts)
	for i := range p.items {
		p.counts[p.items[i].group]++
	}
	total := uint32(0)
	for i, n := range p.counts {
		p.counts[i] = total
		total += n
	}
	p.order = slices.Grow(p.order[:0], len(p.items))[:len(p.items)]
	for i := range p.items {
		at := &p.counts[p.items[i].group]
		p.order[*at] = uint32(i)
		*at++
	}
}

// trace returns the items of a trace that there is room for, in the order of Trace: spans,
// then log records. Cut says that there were more.
func (p *partition) trace(n int) (spans, logs []uint32, cut bool) {
	start := uint32(0)
	if n > 0 {
		start = p.counts[n-1]
	}
	list := p.order[start:p.counts[n]]
	slices.SortFunc(list, func(i, j uint32) int {
		a, b := &p.items[i], &p.items[j]
		return p.compare(a, b, p.of(a), p.of(b))
	})
	at := 0
	for at < len(list) && !p.items[list[at]].log {
		at++
	}
	spans, logs = p.room(list[:at]), p.room(list[at:])
	return spans, logs, len(spans)+len(logs) < len(list) || p.bounds != nil && p.wasCut(uint32(n))
}

// compare orders items of a trace by what they are, never by where they stood.
func (p *partition) compare(a, b *item, bytesA, bytesB []byte) int {
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
	if c := bytes.Compare(bytesA, bytesB); c != 0 {
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
