package replay

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// piece is a record of a segment before it has its place.
type piece struct {
	shape
	start, end int // of the payload in the batch's data
	number     uint64
	signal     otlp.Signal
	iteration  uint64 // of the first span or log record
	turn       uint32
	complete   uint64 // latest time of the request that it belongs to
}

func (p *piece) sameRequest(q *piece) bool {
	return p.signal != otlp.SignalMetrics && q.signal != otlp.SignalMetrics &&
		p.iteration == q.iteration && p.turn == q.turn
}

// arrange puts pieces into the order in which they are replayed.
//
// Traces and logs go by (iteration, turn, signal), so that an iteration's
// records are together and traces come before the logs that refer to them. A
// metrics record goes where its tick is: before the first request that was
// complete only after it.
//
// byTime is for replaying the recorded timeline: requests go by when they were
// complete. By iteration, the later turns of a long session would come before
// the sessions that began meanwhile, and all of those would be late.
func arrange(pieces []piece, byTime bool, scratch []piece) []piece {
	slices.SortStableFunc(pieces, func(a, b piece) int {
		am, bm := a.signal == otlp.SignalMetrics, b.signal == otlp.SignalMetrics
		switch {
		case am != bm && am:
			return 1
		case am != bm:
			return -1
		case am:
			return cmp.Compare(a.last, b.last)
		}
		return cmp.Or(cmp.Compare(a.iteration, b.iteration), cmp.Compare(a.turn, b.turn), cmp.Compare(a.signal, b.signal))
	})
	requests := len(pieces)
	for requests > 0 && pieces[requests-1].signal == otlp.SignalMetrics {
		requests--
	}
	setComplete(pieces[:requests])
	for i := requests; i < len(pieces); i++ {
		pieces[i].complete = pieces[i].last
	}
	if byTime {
		slices.SortStableFunc(pieces[:requests], func(a, b piece) int { return cmp.Compare(a.complete, b.complete) })
	}
	return mergeTicks(scratch[:0], pieces[:requests], pieces[requests:])
}

// setComplete tells every record of a request when the request was complete:
// its traces say, and its logs where there are no traces.
func setComplete(sorted []piece) {
	for i := 0; i < len(sorted); {
		end := i + 1
		last := sorted[i].last
		for ; end < len(sorted) && sorted[end].sameRequest(&sorted[i]); end++ {
			if sorted[end].signal == sorted[i].signal {
				last = max(last, sorted[end].last)
			}
		}
		for ; i < end; i++ {
			sorted[i].complete = last
		}
	}
}

// mergeTicks appends requests to dst with ticks between them.
func mergeTicks(dst, requests, ticks []piece) []piece {
	latest := uint64(0)
	for _, p := range requests {
		latest = max(latest, p.complete)
		for len(ticks) > 0 && ticks[0].last < latest {
			dst, ticks = append(dst, ticks[0]), ticks[1:]
		}
		dst = append(dst, p)
	}
	return append(dst, ticks...)
}

// fill makes the records of b, whose data holds the payloads, from arranged
// pieces.
func fill(b *Batch, pieces []piece) {
	lead := 0
	for i := range pieces {
		p := &pieces[i]
		// The records of a request stand together but for ticks between them.
		if i == 0 || !p.sameRequest(&pieces[lead]) {
			if p.signal != otlp.SignalMetrics {
				lead = i
			}
			b.Records = append(b.Records, p.record(b, i))
			continue
		}
		b.Records = append(b.Records, p.record(b, lead))
	}
}

// requestOf is a name for the request that a trace is of. It is not 0.
func requestOf(o ids.Origin) uint64 { return (o.Iteration<<ids.TurnBits | uint64(o.Turn)) + 1 }

func (p *piece) record(b *Batch, lead int) Record {
	r := Record{Payload: b.data[p.start:p.end:p.end], Items: p.items, Number: p.number, Lead: lead, End: p.complete, Signal: p.signal, bounds: p.bounds}
	if p.signal != otlp.SignalMetrics {
		r.request = requestOf(ids.Origin{Iteration: p.iteration, Turn: p.turn})
	}
	if b.stamps != nil {
		r.stamps = b.stamps[p.stamps[0]:p.stamps[1]]
	}
	return r
}
