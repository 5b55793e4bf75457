package rules

import (
	"math"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

var (
	sampleKeys  = []string{"signals", "unit", "rate", "keep", "drop", "consistent"}
	metricsKeys = []string{"where", "temporality", "aggregate_away", "sums"}
)

// sample reads sample.
func (l *loader) sample(file input.Map) {
	m, ok := file.Map("sample", sampleKeys...)
	if !ok {
		return
	}
	p := &sampler{rule: l.rule(m.Node), signals: l.signals(m, "signals"), rate: -1}
	if p.signals == 0 {
		p.signals = onlyTraces
	}
	if p.signals&onlyMetrics != 0 {
		m.Fail("signals", "metrics have no trace ids to sample by")
	}
	p.items = m.OneOf("unit", "trace", "trace", "item") == "item"
	if m.Get("rate") != nil {
		p.rate = m.Float("rate", 0, 0, 1)
	}
	p.keep, p.drop = l.clauses(m, "keep", condTrace), l.clauses(m, "drop", condTrace)
	if len(p.keep)+len(p.drop) > 0 && p.signals&onlyLogs != 0 {
		m.Fail("signals", "conditions are about the spans of a trace, which log records do not have: keep and drop go with traces alone")
	}
	if m.Get("consistent") != nil {
		l.consistent(m, p)
	}
	if p.rate < 0 && len(p.keep)+len(p.drop) == 0 && l.p.Errors() == 0 {
		m.Node.Fail(&l.p, "needs a rate, or conditions under keep or drop")
	}
	l.r.sampler = p
}

// consistent reads how a sampler decides by trace ids.
func (l *loader) consistent(m input.Map, p *sampler) {
	c, ok := m.Map("consistent", "mode", "hash_seed", "precision")
	if !ok {
		return
	}
	if c.Get("mode") == nil {
		c.Fail("mode", "missing; allowed: %s", strings.Join(sampleModes, ", "))
	}
	mode := c.OneOf("mode", "", sampleModes...)
	if c.Get("hash_seed") != nil && mode != "hash_seed" && mode != "" {
		c.Fail("hash_seed", "mode %s has no seed", mode)
	}
	if m.Get("rate") == nil {
		m.Fail("rate", "missing: consistent decides by it")
	}
	seed := c.Int("hash_seed", 0, 0, math.MaxUint32)
	precision := c.Int("precision", 4, 1, randomBits/4)
	p.decide = decider(mode, max(p.rate, 0), uint32(seed), int(precision))
	l.r.steps = append(l.r.steps, step{where: &condition{signals: p.signals}, ops: []op{
		{kind: opMaybe, rule: p.rule, keys: []key{{text: "trace_state"}}},
		{kind: opMaybe, rule: p.rule, prefix: "attributes", keys: []key{newKey("sampling.*")}},
	}})
}

// metrics reads one entry of metrics.
func (l *loader) metrics(n *input.Node) {
	m, ok := n.Map(&l.p, metricsKeys...)
	if !ok {
		return
	}
	r := metrics{rule: l.rule(n), where: l.where(m, condItem)}
	if !r.where.signals.has(otlp.SignalMetrics) {
		m.Fail("where", "metrics are about metrics; the condition is about other signals")
	}
	r.where.signals = onlyMetrics
	r.temporality = strings.ToUpper(m.OneOf("temporality", "", "delta", "cumulative"))
	r.values = op{kind: opMaybe, rule: r.rule, keys: valueKeys}
	r.away = l.keys(m, "aggregate_away")
	r.sums = m.OneOf("sums", "preserved", "preserved", "ignored") == "preserved"
	if !m.Has("temporality") && !m.Has("aggregate_away") {
		n.Fail(&l.p, "nothing to do; allowed: aggregate_away, temporality")
	}
	if m.Get("sums") != nil && len(r.away) == 0 {
		m.Fail("sums", "only what is aggregated away adds up")
	}
	l.r.metrics = append(l.r.metrics, r)
}
