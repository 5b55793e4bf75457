package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Report is what happened. Its JSON field names are stable; durations in it are
// whole nanoseconds where the name ends in _ns, and seconds otherwise.
type Report struct {
	Tool   string `json:"tool,omitempty"`  // Options.Tool; first, so that a report is known by it
	Source string `json:"source"`          // by its own name for itself
	Target string `json:"target"`          // the pacer
	Shard  string `json:"shard,omitempty"` // I/N; empty: all

	// TargetRPS is the rate of a constant schedule of records, 0 otherwise.
	TargetRPS float64 `json:"target_rps,omitempty"`
	// TimesRecorded is how many times as fast as recorded the timeline passes,
	// think times and metric intervals included: over 1 it is compressed. It is 0
	// when the recorded times are not known, or are all the same.
	TimesRecorded float64 `json:"times_recorded,omitempty"`
	// AchievedRPS is the rate at which records were sent the first time: one
	// less than their number, over the schedule's own time, from the first due
	// time to the last send. Waiting for answers and the end of the run are not
	// in it; a schedule that fell behind is, and a first record that was late
	// makes no rate higher. It is 0 with fewer than two records. Without a
	// schedule it is their number over the whole run: starting to send is then
	// no achievement before the answers have come.
	AchievedRPS            float64 `json:"achieved_rps"`
	AchievedItemsPerSecond float64 `json:"achieved_items_per_second"`

	// PartsRPS is, in a merged report, the sum of what the parts achieved each, with
	// a schedule. Parts that have less to send are done earlier, which is in
	// AchievedRPS and not in this.
	PartsRPS float64 `json:"parts_rps,omitempty"`

	Records     Ledger `json:"records"`
	Items       Ledger `json:"items"`        // spans, data points and log records
	LostRecords uint64 `json:"lost_records"` // failed, unknown, and rejected at least in part
	LostItems   uint64 `json:"lost_items"`   // failed + unknown + rejected

	Sends    uint64    `json:"sends"`            // attempts: records and retries
	Bytes    uint64    `json:"bytes"`            // of payloads, before compression, each time sent
	Duration float64   `json:"duration_seconds"` // of the run, until the last answer
	Start    time.Time `json:"start"`            // UTC, as is End
	End      time.Time `json:"end"`              // when the last record was finished

	// StartPlanned is Options.StartAt, which is then Start too unless the wait for it
	// was interrupted, and StartActual when it was found to have come; zero without
	// one, and before.
	StartPlanned time.Time `json:"start_planned,omitzero"`
	StartActual  time.Time `json:"start_actual,omitzero"`

	Interrupted bool `json:"interrupted"` // the context ended before the schedule did, or before the last answers when some never came

	// Latencies are those of answered records: accepted, or rejected in part.
	FromDue   Latency `json:"latency_from_due_ns"`
	FromSend  Latency `json:"latency_from_send_ns"`
	Lateness  Latency `json:"lateness_ns"`   // of every record: first send - due
	LateAfter int64   `json:"late_after_ns"` // nanoseconds: Options.LateAfter

	Signals map[string]SignalReport `json:"signals"` // by the signal's name; only those that were sent
	Reasons []Reason                `json:"reasons"` // by outcome and reason

	Notes []Note `json:"notes,omitempty"` // on the source

	// Broken says that the source of a part failed: what it had not sent by then
	// is in no count.
	Broken bool `json:"broken,omitempty"`

	// MissingShards are those of which Merge had no report: I or I-J, of the Exact.Settings.Of.
	MissingShards []string `json:"missing_shards,omitempty"`

	// Exact is what Merge needs. It is there if Options asked for a series.
	Exact *Exact `json:"exact,omitempty"`

	// Series is what happened when, for drawing: only if Options asked for it
	// and a record was finished.
	Series *Series `json:"-"`
}

// SignalReport is the part of one signal.
type SignalReport struct {
	Records  Ledger  `json:"records"`
	Items    Ledger  `json:"items"`
	Bytes    uint64  `json:"bytes"` // of payloads, each time sent
	FromDue  Latency `json:"latency_from_due_ns"`
	FromSend Latency `json:"latency_from_send_ns"`
}

