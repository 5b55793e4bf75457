package replay

import (
	"slices"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay/ledger"
)

// longestSource is how much of a source's name is in a ledger.
const longestSource = 1000

// identified is a Source that knows of which corpus it is.
type identified interface {
	identity() (*ledger.Corpus, error)
}

var _ identified = (*corpusSource)(nil)

func (s *corpusSource) identity() (*ledger.Corpus, error) { return ledger.CorpusOf(&s.manifest.Header) }

// beginLedger writes the header of the ledger, if there is to be one.
func (r *run) beginLedger() error {
	if r.Ledger == nil {
		return nil
	}
	h := ledger.Header{
		Tool: r.Tool, Source: text.Line(r.source.String(), longestSource), Start: r.start.UTC(),
		Format: r.source.Format().String(), Signals: []string{},
		Laps: r.Laps, Duration: int64(r.Duration), Time: ledger.TimeNow, Exemplars: ledger.ExemplarsRecords,
	}
	for _, sig := range SignalsOf(r.source) {
		h.Signals = append(h.Signals, sig.String())
	}
	if shard := r.shard(); shard.Of > 1 {
		h.Shard = shard.String()
	}
	if s, ok := r.source.(identified); ok {
		var err error
		if h.Corpus, err = s.identity(); err != nil {
			return err
		}
		if r.Pacer.Unit() != UnitNone && slices.ContainsFunc(SignalsOf(r.source), func(s otlp.Signal) bool { return s != otlp.SignalMetrics }) {
			h.Exemplars = ledger.ExemplarsRequests
		}
	}
	if r.Original {
		h.Time, h.Exemplars = ledger.TimeOriginal, ledger.ExemplarsRecords
	}
	r.Ledger.Begin(h)
	return nil
}

// endLedger writes the last line of the ledger of a run of that report, which
// ended with err. What could not be written is for Writer.Err to tell.
func (r *run) endLedger(rep *Report, err error) {
	if r.Ledger == nil {
		return
	}
	how := ledger.Complete
	switch {
	case err != nil:
		how = ledger.Broken
	case rep.Interrupted:
		how = ledger.Interrupted
	}
	_ = r.Ledger.End(how, rep.End)
}

// line begins the line of a record, while its batch is there.
func (w *worker) line(j *job) (e ledger.Entry) {
	if w.Ledger == nil {
		return e
	}
	e = ledger.Entry{Lap: j.lap, Segment: j.batch.Index, Record: j.Number, Signal: j.Signal}
	if j.Signal == otlp.SignalMetrics {
		e.Time = j.End
		if !w.Original && !j.capture {
			e.Start, e.Prev = j.retime.start, j.retime.prev
		}
	}
	return e
}

// enter ends the line of a record, and enters it.
func (w *worker) enter(e *ledger.Entry, o *outcome) {
	if w.Ledger == nil {
		return
	}
	e.Outcome, e.Refused = o.end()
	e.Items, e.Retries, e.Shift = o.items, o.retries, o.shift
	e.First, e.Last = w.wall+int64(o.sent), w.wall+int64(o.last)
	if e.Signal == otlp.SignalMetrics {
		e.Time += uint64(e.Shift)
	}
	w.Ledger.Enter(e)
}
