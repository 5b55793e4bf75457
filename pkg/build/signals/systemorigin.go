package signals

import (
	"math/bits"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// origins are the resources of metrics of a segment which say more than those that the
// rules have: of a service whose resource differs, by what spans say.
type origins struct {
	first uint32 // number of the first: one more than the last of Deriver.writer
	list  []origin
	heads map[uint64]uint32 // by hash: one more than the index of the latest with it
	kept  []otlp.Attr       // scratch
}

// origin is a resource with more attributes.
type origin struct {
	writer uint32     // see Deriver.writer
	attrs  otlp.Range // of Deriver.dims, by key
	next   uint32     // one more than the index of another with the same hash; 0: none
}

// reset forgets all, where writers have numbers below first.
func (o *origins) reset(first int) {
	o.first, o.list = uint32(first), o.list[:0]
	clear(o.heads)
}

// of returns the origin that a resource of a series is.
func (o *origins) of(resource uint32) origin {
	if resource < o.first {
		return origin{writer: resource}
	}
	return o.list[resource-o.first]
}

// originOf returns the resource of the series of a span's value: that of the writer, with
// what a metric keeps of the resource of the span.
func (d *Deriver) originOf(m *metric, writer uint32, t *otlp.Traces, s *otlp.Span) uint32 {
	if len(m.keeps) == 0 {
		return writer
	}
	kept := d.origins.kept[:0]
	for _, key := range m.keeps {
		if a, ok := lookup(t, t.Resources[s.Resource].Attrs, key); ok {
			kept = append(kept, a)
		}
	}
	d.origins.kept = kept
	if len(kept) == 0 {
		return writer // whose resource other metrics have, too
	}
	return d.origin(writer, kept, t.Text)
}

// origin returns the number of the resource of a writer with some attributes, whose text
// is in text, adding it when it is new.
func (d *Deriver) origin(writer uint32, attrs []otlp.Attr, text []byte) uint32 {
	o := &d.origins
	h := uint64(writer) * 0x9e3779b97f4a7c15
	for _, a := range attrs {
		h = (bits.RotateLeft64(h, 29) ^ uint64(a.Key)<<32 ^ d.hash(a, text)) * 0x9e3779b97f4a7c15
	}
	for i := o.heads[h]; i > 0; i = o.list[i-1].next {
		if x := &o.list[i-1]; x.writer == writer && d.sameAttrs(d.dims[x.attrs.Start:x.attrs.End], attrs, text) {
			return o.first + i - 1
		}
	}
	if o.heads == nil {
		o.heads = make(map[uint64]uint32)
	}
	o.list = append(o.list, origin{writer: writer, attrs: d.keep(attrs, text), next: o.heads[h]})
	o.heads[h] = uint32(len(o.list))
	return o.first + uint32(len(o.list)) - 1
}

// sameAttrs reports whether attributes that are kept are those.
func (d *Deriver) sameAttrs(kept, attrs []otlp.Attr, text []byte) bool {
	if len(kept) != len(attrs) {
		return false
	}
	for i, a := range kept {
		if a.Key != attrs[i].Key || d.compare(a, d.text, attrs[i], text) != 0 {
			return false
		}
	}
	return true
}

// keep copies attributes whose text is in text.
func (d *Deriver) keep(attrs []otlp.Attr, text []byte) otlp.Range {
	begin := uint32(len(d.dims))
	for _, a := range attrs {
		if a.Kind == otlp.KindText {
			r := otlp.UnpackRange(a.Word)
			from := uint32(len(d.text))
			d.text = append(d.text, text[r.Start:r.End]...)
			a.Word = otlp.PackRange(otlp.Range{Start: from, End: uint32(len(d.text))})
		}
		d.dims = append(d.dims, a)
	}
	return otlp.Range{Start: begin, End: uint32(len(d.dims))}
}