// Latency is a distribution of durations in nanoseconds, exact to three digits.
type Latency struct {
	Count int64 `json:"count"` // of the durations; 0: all else is 0
	P50   int64 `json:"p50"`
	P90   int64 `json:"p90"`
	P99   int64 `json:"p99"`
	P999  int64 `json:"p999"` // 99.9 percent took at most so long
	Max   int64 `json:"max"`
}

// Reason counts why records were sent again, rejected or given up, and what was
// said of those that were accepted.
type Reason struct {
	Outcome string `json:"outcome"`           // retried, rejected, failed, unknown; warned: accepted with a word
	Reason  string `json:"reason"`            // as in Result
	Records uint64 `json:"records"`           // attempts, when retried
	Items   uint64 `json:"items"`             // in them; those rejected, when rejected
	Message string `json:"message,omitempty"` // one of the receiver's
}

// WriteJSON writes r as one indented JSON object. Whatever a terminal would obey
// in what others said is escaped: the values are the same.
func (r *Report) WriteJSON(w io.Writer) error { return r.writeJSON(w, "  ") }

// WriteJSONLine is WriteJSON on one line, which ends with a newline: for logs.
func (r *Report) WriteJSONLine(w io.Writer) error { return r.writeJSON(w, "") }

func (r *Report) writeJSON(w io.Writer, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", indent)
	if r.Exact != nil {
		sum, err := r.sum()
		if err != nil {
			return err
		}
		signed, exact := *r, *r.Exact
		exact.Sum, signed.Exact = sum, &exact
		r = &signed
	}
	if err := e.Encode(r); err != nil {
		return err
	}
	_, err := w.Write(escapeJSON(b.Bytes()))
	return err
}

// escapeJSON escapes the characters in the strings of an encoded object that
// text.Clean escapes and JSON does not: C1 controls, and those without a shape.
func escapeJSON(b []byte) []byte {
	var out []byte
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == '\n' || r != 0x7f && r < utf8.RuneSelf || unicode.IsGraphic(r):
			out = append(out, b[:n]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		b = b[n:]
	}
	return out
}

func latency(h *hdrhistogram.Histogram) Latency {
	if h == nil || h.TotalCount() == 0 {
		return Latency{}
	}
	return Latency{
		Count: h.TotalCount(),
		P50:   h.ValueAtPercentile(50),
		P90:   h.ValueAtPercentile(90),
		P99:   h.ValueAtPercentile(99),
		P999:  h.ValueAtPercentile(99.9),
		Max:   h.Max(),
	}
}

// merge adds what src holds to *dst. All histograms have one range, so nothing
// is dropped.
func merge(dst **hdrhistogram.Histogram, src *hdrhistogram.Histogram) {
	if src == nil {
		return
	}
	if *dst == nil {
		*dst = newHistogram()
	}
	(*dst).Merge(src)
}

// report adds up the counters, after the workers have ended, of a run that took so
// long and ended with err, or when all was released.
func (r *run) report(took time.Duration, complete bool, err error) *Report {
	start := r.start.Round(0).UTC()
	rep := &Report{
		Tool: r.Tool, Target: r.Pacer.String(), StartPlanned: r.StartAt.UTC(),
		LateAfter: int64(r.LateAfter), Signals: map[string]SignalReport{}, Exact: r.exact(start.Add(took)),
	}
	d := &distributions{cells: r.timeline()}
	var first, last time.Duration
	for i := range r.counters {
		s := &r.counters[i]
		if s.lateness == nil {
			continue
		}
		if d.lateness == nil {
			first = s.first
		}
		first, last = min(first, s.first), max(last, s.last)
		merge(&d.lateness, s.lateness)
		rep.Sends += s.sends
	}
	part := &rep.Exact.Parts[0]
	for sig := range otlp.Signal(otlp.NumSignals) {
		part.Records += r.signal(rep, d, sig)
	}
	if part.Records > 0 {
		part.FirstDue, part.LastSent = start.Add(first), start.Add(last)
	}
	part.Broken = err != nil
	rep.Reasons = r.allReasons()
	if n, ok := r.source.(Noter); ok {
		rep.Notes = n.Notes()
	}
	_ = rep.workOut(d) // which fails for what others have written only
	cutShort := r.stoppedAt.Load() > 0 && rep.Records.Failed+rep.Records.Unknown > 0
	part.Interrupted = err == nil && (!complete || cutShort)
	part.Recorded = r.timesRecorded(rep)
	rep.Interrupted, rep.TimesRecorded = part.Interrupted, part.Recorded
	if !r.Series {
		rep.Exact = nil
		return rep
	}
	rep.Exact.keep(d)
	return rep
}

