package match

import (
	"context"
	"hash/maphash"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/pipeline"
)

// spillBudget is how much of what was received is in memory before it is written to
// the temporary file, in bytes.
const spillBudget = 64 << 20

// Check finds for every item of a corpus what arrived of it, and hands that to a
// judge, segment by segment. What arrived is kept in a temporary file meanwhile, so
// that memory is a few segments' for any corpus and any order of arrival. An error
// is one of reading the corpus, an output or the ledger, of the temporary file, of
// the judge, or that of ctx; what nobody can decide is no error, but said in the
// Summary.
func Check(ctx context.Context, o Options, judge Judge) (*Summary, error) {
	return newChecker(o, judge).run(ctx)
}

func newChecker(o Options, judge Judge) *checker {
	return &checker{Options: o, judge: judge, places: newPlaces(o.Sent), signals: signalSet(o.Signals), lapsAtOnce: lapsAtOnce}
}

// signalSet returns the set of some signals, that of all where there is no list.
func signalSet(list []otlp.Signal) (set [otlp.NumSignals]bool) {
	if list == nil {
		return [otlp.NumSignals]bool{true, true, true}
	}
	for _, s := range list {
		set[s] = true
	}
	return set
}

type checker struct {
	Options
	judge    Judge
	places   *places
	signals  [otlp.NumSignals]bool
	received received
	ledger   *spillFile // nil without one
	entries  uint64     // of the ledger
	summary  Summary
	inferred bool
	leftOut  bool // data points are not joined: see decide
	witness  witness

	lapsAtOnce int64
	mostSent   size // of a segment
	mostGot    size
	spills     spills
}

func (c *checker) run(ctx context.Context) (s *Summary, err error) {
	defer func() {
		if e := c.spills.close(); err == nil && e != nil {
			s, err = nil, e
		}
	}()
	c.received.spill, err = c.spills.add(c.TempDir, c.places.segments+1, spillBudget)
	if err != nil {
		return nil, err
	}
	if c.Ledger != nil {
		if err := c.readLedger(ctx); err != nil {
			return nil, err
		}
	}
	c.received.strangers = c.places.strangers()
	hash := maphash.MakeSeed()
	err = c.received.receive(ctx, c.Outputs, min(c.Workers, mostSplitters), func() *splitter { return newSplitter(c.places, c.signals, hash) })
	if err != nil {
		return nil, err
	}
	c.decide()
	if err := c.join(ctx); err != nil {
		return nil, err
	}
	c.countLeftOut()
	if why := c.witness.otherRun(c.received.unplaced == c.summary.Received[otlp.SignalMetrics]); why != "" {
		c.summary.Undecided = append(c.summary.Undecided, why)
	}
	if c.inferred {
		c.summary.Notes = append(c.summary.Notes, "times were moved, and there is no ledger that says by how much: for each trace it was taken from most of its items")
	}
	return &c.summary, nil
}

// mostReserved bounds what is believed of a corpus before it is read, in bytes.
const mostReserved = 1 << 30

// join is the second pass: segment by segment, and then the strangers.
func (c *checker) join(ctx context.Context) error {
	n := c.places.segments
	return pipeline.Ordered(ctx, c.joiners(), n+1, func() (func(uint64) (*result, error), error) {
		w, err := c.newWorker()
		if err != nil {
			return nil, err
		}
		return func(segment uint64) (*result, error) {
			if segment == n {
				return w.strangers(ctx)
			}
			return w.segment(ctx, segment)
		}, nil
	}, func(segment uint64, r *result) error {
		if r == nil {
			return nil
		}
		for s, n := range r.sent {
			c.summary.Sent[s] += n
		}
		c.inferred = c.inferred || r.inferred
		c.witness.add(&r.witness)
		c.summary.Laps = max(c.summary.Laps, uint64(r.laps))
		return c.judge.End(segment, r.judge)
	})
}

// result is what is left of a segment.
type result struct {
	judge    SegmentJudge
	sent     [otlp.NumSignals]uint64
	laps     uint32  // the most of any item that arrived
	inferred bool    // by how much times were moved, which was not 0
	witness  witness // with a ledger: whether it is of this run
}

// worker joins segments.
type worker struct {
	*checker
	joiner  *joiner
	maker   *maker
	entries entries

	// Of byLaps.
	lapSpill *spillFile
	parts    []part
	arrival  arrival
}

func (c *checker) newWorker() (*worker, error) {
	m, err := newMaker(c.Sent)
	if err != nil {
		return nil, err
	}
	w := &worker{checker: c, joiner: newJoiner(c.Sent.Seed()), maker: m}
	w.joiner.fanOut = c.FanOut
	if c.ledger != nil {
		w.joiner.entries = &w.entries
		return w, nil
	}
	for lap := range max(c.received.laps, 1) {
		w.joiner.laps.list = append(w.joiner.laps.list, lap)
	}
	w.joiner.laps.set(c.Sent.Seed())
	return w, nil
}

// segment joins one segment.
func (w *worker) segment(ctx context.Context, segment uint64) (_ *result, err error) {
	j := w.joiner
	w.maker.begin()
	j.sent.reset()
	j.sent.reserve(int(w.mostSent.bytes), int(w.mostSent.items))
	j.got.reserve(int(w.mostGot.bytes), int(w.mostGot.items))
	for s, on := range w.signals {
		if !on {
			continue
		}
		if err := w.maker.read(&j.sent, segment, otlp.Signal(s)); err != nil {
			return nil, err
		}
	}
	if w.ledger != nil {
		if err := w.entries.load(w.ledger, segment, w.signals); err != nil {
			return nil, err
		}
		if err := w.entries.check(&w.maker.counts); err != nil {
			return nil, err
		}
		j.laps.list = w.entries.laps(j.laps.list[:0])
		j.laps.set(w.Sent.Seed())
	}
	j.index()
	j.partial, j.astray = !w.signals[otlp.SignalLogs] || !w.signals[otlp.SignalTraces], false
	j.unit.Segment = segment
	r := &result{judge: w.judge.Begin(segment)}
	j.result = r
	if len(j.laps.list) > 1 && w.received.spill.Bytes(segment) > w.lapsAtOnce {
		return r, w.byLaps(ctx, segment)
	}
	if err := j.got.loadAll(w.received.spill, segment); err != nil {
		return nil, err
	}
	j.resolve()
	j.sequence()
	return r, j.eachLap(ctx, r.judge)
}

// strangers hands what is of no segment to a judge.
func (w *worker) strangers(ctx context.Context) (*result, error) {
	j, sp := w.joiner, w.received.spill
	segment := w.places.strangers()
	j.unit.Segment = segment
	r := &result{judge: w.judge.Begin(segment)}
	chunks, err := sp.Chunks(nil, segment)
	if err != nil {
		return nil, err
	}
	j.sent.reset()
	j.index()
	j.strange, j.result = true, r
	defer func() { j.strange = false }()
	for _, c := range chunks {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		j.got.reset()
		if err := j.got.load(sp, c); err != nil {
			return nil, err
		}
		j.seq = j.seq[:0]
		for i := range j.got.items {
			if w.signals[j.got.items[i].signal] {
				j.seq = append(j.seq, uint32(i))
			}
		}
		if err := j.madeUp(r.judge, j.seq); err != nil {
			return nil, err
		}
	}
	return r, nil
}
