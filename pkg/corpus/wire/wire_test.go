package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/otelsim/otelsim/internal/race"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

const (
	delta    = 1_234_567_890_123
	traceXor = 0x1122334455667788
	spanXor  = 0x99aabbccddeeff01
)

var (
	traceXorBytes = binary.BigEndian.AppendUint64(nil, traceXor)
	spanXorBytes  = binary.BigEndian.AppendUint64(nil, spanXor)
)

// eachRandom calls visit with random messages of all signals.
func eachRandom(seed uint64, n int, visit func(sig otlp.Signal, m proto.Message)) {
	f := newFiller(seed)
	for i := range n {
		sig := otlp.Signal(i % otlp.NumSignals)
		visit(sig, f.message(sig))
	}
}

// checkBytes checks a change that was made in place.
func checkBytes(t *testing.T, what string, err error, got, want []byte) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("%s: differs at %d of %d: got %q, want %q", what, i, len(want), got[max(0, i-40):min(len(got), i+20)], want[max(0, i-40):i+1])
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%s: got %d bytes, want %d", what, len(got), len(want))
	}
}

func TestShiftEqualsShiftOfTheMessages(t *testing.T) {
	eachRandom(1, 300, func(sig otlp.Signal, m proto.Message) {
		moved := shifted(m, delta)
		desc := m.ProtoReflect().Descriptor()
		b := marshal(t, m)
		checkBytes(t, sig.String(), ShiftTimes(sig, b, delta), b, marshal(t, moved))
		b = reverse(t, marshal(t, m), desc)
		checkBytes(t, sig.String()+" in descending order", ShiftTimes(sig, b, delta), b, reverse(t, marshal(t, moved), desc))
		b = asJSON(t, m)
		checkBytes(t, sig.String()+" in JSON", ShiftTimesJSON(sig, b, delta), b, asJSON(t, moved))
		checkBytes(t, sig.String()+" in JSON and back", ShiftTimesJSON(sig, b, -delta), b, asJSON(t, m))
	})
}

func TestReKeyEqualsReKeyOfTheMessages(t *testing.T) {
	eachRandom(2, 300, func(sig otlp.Signal, m proto.Message) {
		keyed := reKeyed(m, traceXorBytes, spanXorBytes)
		desc := m.ProtoReflect().Descriptor()
		b := marshal(t, m)
		checkBytes(t, sig.String(), ReKey(sig, b, traceXor, spanXor), b, marshal(t, keyed))
		b = reverse(t, marshal(t, m), desc)
		checkBytes(t, sig.String()+" in descending order", ReKey(sig, b, traceXor, spanXor), b, reverse(t, marshal(t, keyed), desc))
		b = asJSON(t, m)
		checkBytes(t, sig.String()+" in JSON", ReKeyJSON(sig, b, traceXor, spanXor), b, asJSON(t, keyed))
		checkBytes(t, sig.String()+" in JSON and back", ReKeyJSON(sig, b, traceXor, spanXor), b, asJSON(t, m))
	})
}

func TestRewriteIsShiftAndReKey(t *testing.T) {
	times := &Times{Delta: delta}
	eachRandom(8, 150, func(sig otlp.Signal, m proto.Message) {
		want := reKeyed(shifted(m, delta), traceXorBytes, spanXorBytes)
		b := marshal(t, m)
		checkBytes(t, sig.String(), Rewrite(sig, b, times, traceXor, spanXor), b, marshal(t, want))
		b = asJSON(t, m)
		one := bytes.Clone(b)
		checkBytes(t, sig.String()+" in JSON", errors.Join(times.ApplyJSON(sig, b), ReKeyJSON(sig, b, traceXor, spanXor)), b, asJSON(t, want))
		checkBytes(t, sig.String()+" in JSON, in one walk", RewriteJSON(sig, one, times, traceXor, spanXor), one, b)
	})
}

// However far a change got, an error takes all of it back.
func TestErrorAnywhereTakesEverythingBack(t *testing.T) {
	times := &Times{Delta: delta}
	eachRandom(9, 60, func(sig otlp.Signal, m proto.Message) {
		whole := marshal(t, m)
		for n := len(whole) - 1; n > 0; n -= 1 + n/40 {
			b := bytes.Clone(whole[:n])
			if err := Rewrite(sig, b, times, traceXor, spanXor); err != nil && !bytes.Equal(b, whole[:n]) {
				t.Fatalf("%v cut to %d bytes: the payload changed with error %v", sig, n, err)
			}
		}
	})
}

