package signals

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// ownMetrics compiles the metrics of a service's own that follow from its spans, and
// returns their indices by the spans that give them values: those of a name and kind.
func (c *compiler) ownMetrics(s *semconv.System, of givers) map[spanOf][]uint32 {
	out := make(map[spanOf][]uint32)
	own := c.toldBy(s.Service)
	for i := range own {
		x := &own[i]
		if len(x.From) == 0 {
			continue
		}
		series, told := uint64(0), make(map[string]bool)
		for k := range x.From {
			from := &x.From[k]
			var spans []giver
			found := false
			for n := range s.Spans {
				span := &s.Spans[n]
				if span.Name != from.Span || from.Kind != 0 && from.Kind != span.Kind {
					continue
				}
				found = true
				key := spanOf{c.strs.ID(s.Service), c.strs.ID(span.Name), span.Kind}
				if at := uint32(len(c.out.metrics)); !slices.Contains(out[key], at) {
					out[key] = append(out[key], at)
				}
				if n == 0 || s.Spans[n-1].Name != span.Name || s.Spans[n-1].Kind != span.Kind { // others are of another type
					spans = append(spans, of[key]...)
				}
			}
			if !found {
				c.p.Errorf(from.Pos, "metric %s: %s", x.Name, unknownSpan(from, s))
				continue
			}
			series = min(series+c.fits(x, from, spans, told), plan.Unbounded)
		}
		if series > 0 {
			c.checkSeries(x, series, told)
		}
		c.out.metrics = append(c.out.metrics, c.fromSpans(x, s.Differs))
	}
	return out
}

// unknownSpan says that a service has no such spans.
func unknownSpan(from *scenario.MetricSource, s *semconv.System) string {
	var names []string
	for i := range s.Spans {
		if !slices.Contains(names, s.Spans[i].Name) {
			names = append(names, s.Spans[i].Name)
		}
	}
	if slices.Contains(names, from.Span) {
		return fmt.Sprintf("no span %s of the service is of kind %s", input.Quote(from.Span), scenario.KindWord(from.Kind))
	}
	return input.Unknown("span of the service", from.Span, names)
}

// toldBy returns the metrics of its own of a service, which all scenarios say alike.
func (c *compiler) toldBy(service string) []scenario.OwnMetric {
	for _, s := range c.in.Plan.All() {
		if i := slices.IndexFunc(s.Groups, func(g plan.Group) bool { return g.Name == service }); i >= 0 && s.System != nil {
			return s.Groups[i].Tells.Metrics
		}
	}
	return nil
}

// keeps compiles the attributes of resources of spans that the resource of a metric has.
// Those that do not differ it has anyway.
func (c *compiler) keeps(x *scenario.OwnMetric, differs []string) (out []otlp.StringID) {
	for _, kept := range x.Resource {
		if !slices.Contains(differs, kept.Key) {
			why := "none does"
			if len(differs) > 0 {
				why = "these do: " + strings.Join(differs, ", ")
			}
			c.p.Errorf(kept.Pos, "metric %s: %s does not differ within the service; %s", x.Name, input.Quote(kept.Key), why)
		}
		out = append(out, c.strs.ID(kept.Key))
	}
	return out
}

// fromSpans compiles a metric of a service's own that follows from spans, whose resources
// differ in some attributes.
func (c *compiler) fromSpans(x *scenario.OwnMetric, differs []string) metric {
	m := metric{
		name: c.strs.ID(x.Name), unit: c.strs.ID(x.Unit), description: c.strs.ID(x.Description), per: 1, slots: 1, ofSystem: true, own: true,
	}
	nanos, duration := timeUnits[x.Unit]
	fixed := func(list []scenario.Attribute, key string) otlp.StringID {
		for i := range list {
			if list[i].Key == key {
				return c.strs.ID(list[i].Value.Str)
			}
		}
		return 0
	}
	for _, key := range x.Keys() {
		m.dims = append(m.dims, dimension{
			key: c.strs.ID(key), slot: c.slot(key), optional: true, constant: fixed(x.Attributes, key), ofResource: slices.Contains(x.Dimensions, key),
		})
	}
	for i := range x.From {
		from := &x.From[i]
		s := source{from: fromOne}
		switch {
		case from.Value != "" && x.WholeUnit():
			s = c.attribute(fromRounded, from.Value, 0)
		case from.Value != "":
			s, m.per = c.attribute(fromDouble, from.Value, 0), millionths
		case duration:
			s.from, m.per = fromDuration, nanos
		}
		s.span, s.kind = c.strs.ID(from.Span), from.Kind
		for k := range m.dims {
			s.fixed = append(s.fixed, fixed(from.Attributes, c.strs.String(m.dims[k].key)))
		}
		m.sources = append(m.sources, s)
	}
	bounds := x.Buckets
	if bounds == nil {
		bounds = boundsOf(x.Unit)
	}
	m.keeps = c.keeps(x, differs)
	m.shape(x.Instrument, bounds)
	m.boundsID = c.boundsID(m.bounds)
	return m
}

// of reports whether a span is one that a source takes values of.
func (s *source) of(span *otlp.Span) bool {
	return s.span == 0 || s.span == span.Name && (s.kind == 0 || s.kind == span.Kind)
}
