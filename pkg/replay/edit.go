package replay

import (
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// editor moves the times of payloads and re-keys their ids, in place. Each
// worker has one.
type editor struct {
	format   otlp.Format
	seed     uint64
	original bool // leave the times

	times wire.Times
	moves times // of the payload at hand
}

func newEditor(src Source, original bool) *editor {
	e := &editor{format: src.Format(), seed: src.Seed(), original: original}
	e.times.Start = e.start
	return e
}

// apply changes payload, a copy of a record's, into what is sent in a lap.
func (e *editor) apply(payload []byte, sig otlp.Signal, lap uint64, t times) error {
	if !e.original {
		e.moves, e.times.Delta = t, t.shift
		if err := e.shift(sig, payload); err != nil {
			return err
		}
	}
	if lap == 0 {
		return nil
	}
	trace, span := lapKeys(e.seed, lap)
	if e.format == otlp.FormatJSON {
		return wire.ReKeyJSON(sig, payload, trace, span)
	}
	return wire.ReKey(sig, payload, trace, span)
}

func (e *editor) shift(sig otlp.Signal, payload []byte) error {
	if e.format == otlp.FormatJSON {
		return e.times.ApplyJSON(sig, payload)
	}
	return e.times.Apply(sig, payload)
}

// start says since when a data point counts. Cumulative series have one start
// in a segment of a lap, which is one lifetime of their process; a delta counts
// from the point before it.
func (e *editor) start(p wire.Point) uint64 {
	switch p.Temporality {
	case wire.TemporalityCumulative:
		return e.moves.start
	case wire.TemporalityDelta:
		return e.moves.prev
	}
	return p.Start + uint64(e.moves.shift)
}

// lapKeys returns the words that the ids of a lap are XORed with. XOR keeps
// different ids different, and it leaves the high half of trace ids, which
// says where they come from. The first lap keeps its ids; no word is 0, which
// would leave the ids of another.
func lapKeys(seed, lap uint64) (trace, span uint64) {
	if lap == 0 {
		return 0, 0
	}
	h := finish(seed + lap*0x9e3779b97f4a7c15)
	trace, span = finish(h^0x7472616365), finish(h^0x7370616e)
	return max(trace, 1), max(span, 1)
}

// finish is the finalizer of SplitMix64 (Steele, Lea, Flood 2014), a bijection:
// the laps of one seed have different words.
func finish(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