// wantCounts counts by descriptor.
func wantCounts(m proto.Message) (c Counts) {
	c.Items = items(m)
	each(m.ProtoReflect(), func(m protoreflect.Message, fd protoreflect.FieldDescriptor, v protoreflect.Value) {
		starts, ends := false, false
		switch m.Descriptor().Name() {
		case "Span":
			starts, ends = fd.Name() == "start_time_unix_nano", fd.Name() == "end_time_unix_nano"
		case "LogRecord":
			starts = fd.Name() == "time_unix_nano" || fd.Name() == "observed_time_unix_nano"
			ends = starts
		case "NumberDataPoint", "HistogramDataPoint", "ExponentialHistogramDataPoint", "SummaryDataPoint":
			starts = fd.Name() == "time_unix_nano"
			ends = starts
		}
		if starts && (c.First == 0 || v.Uint() < c.First) {
			c.First = v.Uint()
		}
		if ends {
			c.Last = max(c.Last, v.Uint())
		}
	})
	return c
}

func TestCountEqualsCountOfTheMessages(t *testing.T) {
	eachRandom(3, 300, func(sig otlp.Signal, m proto.Message) {
		want := wantCounts(m)
		for name, b := range map[string][]byte{"ascending": marshal(t, m), "descending": reverse(t, marshal(t, m), m.ProtoReflect().Descriptor())} {
			if got, err := Count(sig, b); err != nil || got != want {
				t.Fatalf("%v, %s: got %+v, %v; want %+v", sig, name, got, err, want)
			}
		}
		if got, err := CountJSON(sig, asJSON(t, m)); err != nil || got != want {
			t.Fatalf("%v in JSON: got %+v, %v; want %+v", sig, got, err, want)
		}
	})
}

// A payload in which one late time cannot move must stay as it is.
func TestErrorsChangeNothing(t *testing.T) {
	span := func(ids byte, start uint64) *tracepb.Span {
		return &tracepb.Span{TraceId: bytes.Repeat([]byte{ids}, 16), SpanId: binary.BigEndian.AppendUint64(nil, uint64(ids)), StartTimeUnixNano: start}
	}
	payload := func(spans ...*tracepb.Span) *tracepb.TracesData {
		return &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}}}}}
	}
	badID := span(1, 1000)
	badID.SpanId = []byte{1, 2, 3}
	zeroTrace := span(1, 1000)
	zeroTrace.TraceId = binary.BigEndian.AppendUint64(make([]byte, 8), traceXor)
	for _, row := range []struct {
		name    string
		in      *tracepb.TracesData
		change  func(b []byte) error
		inJSON  func(b []byte) error
		wantErr error
	}{
		{"a time beyond 64 bits", payload(span(1, 1000), span(2, math.MaxUint64-5)),
			func(b []byte) error { return ShiftTimes(otlp.SignalTraces, b, 6) },
			func(b []byte) error { return ShiftTimesJSON(otlp.SignalTraces, b, 6) }, ErrRange},
		{"a time below zero", payload(span(1, 1000), span(2, 5)),
			func(b []byte) error { return ShiftTimes(otlp.SignalTraces, b, -6) },
			func(b []byte) error { return ShiftTimesJSON(otlp.SignalTraces, b, -6) }, ErrRange},
		{"a time that would be unset", payload(span(1, 1000), span(2, 5)),
			func(b []byte) error { return ShiftTimes(otlp.SignalTraces, b, -5) },
			func(b []byte) error { return ShiftTimesJSON(otlp.SignalTraces, b, -5) }, ErrRange},
		{"the smallest delta", payload(span(1, math.MaxUint64), span(2, 5)),
			func(b []byte) error { return ShiftTimes(otlp.SignalTraces, b, math.MinInt64) },
			func(b []byte) error { return ShiftTimesJSON(otlp.SignalTraces, b, math.MinInt64) }, ErrRange},
		{"a span id that would be zero", payload(span(1, 1000), span(7, 1000)),
			func(b []byte) error { return ReKey(otlp.SignalTraces, b, traceXor, 7) },
			func(b []byte) error { return ReKeyJSON(otlp.SignalTraces, b, traceXor, 7) }, ErrRange},
		{"a trace id that would be zero", payload(span(1, 1000), zeroTrace),
			func(b []byte) error { return ReKey(otlp.SignalTraces, b, traceXor, spanXor) },
			func(b []byte) error { return ReKeyJSON(otlp.SignalTraces, b, traceXor, spanXor) }, ErrRange},
		{"an id of three bytes", payload(span(1, 1000), badID),
			func(b []byte) error { return ReKey(otlp.SignalTraces, b, traceXor, spanXor) },
			func(b []byte) error { return ReKeyJSON(otlp.SignalTraces, b, traceXor, spanXor) }, ErrMalformed},
	} {
		for form, change := range map[string]func([]byte) error{"protobuf": row.change, "JSON": row.inJSON} {
			b := marshal(t, row.in)
			if form == "JSON" {
				b = asJSON(t, row.in)
			}
			before := bytes.Clone(b)
			if err := change(b); !errors.Is(err, row.wantErr) {
				t.Errorf("%s, %s: got error %v, want %v", row.name, form, err, row.wantErr)
			}
			if !bytes.Equal(b, before) {
				t.Errorf("%s, %s: the payload changed", row.name, form)
			}
		}
	}
}

