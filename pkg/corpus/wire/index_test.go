package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// change is the change of the tests, and changeTimes the same for Rewrite.
var (
	change      = Change{Shift: delta, Cumulative: 7_000, Delta: 8_000, TraceXor: traceXor, SpanXor: spanXor}
	changeTimes = Times{Delta: delta, Start: func(p Point) uint64 {
		switch p.Temporality {
		case TemporalityCumulative:
			return change.Cumulative
		case TemporalityDelta:
			return change.Delta
		}
		return p.Start + delta
	}}
)

// indexed returns the index of a payload that is to have one.
func indexed(t testing.TB, sig otlp.Signal, payload []byte, keys bool) *Index {
	t.Helper()
	var x Index
	if err := x.Read(sig, payload, keys); err != nil {
		t.Fatal(err)
	}
	return &x
}

// What is changed at places is what the walks change.
func TestPlacesEqualWalks(t *testing.T) {
	eachRandom(10, 300, func(sig otlp.Signal, m proto.Message) {
		for name, in := range map[string][]byte{"ascending": marshal(t, m), "descending": reverse(t, marshal(t, m), m.ProtoReflect().Descriptor())} {
			want, got := bytes.Clone(in), bytes.Clone(in)
			err := Rewrite(sig, want, &changeTimes, traceXor, spanXor)
			x := indexed(t, sig, got, true)
			if gotErr := x.Places.Apply(got, x.Bounds, &change); (gotErr == nil) != (err == nil) {
				t.Fatalf("%v, %s: got error %v, want %v", sig, name, gotErr, err)
			}
			checkBytes(t, sig.String()+" "+name, nil, got, want)

			times := change
			times.TraceXor, times.SpanXor = 0, 0
			want, got = bytes.Clone(in), bytes.Clone(in)
			err = changeTimes.Apply(sig, want)
			x = indexed(t, sig, got, false)
			if gotErr := x.Places.Apply(got, x.Bounds, &times); (gotErr == nil) != (err == nil) {
				t.Fatalf("%v, %s, times: got error %v, want %v", sig, name, gotErr, err)
			}
			checkBytes(t, sig.String()+" times "+name, nil, got, want)
		}
	})
}

// Whatever is wrong with a span, an index sees what the walk sees.
func TestPlacesEqualWalksOfDamage(t *testing.T) {
	payload := benchSpans(3)
	times := change
	times.TraceXor, times.SpanXor = 0, 0
	refused := 0
	check := func(at int, damaged []byte) {
		want := bytes.Clone(damaged)
		wantErr := changeTimes.Apply(otlp.SignalTraces, want)
		var x Index
		err := x.Read(otlp.SignalTraces, damaged, false)
		if err == nil {
			err = x.Places.Apply(damaged, x.Bounds, &times)
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("byte %d: got error %v, want %v", at, err, wantErr)
		}
		if err == nil && !bytes.Equal(damaged, want) {
			t.Fatalf("byte %d: changed something else", at)
		}
		if err != nil {
			refused++
		}
	}
	for at := range payload {
		check(at, bytes.Clone(payload[:at]))
		for c := range 256 {
			damaged := bytes.Clone(payload)
			damaged[at] = byte(c)
			check(at, damaged)
		}
	}
	if refused < len(payload) {
		t.Errorf("%d payloads refused: want at least the %d cut ones", refused, len(payload)-1)
	}
}

func TestIndexEqualsItems(t *testing.T) {
	eachRandom(11, 300, func(sig otlp.Signal, m proto.Message) {
		b := marshal(t, m)
		counts, err := Count(sig, b)
		if err != nil {
			t.Fatal(err)
		}
		last, trace := counts.Last, otlp.TraceID{}
		for _, it := range itemsOf(t, sig, b) {
			if sig == otlp.SignalTraces {
				last = max(last, it.Start)
			}
			if trace == (otlp.TraceID{}) && len(it.TraceID) == 16 {
				trace = otlp.TraceID(it.TraceID)
			}
		}
		if x := indexed(t, sig, b, false); x.Items != counts.Items || x.Last != last || x.Trace != trace {
			t.Fatalf("%v: got %d items to %d of %x; want %d to %d of %x", sig, x.Items, x.Last, x.Trace, counts.Items, last, trace)
		}
	})
}

