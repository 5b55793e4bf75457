package wire

import (
	"errors"
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// ErrMalformed says that a payload is not an OTLP message of its signal and
// format. Callers tell it from a change that a well-formed payload refuses.
var ErrMalformed = errors.New("malformed OTLP payload")

// ErrRange says that a change has no result that fits in place: a time beyond
// 64 bits or at zero, which means unset; another number of decimal digits in
// JSON; an id of zeros only, which means invalid.
var ErrRange = errors.New("value out of range")

// ErrDigits is the ErrRange of a time in JSON that gets another number of
// digits: Times.AppendJSON has room for it.
var ErrDigits = fmt.Errorf("%w: it has another number of digits", ErrRange)

// ErrID says that an id in JSON is not what OTLP wants: hex digits, as many as
// it has. It comes with ErrMalformed.
var ErrID = errors.New("no id in hex digits")

// ErrTime says that a time in JSON is not written in decimal digits alone. It
// comes with ErrMalformed.
var ErrTime = errors.New("no whole number of nanoseconds")

// maxDepth is how deep values of attributes may nest.
const maxDepth = 64

// pass is one walk over a payload: what it is for and what it has gathered. It
// is one struct for all modes, not an interface, so that it stays on the stack.
type pass struct {
	mode    mode
	apply   bool // change the payload; otherwise only check that it can be changed
	changes int  // made so far
	undo    int  // changes still to take back, in the order in which they were made
	back    bool // take back what another pass has done, and leave what it would have refused

	counts Counts
	seen   func(uint64) // called with what counts takes

	times       Times
	grow        bool   // edits may have other numbers of digits
	edits       []edit // of JSON, in the order in which they stand
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

// run walks a protobuf payload, once for what usually goes well. A change is
// made at once; when an error comes after some changes, a second walk takes
// back as many. Where a function decides on times there is no way back, so the
// first walk then only checks that all can be changed, and the second does it.
func (p *pass) run(sig otlp.Signal, payload []byte) error {
	if err := check(sig); err != nil {
		return err
	}
	changes := p.mode&(modeShift|modeKeys) != 0
	checks := p.times.Start != nil || p.times.Exemplar != nil || p.times.Keep
	p.apply = changes && !checks
	if err := p.walk(payload, root(sig), 0); err != nil {
		if p.changes > 0 {
			p.undo, p.times.Delta = p.changes, -p.times.Delta
			_ = p.walk(payload, root(sig), 0) // ends at the latest where the first did
		}
		return fmt.Errorf("walk %v payload of %d bytes: %w", sig, len(payload), err)
	}
	if changes && checks {
		p.apply = true
		return p.walk(payload, root(sig), 0)
	}
	return nil
}

// errUndone ends the walk that takes changes back.
var errUndone = errors.New("all changes taken back")

// changed counts a change that was made or taken back.
func (p *pass) changed() error {
	p.changes++
	if p.undo > 0 {
		if p.undo--; p.undo == 0 {
			return errUndone
		}
	}
	return nil
}

// time takes a time that is not zero and returns what it becomes.
func (p *pass) time(w when, t uint64) (uint64, error) {
	switch {
	case p.mode&modeShift != 0:
		return p.shift(w, t)
	case p.mode&modeCount != 0:
		p.counts.time(w, t)
		if p.seen != nil && w != whenPointStart {
			p.seen(t)
		}
	case p.mode == modeItems:
		p.item.time(w, t)
	}
	return t, nil
}

// shift returns the new value of the time t.
func (p *pass) shift(w when, t uint64) (uint64, error) {
	delta := p.times.Delta
	switch {
	case w < whenPointStart || w == whenPoint || w == whenEvent:
		// Nothing but the common delta moves these.
	case w == whenPointStart && p.times.Start != nil:
		start := p.times.Start(Point{Temporality: p.temporality, Start: t, Time: p.pointTime})
		if start == 0 && p.back {
			return t, nil
		}
		if start == 0 {
			return 0, fmt.Errorf("set start of data point: %w: 0", ErrRange)
		}
		return start, nil
	case w == whenExemplar && p.times.Exemplar != nil:
		delta = p.times.Exemplar(p.exemplar)
	}
	if p.back {
		delta = -delta
	}
	if p.undo > 0 {
		return t + uint64(delta), nil // back to what it was, by whatever wraps
	}
	changed, ok := moved(t, delta)
	if !ok && p.times.Keep {
		return t, nil
	}
	if !ok {
		return 0, fmt.Errorf("shift time %d by %d: %w", t, delta, ErrRange)
	}
	return changed, nil
}

// end closes an item.
func (p *pass) end() {
	switch {
	case p.mode&modeCount != 0:
		p.counts.Items++
	case p.mode == modeItems:
		p.visit(p.item)
	}
}
