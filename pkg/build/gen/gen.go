// Package gen interprets a plan: it turns an iteration number into the spans
// of a session. It works in two passes over a trace: the first decides which
// spans there are and how long they take, from the leaves up; the second lays
// them out in time and writes their attributes, from the root down.
//
// Everything drawn comes from a stream that is named by what it is for, so no
// part of an iteration depends on another having been generated before.
package gen

import (
	"fmt"
	"math"
	"math/bits"
	"time"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Config is what a run adds to its plan. Times are in nanoseconds, since the
// Unix epoch where they are points.
type Config struct {
	Seed              uint64
	Count             uint64 // iterations
	SegmentIterations uint64
	Start             int64
	Interval          int64
	Deviation         int64
	Curve             *arrivals.Curve // of arrivals other than one every interval; nil: none
	EachOnce          bool
}

// Generator generates the iterations of a run. It is not safe for concurrent
// use; any number of them may share a plan.
type Generator struct {
	plan   *plan.Plan
	cfg    Config
	picker Picker
	ids    ids.Key
	keys   [rng.NumPurposes]rng.Key // of the seed, by purpose
	users  rng.Key
	starts schedule
	block  *block // of the latest iteration, when there is a curve

	// Watch, when set, is told of the node of each span as it is appended.
	Watch func(n *plan.Node)

	shared  []int32 // by group of the plan and instance: index into the resources of the record of the latest, or -1
	earlier []int32 // by resource of the record: the one of the same group and instance before it, or -1
	it      iteration
	req     request
	part    part
	sys     system
	guests  []plan.Guest // of the request
	value   otlp.Attr    // of the attribute under work: here, since it would be allocated elsewhere
}

// iteration is the state that the requests of a session share.
type iteration struct {
	number   uint64
	scenario *plan.Scenario
	keys     [rng.NumPurposes]rng.Key
	session  []byte
	user     []byte
	model    *plan.Model // that spans call which say nothing else
	segment  uint64
	requests int64 // to tool servers so far
	instance int   // of Plan.Instances
	past     past
	lastRoot otlp.Link // of the turn before
	hasLast  bool
	asked    uint32 // slot of the request that the latest one is, or continues
}

// New returns a generator. It fails when a time of the run would not fit.
func New(p *plan.Plan, cfg Config) (*Generator, error) {
	if cfg.Count > ids.MaxIterations {
		return nil, fmt.Errorf("count %d is over the %d iterations that ids can carry", cfg.Count, uint64(ids.MaxIterations))
	}
	if err := checkTimes(p, cfg); err != nil {
		return nil, err
	}
	names := make([]string, len(p.Scenarios))
	weights := make([]uint64, len(p.Scenarios))
	for i, s := range p.Scenarios {
		names[i], weights[i] = s.Name, s.Weight
	}
	g := &Generator{plan: p, cfg: cfg, ids: ids.New(cfg.Seed)}
	g.picker = NewPicker(cfg.Seed, names, weights, cfg.EachOnce)
	root := rng.New(cfg.Seed)
	for i := range g.keys {
		g.keys[i] = root.For(rng.Purpose(i))
	}
	g.starts = schedule{g.keys[rng.Start], cfg.Curve, cfg.Interval, cfg.Deviation}
	g.users = g.keys[rng.IDs].Index(rng.Hash("user"))
	return g, nil
}

// checkTimes makes sure that the last possible end fits an int64.
func checkTimes(p *plan.Plan, cfg Config) error {
	longest := uint64(0)
	for _, s := range p.Scenarios {
		longest = max(longest, s.MaxDuration)
	}
	if cfg.Start < 0 || cfg.Interval < 0 || cfg.Deviation < 0 {
		return fmt.Errorf("start, interval and deviation must not be negative")
	}
	if cfg.Deviation > math.MaxInt64/4 {
		return fmt.Errorf("deviation %v: at most %v", time.Duration(cfg.Deviation), time.Duration(math.MaxInt64/4))
	}
	span, ok := cfg.span()
	end := new(big128).add(uint64(cfg.Start)).add(span).add(2 * uint64(cfg.Deviation)).add(longest)
	if !ok || end.hi != 0 || end.lo > math.MaxInt64 {
		return fmt.Errorf("simulated time would pass the year 2262: count %d, %s", cfg.Count, cfg.pace())
	}
	return nil
}

// big128 adds without overflow.
type big128 struct{ hi, lo uint64 }

func (b *big128) add(v uint64) *big128 {
	lo, carry := bits.Add64(b.lo, v, 0)
	b.lo, b.hi = lo, b.hi+carry
	return b
}

// Scenario returns the scenario of an iteration.
func (g *Generator) Scenario(i uint64) *plan.Scenario {
	if len(g.plan.Shifts) > 0 {
		weights := plan.WeightsAt(g.plan.Shifts, g.StartOf(i)-g.cfg.Start, g.picker.weights)
		return g.plan.Scenarios[g.picker.PickBy(weights, i)]
	}
	return g.plan.Scenarios[g.picker.Pick(i)]
}

// StartOf returns when an iteration starts. Nothing accumulates.
func (g *Generator) StartOf(i uint64) int64 { return g.cfg.Start + g.offset(i) }

// Iteration appends the requests of iteration i to t, one after the other, and
// calls done after each, which may empty t.
func (g *Generator) Iteration(i uint64, t *otlp.Traces, done func() error) error {
	at := g.begin(i)
	turn := uint32(0)
	for slot := range uint32(g.it.scenario.Requests()) {
		if g.absent(slot) {
			continue
		}
		if turn > 0 && !g.continues(slot) {
			think := g.it.keys[rng.Latency].Index(rng.Hash("think")).Index(uint64(slot)).Stream()
			at += g.it.scenario.ThinkTime.Draw(&think)
		}
		at = g.request(turn, slot, at, t)
		turn++
		if err := done(); err != nil {
			return err
		}
	}
	return nil
}

// begin draws what the session has in common and returns when it starts.
func (g *Generator) begin(i uint64) int64 {
	it := &g.it
	it.number = i
	it.scenario = g.Scenario(i)
	it.segment = i / g.cfg.SegmentIterations
	it.hasLast = false
	it.requests = 0
	it.past.forget()
	for p := range it.keys {
		it.keys[p] = g.keys[p].Index(i)
	}
	s := it.keys[rng.IDs].Index(hashSession).Stream()
	it.session = it.scenario.Session.Append(it.session[:0], &s)
	user := it.keys[rng.IDs].Index(hashUser).Stream()
	it.user = append(it.user[:0], "usr_"...)
	it.user = plan.AppendHex(it.user, g.users.Index(user.Below(it.scenario.UserPool)).Uint64(), 16)
	it.instance = 0
	if n := uint64(g.plan.Instances); n > 1 {
		instance := it.keys[rng.IDs].Index(hashInstance).Stream()
		it.instance = int(instance.Below(n))
	}
	g.drawModel(it.keys[rng.Attributes])
	return g.StartOf(i)
}

// drawModel draws the model of a session.
func (g *Generator) drawModel(key rng.Key) {
	it := &g.it
	model := key.Index(hashModel).Stream()
	it.model = &noModel
	if n := uint64(it.scenario.Drawn); n > 0 {
		it.model = &it.scenario.Models[model.Below(n)]
	}
}

// Names of the streams that belong to no span.
var (
	hashSession   = rng.Hash("session")
	hashUser      = rng.Hash("user")
	hashModel     = rng.Hash("model")
	hashInstance  = rng.Hash("instance")
	hashRequest   = rng.Hash("request")
	hashSample    = rng.Hash("sample")
	hashStreaming = rng.Hash("streaming")
	hashTrace     = rng.Hash("trace")
	hashSelection = rng.Hash("selection")
	hashOneOf     = rng.Hash("one of")

	hashConnection = rng.Hash("connection")
	hashFirstChunk = rng.Hash("first chunk")
)

// Find returns where a trace id comes from and whether this run makes it.
func (g *Generator) Find(id otlp.TraceID) (ids.Origin, bool) {
	o := g.ids.Origin(id)
	if o.Iteration >= g.cfg.Count {
		return o, false
	}
	s := g.Scenario(o.Iteration)
	if int(o.Turn) >= s.Requests() {
		return o, false
	}
	if s.System != nil && o.Part >= firstApart && int(o.Part) < firstApart+s.System.Apart {
		return o, g.traceID(o) == id
	}
	parts := s.Flow(o.Turn).Parts
	for i := range parts {
		if parts[i].ID == o.Part {
			return o, g.traceID(o) == id
		}
	}
	return o, false
}

// traceID returns the id of the trace of origin o.
func (g *Generator) traceID(o ids.Origin) otlp.TraceID {
	key := g.keys[rng.IDs].Index(o.Iteration).Index(hashTrace).Index(uint64(o.Turn)<<ids.PartBits | uint64(o.Part))
	return g.ids.TraceID(o, key.Uint64())
}
