package replay

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// undoable is an item with what undoing needs to know.
type undoable struct {
	message     form.Message
	bytes       []byte
	start       uint64
	temporality otlp.Temporality
}

// itemsOf takes a payload apart.
func itemsOf(t *testing.T, sig otlp.Signal, f otlp.Format, payload []byte) (list []undoable) {
	t.Helper()
	if f == otlp.FormatJSON {
		var err error
		if payload, err = form.AppendProto(nil, sig, payload); err != nil {
			t.Fatal(err)
		}
	}
	var s form.Splitter
	if err := s.Split(sig, payload, func(r *form.Raw) error {
		list = append(list, undoable{r.Message, bytes.Clone(r.Bytes), r.Start, r.Temporality})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestUndoGivesBackWhatWasSent re-keys and moves the records of generated sessions as
// a replay does, and takes it back item for item: package form has to know every
// place that changes, in both formats.
func TestUndoGivesBackWhatWasSent(t *testing.T) {
	for f := range otlp.Format(2) {
		plan, err := otelsim.New(otelsim.Options{Seed: testSeed, Count: 6, Format: f})
		if err != nil {
			t.Fatal(err)
		}
		src := newEncodedSource(0, 0, f)
		var payloads [otlp.NumSignals][][]byte
		for r, err := range plan.Records() {
			if err != nil {
				t.Fatal(err)
			}
			payloads[r.Signal] = append(payloads[r.Signal], bytes.Clone(r.Payload))
		}
		// Each request is moved by its own time.
		var requests []requestShift
		for i := range uint64(6) {
			requests = append(requests, requestShift{requestOf(ids.Origin{Iteration: i}), int64(i+1) * 1e15})
		}
		slices.SortFunc(requests, func(a, b requestShift) int {
			if a.request < b.request {
				return -1
			}
			return 1
		})
		for lap := range uint64(3) {
			for _, original := range []bool{false, true} {
				for sig := range otlp.Signal(otlp.NumSignals) {
					e := newRetimer(src, original)
					for i, p := range payloads[sig] {
						move := retime{shift: int64(i+1) * 3e14, start: 1_790_000_000_000_000_000, prev: 1_790_000_000_000_000_001}
						if sig == otlp.SignalMetrics {
							move.requests = requests
						}
						undoRecord(t, fmt.Sprintf("%v %v record %d of lap %d, original %t", f, sig, i, lap, original), e, sig, p, lap, move)
					}
				}
			}
		}
	}
}

// undoRecord changes one record, and takes that back.
func undoRecord(t *testing.T, name string, e *retimer, sig otlp.Signal, payload []byte, lap uint64, move retime) {
	t.Helper()
	var s scanner
	rec := scanned(&s, sig, e.format, payload)
	changed, _, err := e.apply(&rec, bytes.Clone(payload), lap, move)
	if err != nil {
		t.Fatal(err)
	}
	sent, received := itemsOf(t, sig, e.format, payload), itemsOf(t, sig, e.format, changed)
	if len(sent) != len(received) || len(sent) == 0 {
		t.Fatalf("%s: %d items of %d", name, len(received), len(sent))
	}
	u := form.Undo{}
	u.TraceXor, u.SpanXor = ids.LapKeys(testSeed, lap)
	if !e.original {
		u.Shift = move.shift
		if len(move.requests) > 0 {
			u.Exemplar = e.exemplar
		}
	}
	for i, r := range received {
		want, err := form.Digest(sent[i].message, sent[i].bytes)
		if err != nil {
			t.Fatal(err)
		}
		if before, _ := form.Digest(r.message, r.bytes); (before == want) != (lap == 0 && e.original) && sig != otlp.SignalMetrics {
			t.Fatalf("%s: item %d is changed: %t", name, i, before != want)
		}
		if u.Temporality = r.temporality; !e.original {
			u.Start = func(p form.Point) uint64 {
				switch {
				case p.Temporality == 2 && p.Start == move.start, p.Temporality == 1 && p.Start == move.prev:
					return sent[i].start
				}
				return p.Start - uint64(move.shift)
			}
		}
		if err := u.Apply(r.message, r.bytes); err != nil {
			t.Fatal(err)
		}
		if got, err := form.Digest(r.message, r.bytes); got != want || err != nil {
			a, _ := form.AppendFields(nil, r.message, sent[i].bytes)
			b, _ := form.AppendFields(nil, r.message, r.bytes)
			t.Fatalf("%s: item %d is not what it was: %v %+v", name, i, err, form.Diff(a, b))
		}
	}
}
