package form

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// sendable gives a message the times and attributes that a replay changes.
func sendable(f *filler, p proto.Message) {
	all(p.ProtoReflect(), func(m protoreflect.Message) {
		fields := m.Descriptor().Fields()
		for i := range fields.Len() {
			if fd := fields.Get(i); strings.HasSuffix(string(fd.Name()), "_unix_nano") && f.r.IntN(5) > 0 {
				m.Set(fd, protoreflect.ValueOfUint64(1_700_000_000_000_000_000+f.r.Uint64N(1e17)))
			} else if strings.HasSuffix(string(fd.Name()), "_unix_nano") {
				m.Clear(fd)
			}
		}
		if kv, ok := m.Interface().(*commonpb.KeyValue); ok && f.r.IntN(2) == 0 {
			kv.Key = []string{"trace_id", "vendor.trace_id", "cp_trace_id", "traceid"}[f.r.IntN(4)]
			text := []string{"0102030405060708090a0b0c0d0e0f10", "0102030405060708090A0B0C0D0E0F10", "short"}[f.r.IntN(3)]
			kv.Value = &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: text}}
		}
	})
}

// part is an item or a part with its digest as it was sent.
type part struct {
	message     Message
	bytes       []byte
	digest      uint64
	start       uint64
	temporality otlp.Temporality
}

func parts(t *testing.T, sig otlp.Signal, payload []byte) (list []part) {
	t.Helper()
	var s Splitter
	add := func(m Message, b []byte, r *Raw) {
		list = append(list, part{m, bytes.Clone(b), digestOf(t, m, b), r.Start, r.Temporality})
	}
	err := s.Split(sig, payload, func(r *Raw) error {
		add(r.Message, r.Bytes, r)
		add(ResourcePart, r.Resource, r)
		add(ScopePart, r.Scope, r)
		if r.Metric != nil {
			add(MetricPart, r.Metric, r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestUndo takes back what package wire has done to whole payloads, in items and parts.
func TestUndo(t *testing.T) {
	const shift, traceXor, spanXor = 123_456_789_012_345, 0x1234567890abcdef, 0xfedcba0987654321
	changed := 0
	for sig := range otlp.Signal(otlp.NumSignals) {
		for seed := range uint64(40) {
			f := newFiller(seed)
			f.deep = 7
			p := f.message(rootOf(sig))
			sendable(f, p)
			payload := marshal(t, p)
			sent := parts(t, sig, payload)
			times := wire.Times{Delta: shift, Exemplar: func(id []byte) int64 { return shift + int64(len(id)) }, Start: func(p wire.Point) uint64 { return 1000 + uint64(p.Temporality) }}
			if err := wire.Rewrite(sig, payload, &times, traceXor, spanXor); err != nil {
				t.Fatal(err)
			}
			for i, r := range parts(t, sig, payload) {
				if r.digest != sent[i].digest {
					changed++
				}
				u := Undo{TraceXor: traceXor, SpanXor: spanXor, Shift: shift, Exemplar: times.Exemplar, Temporality: r.temporality}
				u.Start = func(p Point) uint64 {
					if p.Start != 1000+uint64(p.Temporality) || uint64(p.Temporality) != uint64(r.temporality) {
						t.Errorf("asked for the start of %+v of a metric with temporality %d", p, r.temporality)
					}
					return sent[i].start
				}
				if err := u.Apply(r.message, r.bytes); err != nil {
					t.Fatal(err)
				}
				if got := digestOf(t, r.message, r.bytes); got != sent[i].digest {
					t.Errorf("%v of seed %d: %v is not what it was", sig, seed, r.message)
				}
			}
		}
	}
	if changed < 300 {
		t.Errorf("only %d items and parts were changed", changed)
	}
}

// TestUndoLeavesWhatItCannotUndo has ids and times that no replay sends.
func TestUndoLeavesWhatItCannotUndo(t *testing.T) {
	u := Undo{TraceXor: 5, SpanXor: 6, Shift: 1000}
	for name, b := range map[string][]byte{
		"id of 3 bytes":           appendBytes(nil, 1, []byte{1, 2, 3}),
		"id that would be zero":   appendBytes(nil, 2, []byte{0, 0, 0, 0, 0, 0, 0, 6}),
		"id of zeros":             appendBytes(nil, 1, make([]byte, 16)),
		"time before the shift":   {7<<3 | wireFixed64, 231, 3, 0, 0, 0, 0, 0, 0},
		"time that would be zero": {7<<3 | wireFixed64, 232, 3, 0, 0, 0, 0, 0, 0},
		"time of zero":            {7<<3 | wireFixed64, 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		before := bytes.Clone(b)
		if err := u.Apply(Span, b); err != nil || !bytes.Equal(b, before) {
			t.Errorf("%s: got %v and %x, want %x", name, err, b, before)
		}
	}
	far := Undo{Shift: -math.MaxInt64}
	b := []byte{7<<3 | wireFixed64, 1, 0, 0, 0, 0, 0, 0, 0x80}
	if before := bytes.Clone(b); far.Apply(Span, b) != nil || !bytes.Equal(b, before) {
		t.Errorf("a time over 64 bits is %x, want %x", b, before)
	}
	if err := u.Apply(Span, []byte{10, 5}); !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v, want %v", err, ErrMalformed)
	}
	if u.Apply(Traces, nil) == nil {
		t.Error("a payload is undone")
	}
}
