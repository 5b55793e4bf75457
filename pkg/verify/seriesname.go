package verify

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/show"
)

// seriesName says which series it is: by a hash of all that names it, the same for all
// workers, and for people.
type seriesName struct {
	key   uint64
	label string
}

// seriesNames names series. To spell one takes long, and most points are of a series that
// was spelt before: of those only the bytes that stand for it in the record are hashed.
type seriesNames struct {
	m         *otlp.Metrics
	x         *otlp.Metric
	strings   *otlp.Strings
	resources []speltPart // of the record
	base      speltPart   // all that the points of the metric have in common
	named     map[uint64]seriesName

	parts  [][]byte // scratch
	joined []byte   // scratch
	buf    []byte   // scratch
}

// speltPart is a hash of how a part of a name is spelt, unless that is not known to say it
// all.
type speltPart struct {
	hash uint64
	ok   bool
}

// maxSeriesNames bounds how many names are remembered.
const maxSeriesNames = 50_000

// begin takes a record, and reports whether hashes of before mean nothing any more.
func (c *seriesNames) begin(m *otlp.Metrics) (anew bool) {
	c.m = m
	if anew = m.Strings != c.strings; anew || len(c.named) > maxSeriesNames {
		c.strings, c.named = m.Strings, make(map[uint64]seriesName)
	}
	c.resources = c.resources[:0]
	for _, r := range m.Resources {
		c.resources = append(c.resources, c.part(r.Attrs))
	}
	return anew
}

// metric takes the metric whose points come next.
func (c *seriesNames) metric(x *otlp.Metric) {
	c.x, c.base = x, c.resources[x.Resource]
	scope := &c.m.Scopes[x.Scope]
	for _, id := range [...]otlp.StringID{scope.Name, scope.Version, x.Name} {
		c.base.hash = mixed(c.base.hash, uint64(id))
	}
}

// mixed joins two hashes.
func mixed(a, b uint64) uint64 { return a*0x9e3779b97f4a7c15 ^ b }

// spelt is a hash of how the series of a point is spelt in the record, and whether it
// tells it from all others.
func (c *seriesNames) spelt(p *otlp.Point) (uint64, bool) {
	part := c.part(p.Attrs)
	return mixed(c.base.hash, part.hash), part.ok && c.base.ok
}

// part is a hash of the attributes of a list in its order.
func (c *seriesNames) part(r otlp.Range) speltPart {
	b := c.buf[:0]
	for k := r.Start; k < r.End; k++ {
		a := &c.m.Attrs[k]
		b = binary.LittleEndian.AppendUint32(append(b, byte(a.Kind)), uint32(a.Key))
		switch a.Kind {
		case otlp.KindText, otlp.KindBytes:
			v := otlp.UnpackRange(a.Word)
			b = binary.LittleEndian.AppendUint32(b, uint32(v.Len()))
			b = append(b, c.m.Text[v.Start:v.End]...)
		case otlp.KindArray, otlp.KindMap:
			return speltPart{}
		default:
			b = binary.LittleEndian.AppendUint64(b, a.Word)
		}
	}
	c.buf = b
	return speltPart{xxhash.Sum64(b), true}
}

// of names the series of a point.
func (c *seriesNames) of(p *otlp.Point, spelt uint64, ok bool) seriesName {
	if name, had := c.named[spelt]; ok && had {
		return name
	}
	resource := c.sorted(c.m.Resources[c.x.Resource].Attrs)
	scope := &c.m.Scopes[c.x.Scope]
	key := xxhash.Sum64(resource)
	for _, id := range [...]otlp.StringID{scope.Name, scope.Version} { // part of who a series is
		key = mixed(key, xxhash.Sum64String(c.m.Strings.String(id)))
	}
	name := string(show.AppendName(nil, c.m.Strings.String(c.x.Name)))
	label := name + string(c.sorted(p.Attrs))
	out := seriesName{mixed(key, xxhash.Sum64String(label)), label}
	if ok {
		c.named[spelt] = out
	}
	return out
}

// sorted prints attributes by name, whose order says nothing. The print is valid until the
// next call.
func (c *seriesNames) sorted(r otlp.Range) []byte {
	c.parts = slices.Grow(c.parts[:0], r.Len())[:r.Len()]
	for i := range c.parts {
		c.parts[i] = show.AppendAttr(c.parts[i][:0], c.m.Strings, c.m.Attrs, c.m.Text, &c.m.Attrs[int(r.Start)+i])
	}
	slices.SortFunc(c.parts, bytes.Compare)
	b := append(c.joined[:0], '{')
	for i, part := range c.parts {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, part...)
	}
	c.joined = append(b, '}')
	return c.joined
}
