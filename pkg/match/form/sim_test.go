package form

import (
	"bytes"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// records are the payloads that a plan makes, by signal.
func records(t testing.TB, f otlp.Format, count uint64) (payloads [otlp.NumSignals][][]byte) {
	t.Helper()
	plan, err := otelsim.New(otelsim.Options{Seed: 42, Count: count, Format: f})
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range plan.Records() {
		if err != nil {
			t.Fatal(err)
		}
		payloads[r.Signal] = append(payloads[r.Signal], bytes.Clone(r.Payload))
	}
	return payloads
}

// TestFormatsOfACorpus takes the same sessions in both formats, item for item.
func TestFormatsOfACorpus(t *testing.T) {
	protos, jsons := records(t, otlp.FormatProto, 4), records(t, otlp.FormatJSON, 4)
	for sig := range otlp.Signal(otlp.NumSignals) {
		if len(protos[sig]) != len(jsons[sig]) || len(protos[sig]) == 0 {
			t.Fatalf("%v: %d records in protobuf, %d in JSON", sig, len(protos[sig]), len(jsons[sig]))
		}
		var s Splitter
		n := 0
		for i := range protos[sig] {
			converted, err := AppendProto(nil, sig, jsons[sig][i])
			if err != nil {
				t.Fatal(err)
			}
			want, got := split(t, &s, sig, protos[sig][i]), split(t, &s, sig, converted)
			if !slices.Equal(got, want) {
				t.Errorf("%v record %d differs in JSON", sig, i)
			}
			n += len(want)
		}
		if n < 40 {
			t.Errorf("%v: only %d items", sig, n)
		}
	}
}

// TestNothingIsAllocated holds what is done with every item to memory that is there.
func TestNothingIsAllocated(t *testing.T) {
	payloads := records(t, otlp.FormatProto, 2)
	jsons := records(t, otlp.FormatJSON, 2)
	for sig := range otlp.Signal(otlp.NumSignals) {
		payload := slices.MaxFunc(payloads[sig], func(a, b []byte) int { return len(a) - len(b) })
		line := slices.MaxFunc(jsons[sig], func(a, b []byte) int { return len(a) - len(b) })
		u := Undo{TraceXor: 5, SpanXor: 6, Shift: 7, Exemplar: func([]byte) int64 { return 7 }, Start: func(p Point) uint64 { return p.Start - 7 }}
		var s Splitter
		visit := func(r *Raw) error {
			if err := u.Apply(r.Message, r.Bytes); err != nil {
				return err
			}
			_, err := Digest(r.Message, r.Bytes)
			return err
		}
		if n := testing.AllocsPerRun(10, func() {
			if err := s.Split(sig, payload, visit); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%v: %.0f allocations to take apart, undo and digest a payload", sig, n)
		}
		dst := make([]byte, 0, len(line))
		if n := testing.AllocsPerRun(10, func() {
			if _, err := AppendProto(dst, sig, line); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%v: %.0f allocations to read JSON", sig, n)
		}
	}
}

func BenchmarkItems(b *testing.B) {
	payloads := records(b, otlp.FormatProto, 20)
	for sig := range otlp.Signal(otlp.NumSignals) {
		var s Splitter
		items, size := 0, 0
		for _, p := range payloads[sig] {
			size += len(p)
			_ = s.Split(sig, p, func(*Raw) error { items++; return nil })
		}
		u := Undo{TraceXor: 5, SpanXor: 6, Shift: 7}
		run := func(name string, visit func(r *Raw) error) {
			b.Run(sig.String()+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					for _, p := range payloads[sig] {
						if err := s.Split(sig, p, visit); err != nil {
							b.Fatal(err)
						}
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*items), "ns/item")
			})
		}
		run("split", func(*Raw) error { return nil })
		run("digest", func(r *Raw) error { _, err := Digest(r.Message, r.Bytes); return err })
		run("undo", func(r *Raw) error { return u.Apply(r.Message, r.Bytes) })
		run("all", func(r *Raw) error {
			if err := u.Apply(r.Message, r.Bytes); err != nil {
				return err
			}
			_, err := Digest(r.Message, r.Bytes)
			return err
		})
		var fields []Field
		run("fields", func(r *Raw) (err error) { fields, err = AppendFields(fields[:0], r.Message, r.Bytes); return err })
	}
}

func BenchmarkAppendProto(b *testing.B) {
	lines := records(b, otlp.FormatJSON, 20)
	for sig := range otlp.Signal(otlp.NumSignals) {
		b.Run(sig.String(), func(b *testing.B) {
			size := 0
			for _, l := range lines[sig] {
				size += len(l)
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				for _, l := range lines[sig] {
					var err error
					if dst, err = AppendProto(dst[:0], sig, l); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
