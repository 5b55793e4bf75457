package wire

import (
	"errors"
	"fmt"
	"math"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// ErrMalformed says that a payload is not an OTLP message of its signal and
// format. Callers tell it from a change that a well-formed payload refuses.
var ErrMalformed = errors.New("malformed OTLP payload")

// ErrRange says that a change has no result that fits in place: a time beyond
// 64 bits or at zero, which means unset; another number of decimal digits in
// JSON; an id of zeros only, which means invalid.
var ErrRange = errors.New("value out of range")

// maxDepth is how deep values of attributes may nest.
const maxDepth = 64

// pass is one walk over a payload: what it is for and what it has gathered. It
// is one struct for all modes, not an interface, so that it stays on the stack.
type pass struct {
	mode  mode
	apply bool // change the payload; otherwise only check that it can be changed

	counts Counts

	times       Times
	temporality Temporality
	pointTime   uint64
	exemplar    []byte // trace id of the exemplar

	traceXor, spanXor uint64

	visit func(Item)
	item  Item
}

// check returns an error for a signal that does not exist.
func check(sig otlp.Signal) error {
	if sig >= otlp.NumSignals {
		return fmt.Errorf("walk payload of signal %d: no such signal", sig)
	}
	return nil
}

// run walks a protobuf payload: once, or for a change a second time, when the
// first has found that all of it can be done.
func (p *pass) run(sig otlp.Signal, payload []byte) error {
	if err := check(sig); err != nil {
		return err
	}
	if err := p.walk(payload, root(sig), 0); err != nil {
		return fmt.Errorf("walk %v payload of %d bytes: %w", sig, len(payload), err)
	}
	if p.mode&(modeShift|modeKeys) == 0 {
		return nil
	}
	p.apply = true
	return p.walk(payload, root(sig), 0)
}

// time takes a time that is not zero and returns what it becomes.
func (p *pass) time(w when, t uint64) (uint64, error) {
	switch p.mode {
	case modeCount:
		p.counts.time(w, t)
	case modeShift:
		return p.shift(w, t)
	case modeItems:
		p.item.time(w, t)
	}
	return t, nil
}

// shift returns the new value of the time t.
func (p *pass) shift(w when, t uint64) (uint64, error) {
	delta := p.times.Delta
	switch {
	case w == whenPointStart && p.times.Start != nil:
		start := p.times.Start(Point{Temporality: p.temporality, Start: t, Time: p.pointTime})
		if start == 0 {
			return 0, fmt.Errorf("set start of data point: %w: 0", ErrRange)
		}
		return start, nil
	case w == whenExemplar && p.times.Exemplar != nil:
		delta = p.times.Exemplar(p.exemplar)
	}
	// Zero means unset, so a time must not become zero: it would not come back.
	if delta >= 0 && t > math.MaxUint64-uint64(delta) || delta < 0 && t <= -uint64(delta) {
		return 0, fmt.Errorf("shift time %d by %d: %w", t, delta, ErrRange)
	}
	return t + uint64(delta), nil
}

// end closes an item.
func (p *pass) end() {
	switch p.mode {
	case modeCount:
		p.counts.Items++
	case modeItems:
		p.visit(p.item)
	}
}
