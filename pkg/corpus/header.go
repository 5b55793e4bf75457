package corpus

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Header is the identity of a corpus: all that its content is a function of.
// Two corpora of equal headers hold the same bytes.
type Header struct {
	FormatVersion int        `json:"format_version"`          // set by Write
	Revision      int        `json:"revision"`                // of the generator, from 1
	Seed          uint64     `json:"seed"`                    // any number
	PlanDigest    string     `json:"plan_digest"`             // SHA-256 in hex, of what can be emitted
	Prefix        string     `json:"prefix"`                  // of the vendor's names, not empty
	Options       Options    `json:"options"`                 // see there
	Scenarios     []Scenario `json:"scenarios"`               // by name
	Shifts        []Shift    `json:"weight_shifts,omitempty"` // by time; none: the weights hold throughout
	Arrivals      *Arrivals  `json:"arrivals,omitempty"`      // nil: one every interval

	// Cardinality is how many different users and instances of each service there
	// can be at most, those of all segments together; 0 in corpora that do not say.
	Users     uint64 `json:"users,omitempty"`
	Instances uint64 `json:"instances,omitempty"`
}

// Options are the content options: everything beside seed and plan that
// changes what is written, and nothing that does not.
type Options struct {
	Count             uint64   `json:"count"`              // iterations
	SegmentIterations uint64   `json:"segment_iterations"` // of every segment but the last, over 0
	Start             Nanos    `json:"start"`              // of iteration 0, before its deviation
	Interval          Duration `json:"interval"`           // between the starts of iterations; 0: all at once, or as Header.Arrivals says
	Deviation         Duration `json:"interval_deviation"` // an iteration starts up to twice that later
	EachOnce          bool     `json:"each_once"`          // scenarios take turns: weights count for nothing
	Signals           []string `json:"signals"`            // names, in the order of otlp.Signal
	Format            string   `json:"format"`             // "proto" or "json"
	TraceShape        string   `json:"trace_shape"`        // "separate" or "unified"
	Content           string   `json:"content"`            // "scenario", "none", "raw" or "redacted"
	BatchItems        int      `json:"batch_items"`        // 0: one record a request

	// Of corpora with metrics alone, so that all others are as they have always been.
	MetricInterval Duration `json:"metric_interval,omitempty"` // between the points of a series
	Temporality    string   `json:"temporality,omitempty"`     // "cumulative" or "delta"
}

// Scenario is one selected scenario.
type Scenario struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight"` // relative to the others', not negative
	Digest string  `json:"digest"` // SHA-256 in hex, of what it can emit

	// Scenarios may keep their spans out of metrics and logs.
	NoMetrics bool `json:"no_metrics,omitempty"`
	NoLogs    bool `json:"no_logs,omitempty"`
}

// Shift is a time in which the weights of the scenarios are others. From and To
// count from the start; To is not part of it.
type Shift struct {
	From    Duration  `json:"from"`
	To      Duration  `json:"to"`
	Weights []float64 `json:"weights"` // of Header.Scenarios
}

// Segments returns how many segments the corpus has.
func (o *Options) Segments() uint64 {
	if o.SegmentIterations == 0 {
		return 0
	}
	n := o.Count / o.SegmentIterations
	if o.Count%o.SegmentIterations != 0 {
		n++
	}
	return n
}

// Iterations returns the first iteration of a segment and how many it has.
func (o *Options) Iterations(segment uint64) (first, count uint64) {
	first = segment * o.SegmentIterations
	return first, min(o.SegmentIterations, o.Count-first)
}

// OTLPFormat returns the encoding of the records.
func (o *Options) OTLPFormat() otlp.Format {
	if o.Format == otlp.FormatJSON.String() {
		return otlp.FormatJSON
	}
	return otlp.FormatProto
}

// OTLPSignals returns the signals, in their order.
func (o *Options) OTLPSignals() []otlp.Signal {
	var signals []otlp.Signal
	for sig := range otlp.Signal(otlp.NumSignals) {
		for _, name := range o.Signals {
			if name == sig.String() {
				signals = append(signals, sig)
			}
		}
	}
	return signals
}

// check returns what is wrong with the header, as far as reading depends on
// it.
func (h *Header) check() error {
	if err := checkVersion(h.FormatVersion); err != nil {
		return err
	}
	if err := h.checkWords(); err != nil {
		return err
	}
	if err := h.checkNumbers(); err != nil {
		return err
	}
	o := &h.Options
	switch {
	case o.Format != otlp.FormatProto.String() && o.Format != otlp.FormatJSON.String():
		return fmt.Errorf("format is %q: want proto or json", o.Format)
	case o.Content != "scenario" && o.Content != "none" && o.Content != "raw" && o.Content != "redacted":
		return fmt.Errorf("content is %q: want scenario, none, raw or redacted", o.Content)
	case o.TraceShape != "separate" && o.TraceShape != "unified":
		return fmt.Errorf("trace_shape is %q: want separate or unified", o.TraceShape)
	case len(o.Signals) == 0:
		return fmt.Errorf("signals is empty")
	}
	for _, s := range h.Shifts {
		if len(s.Weights) != len(h.Scenarios) {
			return fmt.Errorf("weight_shifts has %d weights of %d scenarios", len(s.Weights), len(h.Scenarios))
		}
	}
	known := o.OTLPSignals()
	for i, name := range o.Signals {
		if i >= len(known) || known[i].String() != name {
			return fmt.Errorf("signals is %s: want some of traces, metrics, logs, each once and in this order",
				quoted(strings.Join(o.Signals, ",")))
		}
	}
	return o.checkMetrics()
}