func TestPlacesRefuseAndChangeNothing(t *testing.T) {
	payload := benchSpans(3)
	x := indexed(t, otlp.SignalTraces, payload, true)
	firstSpan := uint64(0x09_00_01_00_00_00_00_00)
	for _, row := range []struct {
		name string
		c    Change
	}{
		{"a time beyond 64 bits", Change{Shift: math.MaxInt64}},
		{"a time of zero", Change{Shift: -int64(x.Bounds.Least)}},
		{"a time below zero", Change{Shift: math.MinInt64}},
		{"a span id of zero", Change{SpanXor: firstSpan}},
	} {
		bounds := x.Bounds
		if row.c.Shift == math.MaxInt64 {
			bounds.Most = math.MaxUint64 - 5
		}
		got := bytes.Clone(payload)
		if err := x.Places.Apply(got, bounds, &row.c); !errors.Is(err, ErrRange) {
			t.Errorf("%s: got error %v, want %v", row.name, err, ErrRange)
		}
		if !bytes.Equal(got, payload) {
			t.Errorf("%s: the payload changed", row.name)
		}
	}
}

// One index serves for the change and for the way back.
func TestPlacesApplyThenUndoIsIdentity(t *testing.T) {
	payload := benchSpans(5)
	x := indexed(t, otlp.SignalTraces, payload, true)
	got := bytes.Clone(payload)
	c := Change{Shift: -delta, TraceXor: traceXor, SpanXor: spanXor}
	if err := x.Places.Apply(got, x.Bounds, &c); err != nil || bytes.Equal(got, payload) {
		t.Fatalf("got error %v, or no change", err)
	}
	c.Shift = delta
	moved := Bounds{x.Bounds.Least - delta, x.Bounds.Most - delta}
	checkBytes(t, "undo", x.Places.Apply(got, moved, &c), got, payload)
}

func TestIndexDoesNotAllocate(t *testing.T) {
	payload := benchSpans(20)
	var x Index
	n := testing.AllocsPerRun(100, func() {
		x.Places = x.Places[:0]
		if x.Read(otlp.SignalTraces, payload, true) != nil || x.Places.Apply(payload, x.Bounds, &Change{Shift: 1}) != nil {
			t.Fatal("refused")
		}
	})
	if n > 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}

func benchmarkIndex(b *testing.B, keys bool, c Change) {
	p, _ := benchPayload(b)
	var x Index
	benchmark(b, p, func() error {
		x.Places = x.Places[:0]
		if err := x.Read(otlp.SignalTraces, p, keys); err != nil {
			return err
		}
		return x.Places.Apply(p, x.Bounds, &c)
	})
}

// BenchmarkIndexAndShift is what each payload of a first lap costs, and
// BenchmarkIndexAndRewrite what each of a later one does.
func BenchmarkIndexAndShift(b *testing.B) { benchmarkIndex(b, false, Change{Shift: 1}) }

func BenchmarkIndexAndRewrite(b *testing.B) {
	benchmarkIndex(b, true, Change{Shift: 1, TraceXor: traceXor, SpanXor: spanXor})
}

// In a capture a series' start is a time like any other.
func TestTogetherMovesStartsLikeAllTimes(t *testing.T) {
	eachRandom(41, 200, func(sig otlp.Signal, m proto.Message) {
		payload := marshal(t, m)
		want := bytes.Clone(payload)
		if err := ShiftTimes(sig, want, delta); err != nil {
			t.Fatal(err)
		}
		x := Index{Together: true}
		if err := x.Read(sig, payload, false); err != nil || !x.Together {
			t.Fatal(err, x.Together)
		}
		checkBytes(t, sig.String(), x.Places.Apply(payload, x.Bounds, &Change{Shift: delta, Cumulative: 7, Delta: 7}), payload, want)
	})
}

// A time that has no result stays, and all others move.
func TestKeepLeavesWhatCannotMove(t *testing.T) {
	payload := otlp.AppendTraces(nil, benchTraces(2), otlp.FormatProto)
	x := indexed(t, otlp.SignalTraces, payload, false)
	at := int(x.Places[1] & (maxIndexed - 1))
	binary.LittleEndian.PutUint64(payload[at:], math.MaxUint64-1)
	x = indexed(t, otlp.SignalTraces, payload, false)
	for _, keep := range []bool{false, true} {
		byPlaces, byWalk := bytes.Clone(payload), bytes.Clone(payload)
		err := x.Places.Apply(byPlaces, x.Bounds, &Change{Shift: delta, Keep: keep})
		times := Times{Delta: delta, Keep: keep}
		werr := times.Apply(otlp.SignalTraces, byWalk)
		if errors.Is(err, ErrRange) == keep || errors.Is(werr, ErrRange) == keep {
			t.Errorf("keep %v: got %v by places, %v by walk", keep, err, werr)
		}
		if !bytes.Equal(byPlaces, byWalk) || binary.LittleEndian.Uint64(byPlaces[at:]) != math.MaxUint64-1 || bytes.Equal(byPlaces, payload) == keep {
			t.Errorf("keep %v: other times than wanted", keep)
		}
	}
}
