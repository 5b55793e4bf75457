package replay

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay/ledger"
)

// Exact is what the rest of a report is worked out from, beside the counts in it:
// enough to join reports as if there had been one run.
type Exact struct {
	Corpus   *ledger.Corpus         `json:"corpus,omitempty"` // nil: files
	Settings ExactSettings          `json:"settings"`
	Parts    []Part                 `json:"parts"` // of a run one, of a merged report those of all, by shard
	Lateness Histogram              `json:"lateness,omitempty"`
	Signals  map[string]ExactSignal `json:"signals"`          // by the signal's name
	Series   *ExactSeries           `json:"series,omitempty"` // nil: nothing was sent
	Sum      string                 `json:"sum,omitempty"`    // SHA-256 in hex of the report without it
}

// ExactSettings are the settings in which the parts of one replay agree.
type ExactSettings struct {
	Format   string        `json:"format"`                // proto or json
	Signals  []string      `json:"signals"`               // that were sent; none: only reading told
	Shards   string        `json:"shards,omitempty"`      // what a shard has of the corpus: records or segments
	Of       uint64        `json:"of"`                    // how many shards there are; 1: all in one
	Laps     uint64        `json:"laps,omitempty"`        // 0: without limit
	Duration time.Duration `json:"duration_ns,omitempty"` // 0: without limit
	Time     string        `json:"time"`                  // now or original
	Schedule string        `json:"schedule"`              // constant, ramp, timeline or unpaced
	Unit     string        `json:"unit"`                  // what the schedule counts: records, items, recorded or none
	Ramp     time.Duration `json:"ramp_ns,omitempty"`
}

// Part is one run of a replay.
type Part struct {
	Shard       uint64    `json:"shard"`          // from 0
	Source      string    `json:"source"`         // what it read
	Rate        string    `json:"rate,omitempty"` // of its schedule, exact; empty: unpaced
	Start       time.Time `json:"start"`
	StartActual time.Time `json:"start_actual,omitzero"`
	End         time.Time `json:"end"`
	Records     uint64    `json:"records"`            // due
	FirstDue    time.Time `json:"first_due,omitzero"` // zero without a record, as is LastSent
	LastSent    time.Time `json:"last_sent,omitzero"` // for the first time
	Recorded    float64   `json:"times_recorded,omitempty"`
	Interrupted bool      `json:"interrupted,omitempty"`
	Broken      bool      `json:"broken,omitempty"`
}

// ExactSignal has the distributions of one signal.
type ExactSignal struct {
	FromDue  Histogram `json:"latency_from_due,omitempty"`
	FromSend Histogram `json:"latency_from_send,omitempty"`
}

// What a shard has of a corpus.
const (
	shardsOfRecords  = "records"
	shardsOfSegments = "segments"
)

// kinds are the schedules by their names, of a rate.
var kinds = map[string]func(s *ExactSettings, r Rate) Pacer{
	"constant": func(s *ExactSettings, r Rate) Pacer { return Constant{r, s.unit()} },
	"ramp":     func(s *ExactSettings, r Rate) Pacer { return Ramp{r, s.unit(), s.Ramp} },
	"timeline": func(_ *ExactSettings, r Rate) Pacer { return Timeline{r} },
	"unpaced":  func(*ExactSettings, Rate) Pacer { return Unpaced{} },
}

// unitNames are the units by their names.
var unitNames = map[Unit]string{UnitRecords: "records", UnitItems: "items", UnitRecorded: "recorded", UnitNone: "none"}

func (s *ExactSettings) unit() Unit {
	for u := UnitRecords; u <= UnitNone; u++ {
		if unitNames[u] == s.Unit {
			return u
		}
	}
	return 0
}

// describe sets what s says of a schedule, and returns its rate.
func (s *ExactSettings) describe(p Pacer) (rate string) {
	s.Unit = unitNames[p.Unit()]
	switch p := p.(type) {
	case Constant:
		s.Schedule, rate = "constant", p.Rate.String()
	case Ramp:
		s.Schedule, s.Ramp, rate = "ramp", p.Over, p.Rate.String()
	case Timeline:
		s.Schedule, rate = "timeline", p.Speed.String()
	case Unpaced:
		s.Schedule = "unpaced"
	}
	return rate
}

// Unit returns what the schedule of the report counted, 0 when it does not say.
func (r *Report) Unit() Unit {
	if r.Exact == nil {
		return 0
	}
	return r.Exact.Settings.unit()
}

