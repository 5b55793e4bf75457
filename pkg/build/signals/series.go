package signals

import (
	"bytes"
	"cmp"
	"math/bits"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// series is one time series of a segment: a metric of a resource with values
// for its dimensions.
type series struct {
	hash     uint64
	metric   uint32
	resource uint32     // of the rules, with the instance: see Deriver.writer; or one of Deriver.origins
	dims     otlp.Range // of Deriver.dims; KindEmpty for one that is absent

	live     bool // it has had a value
	touched  bool // since the tick before
	count    uint64
	sum      int64  // of a gauge: the latest value
	min, max int64  // of histograms
	counts   uint32 // first of its counters
	level    uint32 // one more than its index in Deriver.pulses.levels; 0: none
}

// find returns the index of a series, adding it when it is new. text is what
// texts among the dimensions refer to. Most segments have some dozens of
// series and a value for each span, so this is a table of its own and no map,
// whose keys would have to be built.
func (d *Deriver) find(metric, resource uint32, dims []otlp.Attr, text []byte) uint32 {
	h := (uint64(metric)<<32 | uint64(resource)) * 0x9e3779b97f4a7c15
	for i := range dims {
		h = (bits.RotateLeft64(h, 29) ^ d.hash(dims[i], text)) * 0x9e3779b97f4a7c15
	}
	if 4*(len(d.series)+1) > 3*len(d.table) {
		d.grow()
	}
	mask := uint64(len(d.table) - 1)
	at := (h >> 32) & mask
	for ; d.table[at] > 0; at = (at + 1) & mask {
		if i := d.table[at] - 1; d.series[i].is(d, h, metric, resource, dims, text) {
			return i
		}
	}
	d.series = append(d.series, series{hash: h, metric: metric, resource: resource, dims: d.keep(dims, text)})
	d.table[at] = uint32(len(d.series))
	return uint32(len(d.series) - 1)
}

func (s *series) is(d *Deriver, hash uint64, metric, resource uint32, dims []otlp.Attr, text []byte) bool {
	if s.hash != hash || s.metric != metric || s.resource != resource {
		return false
	}
	for i, a := range d.dims[s.dims.Start:s.dims.End] {
		if d.compare(a, d.text, dims[i], text) != 0 {
			return false
		}
	}
	return true
}

// grow doubles the table.
func (d *Deriver) grow() {
	n := max(256, 2*len(d.table))
	d.table = make([]uint32, n)
	mask := uint64(n - 1)
	for i := range d.series {
		at := (d.series[i].hash >> 32) & mask
		for d.table[at] > 0 {
			at = (at + 1) & mask
		}
		d.table[at] = uint32(i + 1)
	}
}

// hash is equal for equal values: a string of the table and the same text have
// one.
func (d *Deriver) hash(a otlp.Attr, text []byte) uint64 {
	switch a.Kind {
	case otlp.KindString:
		return d.rules.hashes[a.Word]
	case otlp.KindText:
		r := otlp.UnpackRange(a.Word)
		return hashBytes(text[r.Start:r.End])
	}
	return a.Word ^ uint64(a.Kind)<<56
}

// compare orders values of a dimension: absent ones first, then texts in byte
// order, then the others by kind and word.
func (d *Deriver) compare(a otlp.Attr, textA []byte, b otlp.Attr, textB []byte) int {
	if a.Kind == otlp.KindString && b.Kind == otlp.KindString && a.Word == b.Word {
		return 0
	}
	if c := cmp.Compare(rank(a.Kind), rank(b.Kind)); c != 0 {
		return c
	}
	if a.Kind == otlp.KindString || a.Kind == otlp.KindText {
		return d.compareTexts(a, textA, b, textB)
	}
	return cmp.Compare(a.Word, b.Word)
}

func (d *Deriver) compareTexts(a otlp.Attr, textA []byte, b otlp.Attr, textB []byte) int {
	switch {
	case a.Kind == otlp.KindString && b.Kind == otlp.KindString:
		return cmp.Compare(d.rules.strs.String(otlp.StringID(a.Word)), d.rules.strs.String(otlp.StringID(b.Word)))
	case a.Kind == otlp.KindText && b.Kind == otlp.KindText:
		x, y := otlp.UnpackRange(a.Word), otlp.UnpackRange(b.Word)
		return bytes.Compare(textA[x.Start:x.End], textB[y.Start:y.End])
	case a.Kind == otlp.KindText:
		return -d.compareTexts(b, textB, a, textA)
	}
	y := otlp.UnpackRange(b.Word)
	return compareString(d.rules.strs.String(otlp.StringID(a.Word)), textB[y.Start:y.End])
}

// compareString orders a string and bytes without converting either.
func compareString(a string, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return cmp.Compare(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b))
}

// rank is the place of a kind: both spellings of a text have one.
func rank(k otlp.Kind) int {
	switch k {
	case otlp.KindEmpty:
		return 0
	case otlp.KindString, otlp.KindText:
		return 1
	}
	return 2 + int(k)
}
