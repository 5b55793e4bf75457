package otelsim

import (
	"cmp"
	"math"
	"time"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// header returns the identity of the corpus that plan and run make.
func header(plan *build.Plan, run *build.Run, o *Options) corpus.Header {
	h := corpus.Header{
		Revision:   build.Revision,
		Seed:       run.Seed,
		PlanDigest: plan.Digest(),
		Prefix:     plan.Prefix(),
		Users:      plan.Users(),
		Instances:  plan.Instances(),
		Arrivals:   corpus.ArrivalsOf(plan.Arrivals()),
		Options: corpus.Options{
			Count:             run.Count,
			SegmentIterations: run.SegmentIterations,
			Start:             corpus.Nanos(run.Start.UnixNano()),
			Interval:          corpus.Duration(run.Interval),
			Deviation:         corpus.Duration(run.Deviation),
			EachOnce:          o.EachOnce,
			Format:            run.Format.String(),
			TraceShape:        string(cmp.Or(o.Shape, Separate)),
			Content:           string(cmp.Or(o.Content, ByScenario)),
			BatchItems:        run.BatchItems,
		},
	}
	for sig := range Signal(otlp.NumSignals) {
		if run.Has(sig) {
			h.Options.Signals = append(h.Options.Signals, sig.String())
		}
	}
	if run.Has(Metrics) {
		h.Options.MetricInterval = corpus.Duration(run.MetricInterval)
		h.Options.Temporality = run.Temporality.String()
	}
	for _, s := range plan.Scenarios() {
		h.Scenarios = append(h.Scenarios, corpus.Scenario{
			Name: s.Name, Weight: fromMillionths(s.WeightMillionths), Digest: s.Digest,
			NoMetrics: !s.EmitMetrics, NoLogs: !s.EmitLogs,
		})
	}
	for _, s := range plan.Shifts() {
		shift := corpus.Shift{From: corpus.Duration(s.From), To: corpus.Duration(s.To)}
		for _, w := range s.Weights {
			shift.Weights = append(shift.Weights, fromMillionths(w))
		}
		h.Shifts = append(h.Shifts, shift)
	}
	return h
}

// Remake returns the plan of a corpus that is there, from its header and the
// inputs that it is said to be made from. Whether they are those tells the plan
// digest of its Header. A corpus of another build.Revision cannot be made again.
func Remake(h *corpus.Header, in Inputs) (*Plan, error) {
	o := Options{
		Seed: h.Seed, Count: h.Options.Count, SegmentIterations: h.Options.SegmentIterations,
		Inputs: in, Prefix: h.Prefix, EachOnce: h.Options.EachOnce,
		Shape: Shape(h.Options.TraceShape), Content: Content(h.Options.Content),
		Start:    h.Options.Start.Time(),
		Interval: given(h.Options.Interval), Deviation: given(h.Options.Deviation),
		Format: h.Options.OTLPFormat(), BatchItems: h.Options.BatchItems,
		Signals: h.Options.OTLPSignals(), MetricInterval: time.Duration(h.Options.MetricInterval), Temporality: h.Options.OTLPTemporality(),
	}
	for _, s := range h.Scenarios {
		o.Scenarios = append(o.Scenarios, s.Name)
	}
	// A scenario that is selected alone by its name counts fully; one that is
	// alone for another reason has its own weight.
	if len(h.Scenarios) == 1 && h.Scenarios[0].Weight != 1 {
		o.Scenarios = append(o.Scenarios, h.Scenarios[0].Name)
	}
	// Inputs with other arrivals have another plan digest, and are not refused.
	return newPlan(o, func(*Options, *Arrivals) error { return nil })
}

// given returns a duration as options have it, where 0 stands for a default.
func given(d corpus.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return time.Duration(d)
}

// DrawOf returns how the iterations of a corpus came by their scenarios: the
// index is that of Header.Scenarios.
func DrawOf(h *corpus.Header) build.Draw {
	o := &h.Options
	d := build.Draw{Seed: h.Seed, EachOnce: o.EachOnce, Interval: time.Duration(o.Interval), Deviation: time.Duration(o.Deviation), Curve: CurveOf(h)}
	for _, s := range h.Scenarios {
		d.Names, d.Weights = append(d.Names, s.Name), append(d.Weights, millionths(s.Weight))
	}
	for _, s := range h.Shifts {
		shift := build.Shift{From: int64(s.From), To: int64(s.To)}
		for _, w := range s.Weights {
			shift.Weights = append(shift.Weights, millionths(w))
		}
		d.Shifts = append(d.Shifts, shift)
	}
	return d
}

// millionths returns the weight that decides the picking, from that of the
// header. Weights are at most 1e9, so the way there and back is exact.
func millionths(weight float64) uint64 { return uint64(math.Round(weight * 1e6)) }

// fromMillionths is the inverse of millionths.
func fromMillionths(weight uint64) float64 { return float64(weight) / 1e6 }
