package rules

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// metrics is one entry of metrics: what becomes of data points.
type metrics struct {
	rule        *Rule
	where       *condition
	temporality string // DELTA or CUMULATIVE; "": as sent
	away        []key  // attributes over which points are added up
	sums        bool   // which must add up
	values      op     // maybe, of valueKeys
}

// valueKeys are the fields of a point that change when points are counted otherwise.
var valueKeys = func() (out []key) {
	for _, path := range []string{"value", "count", "sum", "min", "max", "zero_count", "flags", "start_time_unix_nano",
		"bucket_counts*", "positive*", "negative*", "exemplars*", "quantile_values*"} {
		out = append(out, newKey(path))
	}
	return out
}()

const temporalityPath = "metric.aggregation_temporality"

// apply says what is wanted of a point.
func (m *metrics) apply(s *scheme) {
	converted := false
	for i := range s.list {
		w := &s.list[i]
		if w.path == temporalityPath && m.temporality != "" && w.value.Text != m.temporality {
			w.value.Text, w.rule = m.temporality, m.rule
			converted = true
		}
	}
	if !converted && len(m.away) == 0 {
		return
	}
	s.hit[m.rule.id] = true
	for i := range s.list {
		w := &s.list[i]
		if k, ok := form.AttributeKey("attributes", w.path); ok && m.aggregates(k) {
			w.state, w.rule = gone, m.rule
		}
	}
	s.apply(&m.values)
}

func (m *metrics) aggregates(k string) bool {
	return slices.ContainsFunc(m.away, func(a key) bool { return matches(&a, k) })
}

// group is what points that become one have in common.
type group struct {
	rule           *Rule
	name           string
	sent, received float64
	unsure         bool // it is not known of all whether they left
	arrived        bool
}

// aggregate adds up the points of a unit that rules aggregate. Which of them the sum is
// taken for does not matter: none is missed.
func (s *Segment) aggregate(u *match.Unit) {
	if u.Signal != otlp.SignalMetrics || !slices.ContainsFunc(s.rules.metrics, func(m metrics) bool { return len(m.away) > 0 }) {
		return
	}
	for i := range u.Pairs {
		v := &s.views[i]
		m := s.aggregator(v)
		if m == nil || s.wants[i].Absent {
			continue
		}
		s.wants[i].Absent, s.wants[i].Rule = len(u.Pairs[i].Copies) == 0, m.rule
		if n, ok := v.number(); ok {
			g := s.group(m, v, true)
			g.sent += n
			g.unsure = g.unsure || u.Pairs[i].Sent.Fate != match.Accepted
		}
	}
	for i := range u.Pairs {
		if len(u.Pairs[i].Copies) > 0 && !s.wants[i].Absent {
			s.receive(&u.Pairs[i].Copies[0].Item, u.Signal)
		}
	}
	for _, made := range u.MadeUp {
		s.receive(&made.Item, u.Signal)
	}
}

// receive adds a point that arrived to its group.
func (s *Segment) receive(item *match.Item, sig otlp.Signal) {
	s.got.set(sig, item, &s.parts)
	if m := s.aggregator(&s.got); m != nil {
		n, ok := s.got.number()
		if g := s.group(m, &s.got, false); g != nil && ok {
			g.received += n
			g.arrived = true
		}
	}
}

// aggregated returns the rule that makes one of several points what this one is.
func (s *Segment) aggregated(v *view) *Rule {
	if v.signal != otlp.SignalMetrics {
		return nil
	}
	m := s.aggregator(v)
	if m == nil || s.group(m, v, false) == nil {
		return nil
	}
	return m.rule
}

// aggregator returns the first rule that aggregates a point.
func (s *Segment) aggregator(v *view) *metrics {
	for i := range s.rules.metrics {
		if m := &s.rules.metrics[i]; len(m.away) > 0 && m.where.holds(v) {
			return m
		}
	}
	return nil
}

// group returns the group of a point; nil when there is none and none is to be made.
func (s *Segment) group(m *metrics, v *view, create bool) *group {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %d", m.rule.id, v.item.Time)
	for _, path := range []string{"metric.name", "resource.attributes.service.name", "resource.attributes.service.instance.id"} {
		b.WriteByte(0)
		if f := v.get(path); f != nil {
			b.WriteString(f.Text)
		}
	}
	for _, f := range v.own() {
		if k, ok := form.AttributeKey("attributes", f.Path); ok && !m.aggregates(k) {
			b.WriteByte(0)
			b.WriteString(f.Path + "=" + f.Value.Text)
		}
	}
	g := s.groups[b.String()]
	if g == nil && create {
		if s.groups == nil {
			s.groups = make(map[string]*group)
		}
		g = &group{rule: m.rule}
		if name := v.get("metric.name"); name != nil {
			g.name = name.Text
		}
		s.groups[b.String()] = g
	}
	return g
}

// number returns what points add up: the value, or the sum of a histogram.
func (v *view) number() (float64, bool) {
	f := v.get("value")
	if f == nil {
		f = v.get("sum")
	}
	if f == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(f.Text, 64)
	return n, err == nil
}

// sumTolerance is how far sums may be apart by the order in which they were added.
const sumTolerance = 1e-9

// fault says that a group does not add up, "" when it does.
func (g *group) fault() string {
	if g.unsure || math.Abs(g.sent-g.received) <= sumTolerance*max(math.Abs(g.sent), math.Abs(g.received)) {
		return ""
	}
	received := "nothing arrived"
	if g.arrived {
		received = "what arrived to " + text.Decimal(g.received)
	}
	return fmt.Sprintf("points of %s that become one add up to %s, %s", text.Quote(g.name, 60), text.Decimal(g.sent), received)
}