// exact describes the run, as the one part of its report.
func (r *run) exact(end time.Time) *Exact {
	e := &Exact{Signals: map[string]ExactSignal{}, Settings: ExactSettings{
		Format: r.source.Format().String(), Signals: []string{}, Of: 1, Laps: r.Laps, Duration: r.Duration, Time: ledger.TimeNow,
	}}
	if r.Original {
		e.Settings.Time = ledger.TimeOriginal
	}
	for _, sig := range SignalsOf(r.source) {
		e.Settings.Signals = append(e.Settings.Signals, sig.String())
	}
	if s, ok := r.source.(identified); ok {
		e.Corpus, _ = s.identity() // numbers and texts only
	}
	p := Part{Source: r.source.String(), Start: r.start.Round(0).UTC(), StartActual: r.began.Round(0).UTC(), End: end}
	if shard := r.shard(); shard.Of > 1 {
		e.Settings.Shards, e.Settings.Of, p.Shard = shardsOfSegments, shard.Of, shard.Index
		if r.Shard.Of > 1 {
			e.Settings.Shards = shardsOfRecords
		}
	}
	p.Rate = e.Settings.describe(r.Pacer)
	e.Parts = []Part{p}
	return e
}

// rate returns the rate of the whole schedule, and that of the parts that are
// there. Shards of records have the rate of the whole each.
func (e *Exact) rate() (whole Rate, here float64, err error) {
	sum := new(big.Rat)
	for i := range e.Parts {
		r, err := ParseRate(e.Parts[i].Rate)
		if err != nil {
			return Rate{}, 0, err
		}
		x := new(big.Rat).SetFrac(new(big.Int).SetUint64(r.num), new(big.Int).SetUint64(r.den))
		if e.Settings.Shards != shardsOfSegments {
			x.Quo(x, new(big.Rat).SetInt(new(big.Int).SetUint64(e.Settings.Of)))
			whole = r
		}
		sum.Add(sum, x)
	}
	here, _ = sum.Float64()
	if e.Settings.Shards != shardsOfSegments {
		return whole, here, nil
	}
	if !sum.Num().IsUint64() || !sum.Denom().IsUint64() {
		return Rate{}, 0, fmt.Errorf("the rates of the shards are too many to add")
	}
	return Rate{sum.Num().Uint64(), sum.Denom().Uint64()}, here, nil
}

// workOut works out what follows from r.Exact and the counts of each signal, with
// the distributions at hand.
func (r *Report) workOut(d *distributions) error {
	e := r.Exact
	if err := r.workOutSchedule(); err != nil {
		return err
	}
	r.workOutCounts(d)
	var first, last, actual time.Time
	r.Start, r.End, r.TimesRecorded, r.Interrupted, r.Broken = e.Parts[0].Start, e.Parts[0].End, 0, false, false
	for i := range e.Parts {
		p := &e.Parts[i]
		r.Start, r.End = earlier(r.Start, p.Start), later(r.End, p.End)
		first, last, actual = earlier(first, p.FirstDue), later(last, p.LastSent), later(actual, p.StartActual)
		r.TimesRecorded = max(r.TimesRecorded, p.Recorded)
		r.Interrupted, r.Broken = r.Interrupted || p.Interrupted, r.Broken || p.Broken
	}
	r.PartsRPS = e.partsRPS()
	r.StartActual, r.Duration = actual, r.End.Sub(r.Start).Seconds()
	r.AchievedRPS, r.AchievedItemsPerSecond = 0, 0
	due := float64(r.Records.Due)
	span := last.Sub(first).Seconds()
	if r.Unit() == UnitNone {
		if r.Duration > 0 {
			r.AchievedRPS, r.AchievedItemsPerSecond = due/r.Duration, float64(r.Items.Due)/r.Duration
		}
	} else if r.Records.Due > 1 && span > 0 {
		r.AchievedRPS = (due - 1) / span
		r.AchievedItemsPerSecond = float64(r.Items.Due) * ((due - 1) / due) / span
	}
	slices.SortFunc(r.Notes, func(a, b Note) int { return strings.Compare(a.Note, b.Note) })
	return nil
}

// partsRPS returns the sum of the rates of several parts with a schedule.
func (e *Exact) partsRPS() (sum float64) {
	if len(e.Parts) < 2 || e.Settings.unit() == UnitNone {
		return 0
	}
	for i := range e.Parts {
		p := &e.Parts[i]
		if span := p.LastSent.Sub(p.FirstDue).Seconds(); p.Records > 1 && span > 0 {
			sum += float64(p.Records-1) / span
		}
	}
	return sum
}

