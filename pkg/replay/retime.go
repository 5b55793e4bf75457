package replay

import (
	"cmp"
	"encoding/hex"
	"errors"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// retimer moves the times of payloads and re-keys their ids, in place. Each
// worker has one.
type retimer struct {
	format   otlp.Format
	seed     uint64
	original bool // leave the times

	index  wire.Index // of laps after the first
	change wire.Change

	rewrite wire.Times // where places do not serve
	startOf func(wire.Point) uint64
	retime  retime  // of the payload at hand
	shift   int64   // by which the times of the last payload were moved
	key     ids.Key // which tells the request of a trace
}

// errNoItems says that a record of a corpus holds nothing.
var errNoItems = errors.New("no items")

func newRetimer(src Source, original bool) *retimer {
	e := &retimer{format: src.Format(), seed: src.Seed(), original: original, key: ids.New(src.Seed())}
	e.startOf = e.start
	return e
}

// apply changes payload, a record's or a copy of it, into what is sent in a lap,
// and returns that, with its items. It is the payload itself, in place, or new
// memory where times in JSON get another number of digits.
func (e *retimer) apply(rec *Record, payload []byte, lap uint64, t retime) (sent []byte, items uint64, err error) {
	e.shift = t.shift
	if e.original {
		e.shift = 0
	}
	switch {
	case e.format == otlp.FormatJSON:
		sent, err = e.applyJSON(rec, payload, lap, t)
		return sent, rec.Items, err
	case rec.unscanned:
		items, err = e.applyUnscanned(rec, payload, lap, t)
		return payload, items, err
	}
	return payload, rec.Items, e.applyScanned(rec, payload, lap, t)
}

// applyUnscanned is apply for a record that nobody has scanned, whose shift is that
// of a record that ended at 0.
func (e *retimer) applyUnscanned(rec *Record, payload []byte, lap uint64, t retime) (items uint64, err error) {
	x := &e.index
	x.Places = x.Places[:0]
	x.Together = rec.capture
	if err := x.Read(rec.Signal, payload, lap > 0); err != nil {
		return 0, err
	}
	if x.Items == 0 {
		return 0, errNoItems
	}
	trace, span := ids.LapKeys(e.seed, lap)
	switch {
	case e.original && lap == 0:
		return x.Items, nil
	case e.original:
		return x.Items, wire.ReKey(rec.Signal, payload, trace, span)
	}
	shift := int64(uint64(t.shift) - x.Last)
	if x.Last == 0 {
		shift = 0 // what has no time stays as it is
	}
	e.shift = shift
	e.change = wire.Change{Keep: true, Shift: shift, Cumulative: t.start, Delta: t.prev, TraceXor: trace, SpanXor: span}
	return x.Items, x.Places.Apply(payload, x.Bounds, &e.change)
}

// applyScanned is apply for a record that the source has scanned.
func (e *retimer) applyScanned(rec *Record, payload []byte, lap uint64, t retime) error {
	trace, span := ids.LapKeys(e.seed, lap)
	switch {
	case e.original && lap == 0:
		return nil
	case e.original:
		return wire.ReKey(rec.Signal, payload, trace, span)
	case len(t.requests) > 0:
		e.begin(t)
		if lap == 0 {
			return e.rewrite.Apply(rec.Signal, payload)
		}
		return wire.Rewrite(rec.Signal, payload, &e.rewrite, trace, span)
	}
	places, bounds := rec.stamps, rec.bounds
	if lap > 0 {
		e.index.Places, e.index.Together = e.index.Places[:0], rec.capture
		if err := e.index.Read(rec.Signal, payload, true); err != nil {
			return err
		}
		places, bounds = e.index.Places, e.index.Bounds
	}
	e.change = wire.Change{Keep: true, Shift: t.shift, Cumulative: t.start, Delta: t.prev, TraceXor: trace, SpanXor: span}
	return places.Apply(payload, bounds, &e.change)
}

// applyJSON is apply for an OTLP/JSON object.
func (e *retimer) applyJSON(rec *Record, payload []byte, lap uint64, t retime) ([]byte, error) {
	trace, span := ids.LapKeys(e.seed, lap)
	switch {
	case e.original && lap == 0:
		return payload, nil
	case e.original:
		return payload, wire.ReKeyJSON(rec.Signal, payload, trace, span)
	}
	e.begin(t)
	if rec.capture {
		e.rewrite.Start = nil
	}
	if lap == 0 {
		err := e.rewrite.ApplyJSON(rec.Signal, payload)
		if errors.Is(err, wire.ErrDigits) {
			return e.rewrite.AppendJSON(nil, rec.Signal, payload)
		}
		return payload, err
	}
	err := wire.RewriteJSON(rec.Signal, payload, &e.rewrite, trace, span)
	if errors.Is(err, wire.ErrDigits) {
		if payload, err = e.rewrite.AppendJSON(nil, rec.Signal, payload); err == nil {
			err = wire.ReKeyJSON(rec.Signal, payload, trace, span)
		}
	}
	return payload, err
}

// begin prepares e.rewrite for a payload. What a metrics record has measured of a
// request moves with the request.
func (e *retimer) begin(t retime) {
	e.retime, e.rewrite = t, wire.Times{Delta: t.shift, Keep: true, Start: e.startOf}
	if len(t.requests) > 0 {
		e.rewrite.Exemplar = e.exemplar
	}
}

// exemplar returns how far an exemplar of a trace moves. The half of a trace id
// that tells its request is never re-keyed.
func (e *retimer) exemplar(traceID []byte) int64 {
	var id otlp.TraceID
	switch len(traceID) {
	case len(id):
		copy(id[:], traceID)
	case 2 * len(id):
		if _, err := hex.Decode(id[:], traceID); err != nil {
			return e.retime.shift
		}
	default:
		return e.retime.shift
	}
	list := e.retime.requests
	want := requestOf(e.key.Origin(id))
	i, ok := slices.BinarySearchFunc(list, want, func(r requestShift, want uint64) int { return cmp.Compare(r.request, want) })
	if !ok {
		return e.retime.shift
	}
	return list[i].shift
}

// start says since when a data point counts. Cumulative series have one start
// in a segment of a lap, which is one lifetime of their process; a delta counts
// from the point before it.
func (e *retimer) start(p wire.Point) uint64 {
	switch p.Temporality {
	case wire.TemporalityCumulative:
		return e.retime.start
	case wire.TemporalityDelta:
		return e.retime.prev
	}
	return p.Start + uint64(e.retime.shift)
}