// signal adds up the counters of one signal, and returns its records.
func (r *run) signal(rep *Report, d *distributions, sig otlp.Signal) uint64 {
	var out SignalReport
	x := &d.signals[sig]
	for i := range r.counters {
		s := &r.counters[i].signals[sig]
		out.Records.add(s.records)
		out.Items.add(s.items)
		out.Bytes += s.bytes
		merge(&x.fromDue, s.fromDue)
		merge(&x.fromSend, s.fromSend)
	}
	if out.Records.Due > 0 {
		rep.Signals[sig.String()] = out
	}
	return out.Records.Due
}

// allReasons merges the reasons of all counters.
func (r *run) allReasons() []Reason {
	sum := map[reasonKey]Reason{}
	for i := range r.counters {
		for k, c := range r.counters[i].reasons {
			x := sum[k]
			x.Outcome, x.Reason = k.outcome, k.reason
			x.Records += c.records
			x.Items += c.items
			x.Message = aMessage(x.Message, c.message)
			sum[k] = x
		}
	}
	return inOrder(sum)
}

// inOrder returns reasons in an order that does not vary.
func inOrder(sum map[reasonKey]Reason) []Reason {
	all := make([]Reason, 0, len(sum))
	for _, x := range sum {
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b Reason) int {
		if c := strings.Compare(a.Outcome, b.Outcome); c != 0 {
			return c
		}
		return strings.Compare(a.Reason, b.Reason)
	})
	return all
}

// Status is a glance at a run in progress. Counts are of finished records.
type Status struct {
	Elapsed  time.Duration // since the start of the run
	Waits    time.Duration // until the start of the run; over 0: all else is 0
	Records  Ledger
	Items    Ledger
	Sends    uint64        // attempts
	Lateness time.Duration // the 99th percentile so far

	InFlight uint64  // records being sent, or waiting to be sent again
	Trouble  Trouble // the last attempt that did not go as wished; zero: none

	// Within is how long what is in flight may still take at most, whatever the
	// receiver does: until its retries are over or, once the run was stopped,
	// its attempts. It is NoTimeout when attempts have none, 0 when nothing is in
	// flight.
	Within  time.Duration
	Stopped bool // the context of the run has ended
}

// Trouble is why an attempt did not go as wished.
type Trouble struct {
	At      time.Duration // since the start of the run
	Reason  string        // see Result
	Message string        // likewise
}

// status adds up the sets of counters.
func (r *run) status() Status {
	st := Status{Elapsed: r.now(), InFlight: uint64(r.flight.records.Load())}
	st.Within, st.Stopped = r.within(st.Elapsed)
	var late *hdrhistogram.Histogram
	for i := range r.counters {
		s := &r.counters[i]
		s.mu.Lock()
		for j := range s.signals {
			st.Records.add(s.signals[j].records)
			st.Items.add(s.signals[j].items)
		}
		st.Sends += s.sends
		if s.trouble.At >= st.Trouble.At && s.trouble != (Trouble{}) {
			st.Trouble = s.trouble
		}
		merge(&late, s.lateness)
		s.mu.Unlock()
	}
	if late != nil {
		st.Lateness = time.Duration(late.ValueAtPercentile(99))
	}
	return st
}

// within returns how long what is in flight may still take, and whether the run
// was stopped. A record is sent for the last time at the end of its window.
func (r *run) within(now time.Duration) (time.Duration, bool) {
	var timeout time.Duration
	for _, d := range r.Timeouts {
		timeout = max(timeout, d)
	}
	stopped := r.stoppedAt.Load()
	switch {
	case r.flight.records.Load() == 0:
		return 0, stopped > 0
	case stopped > 0:
		if timeout == NoTimeout {
			timeout = DefaultTimeout
		}
		return max(time.Duration(stopped)+timeout-now, 0), true
	case timeout == NoTimeout:
		return NoTimeout, false
	}
	last := time.Duration(r.released.Load())
	if !r.NoRetry {
		last = sum(last, r.RetryFor)
	}
	return max(sum(last, timeout)-now, 0), false
}

// sum adds two durations that are not negative, up to the longest there is.
func sum(a, b time.Duration) time.Duration {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