// earlier and later take the zero time for none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if a.IsZero() || b.After(a) {
		return b
	}
	return a
}

// workOutSchedule says what was replayed, and at what rate.
func (r *Report) workOutSchedule() error {
	e := r.Exact
	var sources []string
	for i := range e.Parts {
		sources = append(sources, e.Parts[i].Source)
	}
	slices.Sort(sources)
	sources = slices.Compact(sources)
	r.Source = strings.Join(sources[:min(len(sources), 3)], ", ")
	if n := len(sources) - 3; n > 0 {
		r.Source += fmt.Sprintf(" and %d more", n)
	}
	r.Shard = ""
	if e.Settings.Of > 1 && len(e.Parts) == 1 {
		r.Shard = Shard{e.Parts[0].Shard, e.Settings.Of}.String()
	}
	var whole Rate
	r.TargetRPS = 0
	if e.Settings.Schedule == "" {
		return nil // one of the caller's, which says itself what it is
	}
	if e.Settings.Schedule != "unpaced" {
		var here float64
		var err error
		if whole, here, err = e.rate(); err != nil {
			return err
		}
		if e.Settings.Schedule == "constant" && e.Settings.unit() == UnitRecords {
			r.TargetRPS = here
		}
	}
	r.Target = kinds[e.Settings.Schedule](&e.Settings, whole).String()
	return nil
}

// workOutCounts adds up the signals.
func (r *Report) workOutCounts(d *distributions) {
	r.Records, r.Items, r.Bytes = Ledger{}, Ledger{}, 0
	for sig := range otlp.Signal(otlp.NumSignals) {
		s, ok := r.Signals[sig.String()]
		if !ok {
			continue
		}
		s.FromDue, s.FromSend = latency(d.signals[sig].fromDue), latency(d.signals[sig].fromSend)
		r.Signals[sig.String()] = s
		r.Records.add(s.Records)
		r.Items.add(s.Items)
		r.Bytes += s.Bytes
	}
	fromDue, fromSend := d.all()
	r.FromDue, r.FromSend, r.Lateness = latency(fromDue), latency(fromSend), latency(d.lateness)
	r.LostRecords = r.Records.Failed + r.Records.Rejected + r.Records.Unknown
	r.LostItems = r.Items.Failed + r.Items.Rejected + r.Items.Unknown
	if d.cells != nil {
		// What is drawn may be coarser than what is kept.
		drawn := *d.cells
		r.Series = drawn.buckets(r.Records.Due, r.Exact.earliest().UnixNano())
		r.Series.FromDue, r.Series.FromSend, r.Series.Lateness = quantiles(fromDue), quantiles(fromSend), quantiles(d.lateness)
	}
}

// earliest returns when the first of the parts started.
func (e *Exact) earliest() (start time.Time) {
	for i := range e.Parts {
		start = earlier(start, e.Parts[i].Start)
	}
	return start
}

// sum returns the SHA-256 in hex of the report without its sum, so that no bit of it
// changes unseen.
func (r *Report) sum() (string, error) {
	bare, exact := *r, *r.Exact
	exact.Sum = ""
	bare.Exact = &exact
	data, err := json.Marshal(&bare)
	if err != nil {
		return "", err
	}
	// What is no UTF-8 is escaped when it is written first, and not when it has been read.
	data = bytes.ReplaceAll(data, []byte(`\ufffd`), []byte("\ufffd"))
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// keep takes up what is not a sum.
func (e *Exact) keep(d *distributions) {
	e.Lateness, e.Series, e.Signals = histogramOf(d.lateness), exactSeries(d.cells), map[string]ExactSignal{}
	for sig := range otlp.Signal(otlp.NumSignals) {
		if s := d.signals[sig]; s.fromDue != nil || s.fromSend != nil {
			e.Signals[sig.String()] = ExactSignal{histogramOf(s.fromDue), histogramOf(s.fromSend)}
		}
	}
}

// distributions is the inverse of keep.
func (e *Exact) distributions() (*distributions, error) {
	d := new(distributions)
	var errs [2]error
	d.lateness, errs[0] = e.Lateness.histogram()
	d.cells, errs[1] = e.Series.cells()
	for sig := range otlp.Signal(otlp.NumSignals) {
		s, err := e.Signals[sig.String()], error(nil)
		x := &d.signals[sig]
		if x.fromDue, err = s.FromDue.histogram(); err != nil {
			return nil, err
		}
		if x.fromSend, err = s.FromSend.histogram(); err != nil {
			return nil, err
		}
	}
	return d, errors.Join(errs[:]...)
}