func TestUnknownSignalIsRefused(t *testing.T) {
	if err := ShiftTimes(otlp.NumSignals, nil, 6); err == nil {
		t.Error("got no error")
	}
}

func TestUnsetStaysUnset(t *testing.T) {
	// Explicit zeros, which no marshaller writes: time 0, empty and zero ids.
	span := []byte{0x0a, 0, 0x12, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0x39, 0, 0, 0, 0, 0, 0, 0, 0}
	b := []byte{0x0a, byte(len(span) + 4), 0x12, byte(len(span) + 2), 0x12, byte(len(span))}
	b = append(b, span...)
	before := bytes.Clone(b)
	checkBytes(t, "shift", ShiftTimes(otlp.SignalTraces, b, 5), b, before)
	checkBytes(t, "re-key", ReKey(otlp.SignalTraces, b, traceXor, spanXor), b, before)
	line := []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"","spanId":"0000000000000000","parentSpanId":null,` +
		`"startTimeUnixNano":"0","endTimeUnixNano":0}]}]}]}`)
	before = bytes.Clone(line)
	checkBytes(t, "shift JSON", ShiftTimesJSON(otlp.SignalTraces, line, 5), line, before)
	checkBytes(t, "re-key JSON", ReKeyJSON(otlp.SignalTraces, line, traceXor, spanXor), line, before)
}

// Half an id of zeros is an id, unlike a whole one.
func TestHalfZeroTraceIDChanges(t *testing.T) {
	m := func(low byte) *tracepb.TracesData {
		id := append([]byte{1, 0, 0, 0, 0, 0, 0, 0}, bytes.Repeat([]byte{low}, 8)...)
		return &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: []*tracepb.Span{{TraceId: id}}}}}}}
	}
	const xor = 0x5555555555555555
	b := marshal(t, m(0))
	checkBytes(t, "from zero", ReKey(otlp.SignalTraces, b, xor, 0), b, marshal(t, m(0x55)))
	checkBytes(t, "to zero", ReKey(otlp.SignalTraces, b, xor, 0), b, marshal(t, m(0)))
}

func TestPassesDoNotAllocate(t *testing.T) {
	eachRandom(4, 3, func(sig otlp.Signal, m proto.Message) {
		b, line := marshal(t, m), asJSON(t, m)
		times := &Times{Delta: 1, Start: func(p Point) uint64 { return p.Start + 1 }, Exemplar: func([]byte) int64 { return 1 }}
		n := 0
		visit := func(Item) { n++ }
		for name, f := range map[string]func(){
			"count": func() { _, _ = Count(sig, b) }, "shift": func() { _ = ShiftTimes(sig, b, 1) },
			"times": func() { _ = times.Apply(sig, b) }, "re-key": func() { _ = ReKey(sig, b, 1<<40, 1<<40) },
			"items": func() { _ = Items(sig, b, visit) }, "detect": func() { _, _ = Detect(b) },
			"count JSON": func() { _, _ = CountJSON(sig, line) }, "shift JSON": func() { _ = ShiftTimesJSON(sig, line, 1) },
			"times JSON": func() { _ = times.ApplyJSON(sig, line) }, "re-key JSON": func() { _ = ReKeyJSON(sig, line, 1<<40, 1<<40) },
			"rewrite JSON": func() { _ = RewriteJSON(sig, line, times, 1<<40, 1<<40) },
		} {
			got := testing.AllocsPerRun(10, f)
			if pooled := strings.HasSuffix(name, " JSON") && name != "count JSON"; got != 0 && !(pooled && race.Detector()) {
				t.Errorf("%v, %s: got %v allocations, want 0", sig, name, got)
			}
		}
	})
}