// Has reports whether the corpus has a signal.
func (o *Options) Has(sig otlp.Signal) bool { return slices.Contains(o.OTLPSignals(), sig) }

// checkMetrics returns what is wrong with the options of metrics.
func (o *Options) checkMetrics() error {
	switch metrics := o.Has(otlp.SignalMetrics); {
	case metrics && o.OTLPTemporality() == otlp.TemporalityUnspecified:
		return fmt.Errorf("temporality is %q: want cumulative or delta", o.Temporality)
	case metrics && o.MetricInterval <= 0:
		return fmt.Errorf("metric_interval is %v: want more than 0", o.MetricInterval)
	case !metrics && (o.Temporality != "" || o.MetricInterval != 0):
		return fmt.Errorf("temporality is %q and metric_interval %v, of a corpus without metrics", o.Temporality, o.MetricInterval)
	}
	return nil
}

// OTLPTemporality returns the temporality of counters and histograms, none in a
// corpus without metrics.
func (o *Options) OTLPTemporality() otlp.Temporality {
	for _, t := range []otlp.Temporality{otlp.TemporalityDelta, otlp.TemporalityCumulative} {
		if o.Temporality == t.String() {
			return t
		}
	}
	return otlp.TemporalityUnspecified
}

// field is one named value of a header, for comparing.
type field struct{ name, value string }

// fields lists the header's values under the names that the manifest has.
func (h *Header) fields() []field {
	o := &h.Options
	fs := []field{
		{"format_version", strconv.Itoa(h.FormatVersion)},
		{"revision", strconv.Itoa(h.Revision)},
		{"seed", strconv.FormatUint(h.Seed, 10)},
		{"count", strconv.FormatUint(o.Count, 10)},
		{"segment_iterations", strconv.FormatUint(o.SegmentIterations, 10)},
		{"start", o.Start.String()},
		{"interval", o.Interval.String()},
		{"interval_deviation", o.Deviation.String()},
		{"arrivals", h.Arrivals.String()},
		{"each_once", strconv.FormatBool(o.EachOnce)},
		{"signals", strings.Join(o.Signals, ",")},
		{"format", o.Format},
		{"trace_shape", o.TraceShape},
		{"content", o.Content},
		{"batch_items", strconv.Itoa(o.BatchItems)},
		{"metric_interval", o.MetricInterval.String()},
		{"temporality", o.Temporality},
		{"prefix", h.Prefix},
	}
	names := make([]string, len(h.Scenarios))
	for i, s := range h.Scenarios {
		names[i] = s.Name
	}
	fs = append(fs, field{"scenarios", strings.Join(names, ",")})
	for _, s := range h.Scenarios {
		fs = append(fs,
			field{"weight of scenario " + s.Name, strconv.FormatFloat(s.Weight, 'g', -1, 64)},
			field{"digest of scenario " + s.Name, s.Digest})
	}
	// Last, because most differences have a more telling name above.
	return append(fs, field{"plan_digest", h.PlanDigest})
}

// differences compares what is there with what is wanted and names each
// difference with both values, nil when there is none. After the first that
// decides which fields there are, the list ends.
func differences(have, want []field) []string {
	var ds []string
	for i := range min(len(have), len(want)) {
		h, w := have[i], want[i]
		if h.name != w.name {
			break
		}
		if h.value != w.value {
			ds = append(ds, fmt.Sprintf("%s is %s, wanted %s", h.name, quoteEmpty(h.value), quoteEmpty(w.value)))
		}
	}
	if len(ds) == 0 && len(have) != len(want) {
		ds = append(ds, fmt.Sprintf("header has %d fields, wanted %d", len(have), len(want)))
	}
	return ds
}

func quoteEmpty(s string) string {
	if s == "" {
		return `""`
	}
	return s
}

// mismatch returns an ErrMismatch that names each difference, or nil.
func mismatch(what string, have, want []field) error {
	ds := differences(have, want)
	if len(ds) == 0 {
		return nil
	}
	return fmt.Errorf("%s is of %w: %s", what, ErrMismatch, strings.Join(ds, "; "))
}

// Difference is a value in which two headers differ.
type Difference struct {
	Path       string // such as "seed", or "weight of scenario NAME"
	Have, Want string
}

// Differences compares h with a header that it should be equal to. Equal
// headers have none.
func (h *Header) Differences(want *Header) []Difference {
	all := func(h *Header) []field {
		shifts, _ := json.Marshal(h.Shifts) // numbers and texts only
		fs := append(h.fields(), field{"weight_shifts", string(shifts)},
			field{"users", strconv.FormatUint(h.Users, 10)}, field{"instances", strconv.FormatUint(h.Instances, 10)})
		for _, s := range h.Scenarios {
			fs = append(fs, field{"signals of scenario " + s.Name, fmt.Sprintf("no_metrics %v, no_logs %v", s.NoMetrics, s.NoLogs)})
		}
		return fs
	}
	wanted := make(map[string]string)
	for _, f := range all(want) {
		wanted[f.name] = f.value
	}
	var out []Difference
	for _, f := range all(h) {
		if w, ok := wanted[f.name]; f.name != "format_version" && (!ok || w != f.value) {
			out = append(out, Difference{f.name, f.value, w})
		}
		if len(out) == maxDifferences {
			break
		}
	}
	return out
}

// maxDifferences is how many differences of two headers are told.
const maxDifferences = 10
