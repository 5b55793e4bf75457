package sink_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

// What is kept is what is acknowledged, no more and no less: nothing of what is
// refused, cut off or left hanging, of what is rejected in part the rest, and all
// of it before the answer.
func TestWhatIsKeptIsWhatIsAcknowledged(t *testing.T) {
	for _, w := range protocols {
		format := otlp.FormatProto
		if w.protocol == endpoint.HTTPJSON {
			format = otlp.FormatJSON
		}
		kept := sink.NewLedger()
		began := time.Now()
		n := 0
		s := start(t, sink.Options{
			Behaviour: sink.Behaviour{Seed: 1, Throttle: 0.1, Fail: 0.1, Cut: 0.1, Partial: 0.3, PartialItems: 2},
			Keep: func(sig otlp.Signal, f otlp.Format, payload []byte, arrived time.Time) error {
				if f != format || arrived.Before(began) || arrived.After(time.Now()) {
					t.Errorf("%v: kept as %v, arrived at %v", w, f, arrived)
				}
				n++ // one request at a time
				return kept.Expect(sig, f, payload)
			},
		})
		tr := dial(t, s, w)
		acknowledged, accepted := 0, 0
		for i := range 60 {
			switch r := send(t, tr, otlp.Signal(i%otlp.NumSignals), payload(t, w, otlp.Signal(i%otlp.NumSignals), i)); r.Class {
			case replay.Accepted:
				acknowledged++
				accepted += items
			case replay.Partial:
				acknowledged++
				accepted += items - 2
			}
			if n != acknowledged {
				t.Fatalf("%v: %d were kept of %d that were acknowledged", w, n, acknowledged)
			}
		}
		got := int64(0)
		for _, b := range kept.Balance() {
			got += b.Expected
		}
		if c := s.Snapshot().Total(); got != int64(accepted) || c.Items != got || c.Partial == 0 || c.Requests == c.Partial {
			t.Errorf("%v: %d items were kept, %d accepted, %+v", w, got, accepted, c)
		}
	}
}

// A request that cannot be kept is not accepted, and may be sent again.
func TestWhatCannotBeKeptIsRefused(t *testing.T) {
	for _, w := range protocols {
		full := true
		ledger := sink.NewLedger()
		s := start(t, sink.Options{Ledger: ledger, Keep: func(otlp.Signal, otlp.Format, []byte, time.Time) error {
			if full {
				return errors.New("no space left")
			}
			return nil
		}})
		tr := dial(t, s, w)
		b := payload(t, w, otlp.SignalTraces, 1)
		if r := send(t, tr, otlp.SignalTraces, b); r.Class != replay.Retryable || bytes.Contains([]byte(r.Message), []byte("space")) {
			t.Errorf("%v: got %+v", w, r)
		}
		if c := s.Snapshot(); c.Unkept != 1 || c.Total() != (sink.Counts{}) {
			t.Errorf("%v: got %+v", w, c)
		}
		full = false
		if r := send(t, tr, otlp.SignalTraces, b); r.Class != replay.Accepted {
			t.Errorf("%v: when there is room: got %+v", w, r)
		}
		if got := ledger.Balance()[otlp.SignalTraces]; got.Received != items {
			t.Errorf("%v: got %+v", w, got)
		}
	}
}

// A request of nothing, or of which all is rejected, is nothing to keep.
func TestNothingIsNotKept(t *testing.T) {
	s := start(t, sink.Options{
		Behaviour: sink.Behaviour{Partial: 1, PartialItems: items},
		Keep: func(otlp.Signal, otlp.Format, []byte, time.Time) error {
			t.Error("something was kept")
			return nil
		},
	})
	for _, w := range protocols {
		tr := dial(t, s, w)
		send(t, tr, otlp.SignalLogs, payload(t, w, otlp.SignalLogs, 1))
		empty := []byte{}
		if w.protocol == endpoint.HTTPJSON {
			empty = []byte("{}")
		}
		if r := send(t, tr, otlp.SignalLogs, empty); r.Class != replay.Accepted {
			t.Errorf("%v: got %+v", w, r)
		}
	}
}
