package wire

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// addSeeds gives f small payloads of all signals in both formats, whole and
// cut.
func addSeeds(f *testing.F) {
	for i := range 9 {
		sig := otlp.Signal(i % otlp.NumSignals)
		m := newFiller(uint64(100 + i)).message(sig)
		for n := uint64(0); len(marshal(f, m)) > 1500; n++ {
			m = newFiller(uint64(100+i) + n*1000).message(sig)
		}
		for _, b := range [][]byte{marshal(f, m), asJSON(f, m)} {
			f.Add(uint8(sig), b, int64(delta), uint64(traceXor), uint64(spanXor))
			f.Add(uint8(sig), b[:len(b)*2/3], int64(-1), uint64(0), uint64(1))
		}
	}
}

// FuzzWalk checks that no payload is more than the functions bear, and that
// they agree on how many items it has.
func FuzzWalk(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, s uint8, b []byte, _ int64, _, _ uint64) {
		sig := otlp.Signal(s % otlp.NumSignals)
		before := bytes.Clone(b)
		counts, err := Count(sig, b)
		n := uint64(0)
		itemsErr := Items(sig, b, func(Item) { n++ })
		var x Index
		for _, keys := range []bool{false, true} {
			if indexErr := x.Read(sig, b, keys); indexErr == nil && err == nil && x.Items != counts.Items {
				t.Errorf("got %d items in the index, counted %d", x.Items, counts.Items)
			}
		}
		if err == nil && itemsErr == nil && n != counts.Items {
			t.Errorf("got %d items, counted %d", n, counts.Items)
		}
		if err != nil && itemsErr == nil {
			t.Errorf("items were found where counting fails: %v", err)
		}
		_, _ = Detect(b)
		_, _ = DetectJSON(b)
		seen := uint64(0)
		for f := range otlp.Format(2) {
			_ = EachTime(sig, f, b, func(uint64) { seen++ })
		}
		jsonCounts, jsonErr := CountJSON(sig, b)
		if scanned, err := ScanJSON(sig, b); err == nil && (jsonErr != nil || scanned != jsonCounts) {
			t.Errorf("got %+v where ids are looked at too, %+v, %v without", scanned, jsonCounts, jsonErr)
		}
		grown := Times{Delta: 1, Keep: true}
		if out, err := grown.AppendJSON(nil, sig, b); err == nil {
			if c, err := CountJSON(sig, out); err != nil || c.Items != jsonCounts.Items {
				t.Errorf("got %d items, %v after other times were written, want %d", c.Items, err, jsonCounts.Items)
			}
		}
		x = Index{Together: true}
		if x.Read(sig, b, false) == nil {
			together, walked := bytes.Clone(b), bytes.Clone(b)
			err := x.Places.Apply(together, x.Bounds, &Change{Shift: 1 << 40, Keep: true})
			times := Times{Delta: 1 << 40, Keep: true}
			if walkErr := times.Apply(sig, walked); (err == nil) != (walkErr == nil) || err == nil && !bytes.Equal(together, walked) {
				t.Errorf("places and walk differ where starts move with all times: %v, %v", err, walkErr)
			}
		}
		if !bytes.Equal(b, before) {
			t.Error("reading changed the payload")
		}
	})
}

// FuzzShift checks that a shift and its opposite, and changing ids twice, leave
// any payload as it was, and so does an error.
func FuzzShift(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, s uint8, b []byte, delta int64, traceXor, spanXor uint64) {
		sig := otlp.Signal(s % otlp.NumSignals)
		before := bytes.Clone(b)
		check := func(name string, do, undo func() error) {
			if do() == nil {
				if err := undo(); err != nil {
					t.Errorf("%s cannot be undone: %v", name, err)
				}
			}
			if !bytes.Equal(b, before) {
				t.Errorf("%s: the payload is not what it was", name)
				copy(b, before)
			}
		}
		if -delta != delta {
			check("shift", func() error { return ShiftTimes(sig, b, delta) }, func() error { return ShiftTimes(sig, b, -delta) })
			rewrite := func(delta int64) func() error {
				return func() error { return Rewrite(sig, b, &Times{Delta: delta}, traceXor, spanXor) }
			}
			check("rewrite", rewrite(delta), rewrite(-delta))
			checkPlaces(t, sig, b, delta, traceXor, spanXor)
			check("shift in JSON", func() error { return ShiftTimesJSON(sig, b, delta) }, func() error { return ShiftTimesJSON(sig, b, -delta) })
		}
		reKey := func() error { return ReKey(sig, b, traceXor, spanXor) }
		check("re-key", reKey, reKey)
		// Upper-case digits come back in lower case, so JSON is compared in that.
		copy(b, bytes.ToLower(b))
		before = bytes.Clone(b)
		reKeyJSON := func() error { return ReKeyJSON(sig, b, traceXor, spanXor) }
		check("re-key in JSON", reKeyJSON, reKeyJSON)
	})
}

