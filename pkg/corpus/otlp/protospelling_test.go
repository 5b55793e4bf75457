package otlp

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// spelling is a signal whose records are read and written again.
type spelling struct {
	name    string
	typical []byte
	random  func(m *modelMaker, n int) []byte
	again   func(d *Decoder, payload []byte) ([]byte, error)
}

func spellings() []spelling {
	return []spelling{
		{"traces", AppendTraces(nil, typical(3), FormatProto), func(m *modelMaker, n int) []byte { return AppendTraces(nil, m.fill(n), FormatProto) },
			func(d *Decoder, b []byte) ([]byte, error) {
				var t Traces
				err := d.Traces(&t, b, FormatProto)
				return AppendTraces(nil, &t, FormatProto), err
			}},
		{"metrics", AppendMetrics(nil, typicalMetrics(1), FormatProto), func(m *modelMaker, n int) []byte { return AppendMetrics(nil, m.fillMetrics(n), FormatProto) },
			func(d *Decoder, b []byte) ([]byte, error) {
				var t Metrics
				err := d.Metrics(&t, b, FormatProto)
				return AppendMetrics(nil, &t, FormatProto), err
			}},
		{"logs", AppendLogs(nil, typicalLogs(3), FormatProto), func(m *modelMaker, n int) []byte { return AppendLogs(nil, m.fillLogs(n), FormatProto) },
			func(d *Decoder, b []byte) ([]byte, error) {
				var t Logs
				err := d.Logs(&t, b, FormatProto)
				return AppendLogs(nil, &t, FormatProto), err
			}},
	}
}

// node is a field of a message that was taken apart without knowing what it means.
type node struct {
	tag      uint64
	num      uint64
	bytes    []byte
	children []*node // of bytes that may be a message
	pad      int     // bytes that its first number has too many
}

// parse takes a message apart as far as it is one.
func parse(b []byte, depth int) (list []*node, ok bool) {
	for len(b) > 0 {
		var f field
		rest, err := f.read(b)
		if err != nil {
			return nil, false
		}
		n := &node{tag: uint64(f.tag), num: f.num, bytes: f.bytes}
		if f.wire() == wireBytes && depth < 12 {
			n.children, _ = parse(f.bytes, depth+1)
		}
		list, b = append(list, n), rest
	}
	return list, true
}

// padded appends a varint of more bytes than it takes.
func padded(dst []byte, x uint64, pad int) []byte {
	dst = appendVarint(dst, x)
	for range pad {
		dst[len(dst)-1] |= 0x80
		dst = append(dst, 0)
	}
	return dst
}

func write(dst []byte, list []*node) []byte {
	for _, n := range list {
		dst = appendVarint(dst, n.tag)
		switch n.tag & 7 {
		case wireVarint:
			dst = padded(dst, n.num, n.pad)
		case wireFixed64:
			dst = binary.LittleEndian.AppendUint64(dst, n.num)
		case wireFixed32:
			dst = binary.LittleEndian.AppendUint32(dst, uint32(n.num))
		default:
			b := n.bytes
			if n.children != nil {
				b = write(nil, n.children)
			}
			dst = append(padded(dst, uint64(len(b)), n.pad), b...)
		}
	}
	return dst
}

// lists are all lists of fields below and in list.
func lists(out []*[]*node, list *[]*node) []*[]*node {
	out = append(out, list)
	for _, n := range *list {
		if n.children != nil {
			out = lists(out, &n.children)
		}
	}
	return out
}

// respellings are the ways in which a field in a list of them is spelt in another way, or
// says something else.
var respellings = []func(list *[]*node, i int){
	func(list *[]*node, i int) { // another order
		j := (i + 1) % len(*list)
		(*list)[i], (*list)[j] = (*list)[j], (*list)[i]
	},
	func(list *[]*node, i int) { *list = slices.Insert(*list, i, (*list)[i]) },
	func(list *[]*node, i int) { *list = slices.Delete(*list, i, i+1) },
	func(list *[]*node, i int) { (*list)[i].pad = 1 },
	func(list *[]*node, i int) { (*list)[i].num, (*list)[i].bytes, (*list)[i].children = 0, nil, nil },
	func(list *[]*node, i int) {
		(*list)[i].bytes, (*list)[i].children = make([]byte, len((*list)[i].bytes)), nil
	},
	func(list *[]*node, i int) { (*list)[i].num |= 1 << 32 },
	func(list *[]*node, i int) { (*list)[i].num = 2 },
	func(list *[]*node, i int) { (*list)[i].num = 128 },
	func(list *[]*node, i int) { // packed numbers, the last of more bytes
		if b := bytes.Clone((*list)[i].bytes); len(b) > 0 {
			b[len(b)-1] |= 0x80
			(*list)[i].bytes, (*list)[i].children = append(b, 0), nil
		}
	},
	func(list *[]*node, i int) { added(list, i, (*list)[i].tag+8) },
	func(list *[]*node, i int) { added(list, i, (*list)[i].tag+16) },
	func(list *[]*node, i int) { added(list, i, (*list)[i].tag+24) },
	func(list *[]*node, i int) { added(list, i, 40<<3|wireVarint) },
	func(list *[]*node, i int) { added(list, i, (*list)[i].tag^wireFixed64) },
	func(list *[]*node, i int) { (*list)[i].tag ^= wireFixed64 },
	func(list *[]*node, i int) { (*list)[i].tag ^= wireBytes },
}

