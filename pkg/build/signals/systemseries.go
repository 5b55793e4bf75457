package signals

import (
	"maps"
	"slices"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// maxSeries is how many series the instances of a service may have each of a metric of its
// own that follows from spans, by what the dimensions may be together.
const maxSeries = 50_000

// givers are the nodes whose spans may give values to metrics of services' own.
type givers map[spanOf][]giver

// giver is a node and its scenario.
type giver struct {
	s *plan.Scenario
	n *plan.Node
}

// givers returns all nodes of systems, by what their spans are.
func (c *compiler) givers() givers {
	out := make(givers)
	c.in.Plan.SpansOfSystems(func(s *plan.Scenario, n *plan.Node) {
		key := spanOf{c.strs.ID(s.Groups[n.Group].Name), n.Name, n.Kind}
		out[key] = append(out[key], giver{s, n})
	})
	return out
}

// has returns what the attribute of a span is, or that of its resource; nil: there is none.
func (c *compiler) has(x giver, key string, resource bool) *plan.Attr {
	id := c.strs.ID(key)
	if a := find(x.n.Attrs, id); a != nil || !resource {
		return a
	}
	return find(x.s.Groups[x.n.Group].Attrs, id)
}

func find(list []plan.Attr, key otlp.StringID) *plan.Attr {
	if i := slices.IndexFunc(list, func(a plan.Attr) bool { return a.Key == key }); i >= 0 {
		return &list[i]
	}
	return nil
}

// fits refuses a value of a metric that no span of a source has, and returns how many series
// its dimensions make at most. Those that some span has are added to told.
func (c *compiler) fits(m *scenario.OwnMetric, from *scenario.MetricSource, spans []giver, told map[string]bool) (series uint64) {
	if from.Value != "" && !slices.ContainsFunc(spans, func(x giver) bool { return c.has(x, from.Value, false) != nil }) {
		c.p.Errorf(from.Pos, "metric %s: value: %s", m.Name, input.Unknown("attribute of its spans", from.Value, c.keysOf(spans)))
	}
	series = 1
	drawn := make(map[uint64]uint64) // how many values dimensions have that all follow from one shared value
	count := func(key string, has func(giver) *plan.Attr) {
		n, from := c.different(spans, has)
		told[key] = told[key] || n > 0
		n = max(n, 1)
		if before := drawn[from]; from == 0 || before == 0 {
			series, drawn[from] = min(series*n, plan.Unbounded), n
		} else if n > before {
			series, drawn[from] = min(series/before*n, plan.Unbounded), n
		}
	}
	for _, key := range m.Dimensions {
		count(key, func(x giver) *plan.Attr { return c.has(x, key, true) })
	}
	for _, kept := range m.Resource {
		if !slices.Contains(m.Dimensions, kept.Key) {
			count(kept.Key, func(x giver) *plan.Attr { return find(x.s.Groups[x.n.Group].Attrs, c.strs.ID(kept.Key)) })
		}
	}
	return series
}

// different is how many values an attribute of spans has, and the draw of the shared value from
// which it follows in all of them; 0: it does not.
func (c *compiler) different(spans []giver, has func(giver) *plan.Attr) (n, from uint64) {
	var d plan.Different
	first := true
	for _, x := range spans {
		a := has(x)
		if a == nil {
			continue
		}
		d.Add(x.s, a)
		path := uint64(0)
		if a.Op == plan.OpUse {
			path = x.s.System.Values[a.Word].Path
		}
		if !first && path != from {
			path = 0
		}
		first, from = false, path
	}
	return d.Count(), from
}

// keysOf returns the keys that spans have.
func (c *compiler) keysOf(spans []giver) []string {
	keys := make(map[string]bool)
	for _, x := range spans {
		for i := range x.n.Attrs {
			keys[c.strs.String(x.n.Attrs[i].Key)] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// checkSeries refuses a metric that may have more series than its service should tell, and
// warns of dimensions that none of its spans has: no point has them.
func (c *compiler) checkSeries(m *scenario.OwnMetric, series uint64, told map[string]bool) {
	for _, key := range m.Dimensions {
		if !told[key] && key != instanceKey {
			c.p.Warnf(m.Pos, "metric %s: dimensions: no span that it is from has %s, and no resource of these", m.Name, input.Quote(key))
		}
	}
	if series > maxSeries {
		count := text.Grouped(series)
		if series >= plan.Unbounded {
			count = "any number of"
		}
		c.p.Errorf(m.Pos, "metric %s: its dimensions make %s series: more than the limit of %s", m.Name, count, text.Grouped(uint64(maxSeries)))
	}
}
