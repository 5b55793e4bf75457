package sink

import (
	"context"
	"errors"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
	"github.com/otelsim/otelsim/pkg/replay/response"
)

// scratch is the memory of one request.
type scratch struct {
	body    []byte
	content []byte
	arrived time.Time // when the request at hand was whole
	scanner scanner
	decoder *codec.Decoder
}

// verdict is the answer to a request, before a protocol spells it.
type verdict struct {
	act     action
	partial response.Partial
	bad     error // the request cannot be read; overrides act
	unkept  error // it was not kept, and so not accepted; likewise
}

// errStopping is why a request that waits is refused.
var errStopping = errors.New("sink is stopping")

// begin decides what becomes of the next request and waits if it is to wait.
// An error means that there will be no answer worth giving.
func (s *Sink) begin(ctx context.Context) (action, error) {
	act := s.o.Behaviour.decide(s.seq.Add(1) - 1)
	var after <-chan time.Time
	switch {
	case act == hang:
		s.stats.hung.Add(1)
	case s.o.Behaviour.Delay > 0:
		t := time.NewTimer(s.o.Behaviour.Delay)
		defer t.Stop()
		after = t.C
	default:
		return act, nil
	}
	select {
	case <-after:
		return act, ctx.Err()
	case <-ctx.Done():
		return act, ctx.Err()
	case <-s.stopping:
		return act, errStopping
	}
}

// finish counts a request and returns the answer.
func (s *Sink) finish(sig otlp.Signal, format otlp.Format, act action, payload []byte, m *scratch) verdict {
	switch act {
	case throttle:
		s.stats.throttled.Add(1)
		return verdict{act: act}
	case fail:
		s.stats.failed.Add(1)
		return verdict{act: act}
	case cut:
		s.stats.cut.Add(1)
		return verdict{act: act}
	}
	m.scanner.reset(s.o.Ledger != nil)
	if err := m.scanner.scan(sig, format, payload); err != nil {
		s.stats.malformed.Add(1)
		return verdict{bad: err}
	}
	items, rejected := m.scanner.items, int64(0)
	v := verdict{act: act}
	if act == partial {
		rejected = min(items, s.o.Behaviour.PartialItems)
	}
	if rejected > 0 {
		v.partial = response.Partial{Rejected: rejected, Message: PartialMessage}
	}
	if s.o.Keep != nil && items > rejected {
		if err := s.keep(sig, format, payload, rejected, m); err != nil {
			s.stats.unkept.Add(1)
			return verdict{unkept: err}
		}
	}
	if s.o.Ledger != nil {
		s.o.Ledger.receive(sig, m.scanner.keys[:items-rejected])
	}
	s.stats.accept(sig, items-rejected, rejected, int64(len(payload)))
	if s.o.OnRequest != nil {
		s.o.OnRequest(sig, format, payload)
	}
	return v
}

// unkeptMessage is the answer to a request that was not kept. Why is not for the
// sender to know.
const unkeptMessage = "what arrives cannot be kept now"

// keep has a request kept, without what is rejected of it.
func (s *Sink) keep(sig otlp.Signal, format otlp.Format, payload []byte, rejected int64, m *scratch) error {
	if rejected > 0 {
		var err error
		if payload, err = trimmed(sig, format, payload, m.scanner.items-rejected); err != nil {
			return err
		}
	}
	return s.o.Keep(sig, format, payload, m.arrived)
}