// added adds a field behind another one.
func added(list *[]*node, i int, tag uint64) {
	n := *(*list)[i]
	n.tag, n.num = tag, 1
	*list = slices.Insert(*list, i+1, &n)
}

// respelt calls visit with a message whose spelling was changed at each place, in each way.
func respelt(payload []byte, visit func(changed []byte)) {
	for way := range respellings {
		tree, _ := parse(payload, 0)
		for k, all := 0, len(lists(nil, &tree)); k < all; k++ {
			for i := 0; ; i++ {
				tree, _ := parse(payload, 0)
				list := lists(nil, &tree)[k]
				if i == len(*list) {
					break
				}
				respellings[way](list, i)
				visit(write(nil, tree))
			}
		}
	}
}

// exponential is a record of an exponential histogram that has all that one may have, and
// of a gauge.
func exponential() *Metrics {
	m := &Metrics{Strings: NewStrings(), Scopes: make([]Scope, 1), Resources: make([]Resource, 1), Counts: []uint64{1, 300, 2, 7}}
	m.Attrs = []Attr{{Key: m.Strings.ID("a"), Kind: KindInt, Word: 300}}
	m.Exemplars = []Exemplar{{Time: 1, Kind: KindInt, Value: 1, TraceID: TraceID{1}, SpanID: SpanID{1}}}
	m.Points = []Point{{Start: 1, Time: 2, Count: 310, Has: HasSum | HasMin | HasMax, Sum: 1, Min: 1, Max: 1, Scale: 3, ZeroCount: 1,
		ZeroThreshold: 1, Flags: 1, Attrs: Range{0, 1}, Exemplars: Range{0, 1},
		Positive: Buckets{Offset: 3, Counts: Range{0, 2}}, Negative: Buckets{Offset: -3, Counts: Range{2, 4}}}, {Time: 2, Kind: KindInt, Value: 3}}
	m.Metrics = []Metric{{Name: m.Strings.ID("m"), Kind: MetricExpHistogram, Temporality: TemporalityDelta, Points: Range{0, 1}},
		{Name: m.Strings.ID("g"), Kind: MetricGauge, Points: Range{1, 2}}}
	return m
}

// What a Decoder takes for spelt as the appenders do is: they write the same bytes. And it
// does take what they write for that, where names and values are such as there mostly are.
func TestSpeltIsWhatAppendersWrite(t *testing.T) {
	for _, s := range spellings() {
		var d Decoder
		if _, err := s.again(&d, s.typical); err != nil || !d.Spelt() {
			t.Errorf("%s: a typical record is not known to be spelt as it is (%v)", s.name, err)
		}
		records := [][]byte{s.typical}
		if s.name == "metrics" {
			records = append(records, AppendMetrics(nil, exponential(), FormatProto))
		}
		for maker := newMaker(43); len(records) < 4; {
			if b := s.random(maker, 2); len(b) > 200 && len(b) < 600 {
				records = append(records, b)
			}
		}
		odd := 0
		for _, payload := range records {
			respelt(payload, func(changed []byte) {
				again, err := s.again(&d, changed)
				if err == nil && bytes.Equal(again, changed) {
					return
				}
				odd++
				if d.Spelt() {
					at := firstDifference(again, changed)
					t.Errorf("%s: %d bytes are taken for spelt as the %d that are written of them (%v); they differ at %d: %x and %x",
						s.name, len(changed), len(again), err, at, changed[max(0, at-8):min(len(changed), at+8)], again[max(0, at-8):min(len(again), at+8)])
				}
			})
		}
		if odd < 500 {
			t.Errorf("%s: only %d records were spelt in another way", s.name, odd)
		}
	}
}