// checkPlaces checks that places serve as well as a walk: with the same bytes,
// and an error where that has one.
func checkPlaces(t *testing.T, sig otlp.Signal, b []byte, delta int64, traceXor, spanXor uint64) {
	want := bytes.Clone(b)
	err := Rewrite(sig, want, &Times{Delta: delta}, traceXor, spanXor)
	got, before := bytes.Clone(b), bytes.Clone(b)
	var x Index
	indexErr := x.Read(sig, got, true)
	if !bytes.Equal(got, before) {
		t.Error("an index changed the payload")
	}
	for _, p := range x.Places {
		if k := p & placeKind; k == placeCumulative || k == placeDelta {
			return // which a shift alone does not have
		}
	}
	if indexErr == nil {
		indexErr = x.Places.Apply(got, x.Bounds, &Change{Shift: delta, TraceXor: traceXor, SpanXor: spanXor})
	}
	if (err == nil) != (indexErr == nil) {
		t.Errorf("got error %v by index, %v by walk", indexErr, err)
	}
	if !bytes.Equal(got, want) {
		t.Error("an index led to other bytes than a walk")
	}
}

// benchPayload is about 128 kB of spans in both formats.
func benchPayload(*testing.B) (payload, line []byte) {
	t := benchTraces(240)
	return otlp.AppendTraces(nil, t, otlp.FormatProto), otlp.AppendTraces(nil, t, otlp.FormatJSON)
}

// benchSpans is a payload of n spans.
func benchSpans(n int) []byte { return otlp.AppendTraces(nil, benchTraces(n), otlp.FormatProto) }

func benchTraces(n int) *otlp.Traces {
	t := &otlp.Traces{Strings: otlp.NewStrings(), Resources: make([]otlp.Resource, 1), Scopes: make([]otlp.Scope, 1)}
	id := t.Strings.ID
	for i := range n {
		s := otlp.Span{TraceID: otlp.TraceID{1, 2, 3, 8: 7}, SpanID: otlp.SpanID{9, byte(i), 1}, ParentID: otlp.SpanID{9}, Name: id("vendor.llm.call"),
			Start: 1_760_000_000_000_000_000, End: 1_760_000_000_100_000_000, Flags: 0x101, Kind: 1}
		s.Attrs.Start = uint32(len(t.Attrs))
		for _, kv := range [][2]string{{"session.id", "c0a8f3d2-19"}, {"vendor.tenant.id", "tenant-17"}, {"vendor.request.id", "req-00000017"},
			{"gen_ai.operation.name", "chat"}, {"gen_ai.provider.name", "openai"}, {"gen_ai.request.model", "gpt-4o-mini"},
			{"gen_ai.response.model", "gpt-4o-mini-2024-07-18"}, {"vendor.step.outcome", "success"}, {"vendor.call.id", "call_000000000000002a"},
			{"vendor.cp.incoming_trace_id", "0102030405060708090a0b0c0d0e0f10"}} {
			t.Attrs = append(t.Attrs, otlp.Attr{Key: id(kv[0]), Word: uint64(id(kv[1]))})
		}
		t.Attrs = append(t.Attrs, otlp.Attr{Key: id("gen_ai.usage.input_tokens"), Kind: otlp.KindInt, Word: 1234})
		s.Attrs.End = uint32(len(t.Attrs))
		t.Spans = append(t.Spans, s)
	}
	return t
}

func benchmark(b *testing.B, payload []byte, f func() error) {
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		if err := f(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCount(b *testing.B) {
	p, _ := benchPayload(b)
	benchmark(b, p, func() error { _, err := Count(otlp.SignalTraces, p); return err })
}

func BenchmarkItems(b *testing.B) {
	p, _ := benchPayload(b)
	n := uint64(0)
	visit := func(it Item) { n += binary.BigEndian.Uint64(it.SpanID) }
	benchmark(b, p, func() error { return Items(otlp.SignalTraces, p, visit) })
}

func BenchmarkShiftTimes(b *testing.B) {
	p, _ := benchPayload(b)
	benchmark(b, p, func() error { return ShiftTimes(otlp.SignalTraces, p, 1) })
}

func BenchmarkReKey(b *testing.B) {
	p, _ := benchPayload(b)
	benchmark(b, p, func() error { return ReKey(otlp.SignalTraces, p, traceXor, spanXor) })
}

// BenchmarkRewrite is what a second lap costs each payload.
func BenchmarkRewrite(b *testing.B) {
	p, _ := benchPayload(b)
	times := Times{Delta: 1}
	benchmark(b, p, func() error { return Rewrite(otlp.SignalTraces, p, &times, traceXor, spanXor) })
}

// BenchmarkRewriteJSON is what an object of a first lap costs: it is counted, and its times
// are changed; and what one of a later lap does, whose ids are too.
func BenchmarkRewriteJSON(b *testing.B) {
	_, line := benchPayload(b)
	times := Times{Delta: 1, Keep: true, Start: func(p Point) uint64 { return p.Start + 1 }}
	for name, change := range map[string]func() error{
		"first lap": func() error { return times.ApplyJSON(otlp.SignalTraces, line) },
		"later lap": func() error { return RewriteJSON(otlp.SignalTraces, line, &times, traceXor, spanXor) },
	} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, line, func() error {
				if _, err := CountJSON(otlp.SignalTraces, line); err != nil {
					return err
				}
				return change()
			})
		})
	}
}
