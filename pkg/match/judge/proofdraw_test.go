package judge

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/damage"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/replay"
)

// trial is one corpus, one replay of it and one way to damage it.
type trial struct {
	seed        uint64
	corpus      otelsim.Options
	unknown     bool // some items have fields that the protocol does not know
	laps        uint64
	original    bool
	ledger      bool
	retry       bool
	grpc        bool
	pacer       replay.Pacer
	compression string
	files       bool // what arrived is read from files
	arrivals    bool // it is known when messages arrived
	workers     int
	damage      damage.Options
}

// draw returns the trial of a seed. Without damage nothing is to be found.
func draw(seed uint64, damaged bool) trial {
	r := rand.New(rand.NewPCG(seed, 15))
	half := func() bool { return r.IntN(2) == 0 }
	tr := trial{seed: seed, laps: 1 + r.Uint64N(3), original: half(), ledger: r.IntN(4) > 0, workers: 1 + r.IntN(3)}
	tr.corpus = otelsim.Options{
		Seed: r.Uint64(), Count: 6 + r.Uint64N(12), SegmentIterations: 3 + r.Uint64N(8),
		Signals: [][]otlp.Signal{
			nil, nil, nil, {otlp.SignalTraces}, {otlp.SignalLogs}, {otlp.SignalMetrics},
			{otlp.SignalTraces, otlp.SignalLogs}, {otlp.SignalTraces, otlp.SignalMetrics}, {otlp.SignalMetrics, otlp.SignalLogs},
		}[r.IntN(9)],
		Format: otlp.Format(r.IntN(2)), BatchItems: []int{0, 0, 30, 200}[r.IntN(4)],
		Shape:       []otelsim.Shape{otelsim.Separate, otelsim.Unified}[r.IntN(2)],
		Content:     []otelsim.Content{otelsim.ByScenario, otelsim.NoContent, otelsim.Redacted}[r.IntN(3)],
		Temporality: []otelsim.Temporality{otelsim.Cumulative, otelsim.Delta}[r.IntN(2)],
	}
	if half() {
		tr.corpus.Inputs.Conventions, _ = otelsim.BundledConventions("genai")
	}
	if r.IntN(3) == 0 {
		tr.corpus.Scenarios = [][]string{{"claim_conversation"}, {"backend_outage", "with_rag"}, {"sub_agent", "tool_retry", "redaction_basic"}}[r.IntN(3)]
	}
	switch metrics := tr.corpus.Signals == nil || slices.Contains(tr.corpus.Signals, otlp.SignalMetrics); {
	case tr.ledger || !metrics:
	case !tr.original:
		tr.ledger = true // without one nothing can be said of points of moved times
	case len(tr.corpus.Signals) == 1:
		tr.laps = 1 // nothing tells how often they were sent
	}
	rate, _ := replay.ParseRate("1M")
	tr.pacer = []replay.Pacer{replay.Unpaced{}, replay.Constant{Rate: rate, Of: replay.UnitRecords}}[r.IntN(2)]
	tr.compression = []string{"none", "gzip", "zstd"}[r.IntN(3)]
	tr.arrivals, tr.files = half(), tr.seed%2 == 0
	tr.damage = damage.Options{Seed: r.Uint64(), Shuffle: half(), Merge: half(), Format: otlp.Format(r.IntN(2))}
	tr.damage.Alike = tr.original && tr.laps > 1
	tr.retry = r.IntN(4) == 0
	if damaged {
		tr.drawDamage(r)
	} else if tr.corpus.Format == otlp.FormatProto {
		tr.grpc = half()
	}
	return tr
}

// drawDamage chooses what happens, and how often.
func (tr *trial) drawDamage(r *rand.Rand) {
	times := tr.ledger || tr.original
	for _, k := range damage.Kinds() {
		switch {
		case r.IntN(2) == 0:
		case k == damage.Retried && !tr.retry, (k == damage.CutLost || k == damage.CutKept) && tr.retry:
		case (k == damage.StartTime || k == damage.EndTime) && !times:
			// Where nothing says how far times have moved, nothing says that one has.
		default:
			tr.damage.Kinds = append(tr.damage.Kinds, k)
		}
	}
	tr.damage.Items, tr.damage.Requests = 10+r.IntN(150), r.IntN(250)
	if tr.corpus.Format == otlp.FormatProto && tr.damage.Format == otlp.FormatProto {
		tr.unknown = r.IntN(2) == 0
	}
}

// String says what was drawn.
func (tr *trial) String() string {
	return fmt.Sprintf("seed %d: signals %v, %v, batches of %d, %q %v, genai %v, scenarios %v; %d laps, original %v, ledger %v, retry %v, %v, %s; "+
		"arrives as %v, shuffled %v, merged %v, times %v, unknown %v, %d workers; %d of 1000 items, %d of 1000 requests: %v",
		tr.seed, tr.corpus.Signals, tr.corpus.Format, tr.corpus.BatchItems, tr.corpus.Shape, tr.corpus.Temporality, tr.corpus.Inputs.Conventions.Name != "", tr.corpus.Scenarios,
		tr.laps, tr.original, tr.ledger, tr.retry, tr.pacer, tr.compression, tr.damage.Format, tr.damage.Shuffle, tr.damage.Merge,
		tr.arrivals, tr.unknown, tr.workers, tr.damage.Items, tr.damage.Requests, tr.damage.Kinds)
}

// make returns the corpus, in memory.
func (tr *trial) make(t *testing.T) *corpus.Corpus {
	t.Helper()
	plan, err := otelsim.New(tr.corpus)
	if err != nil {
		t.Fatal(err)
	}
	fill, err := plan.NewFill()
	if err != nil {
		t.Fatal(err)
	}
	c, err := corpus.InMemory(plan.Header(), plan.Conventions(), func(segment uint64, seg *otlp.Segment) error {
		if err := fill(segment, seg); err != nil || !tr.unknown {
			return err
		}
		return damage.Plant(seg, segment+tr.seed)
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
