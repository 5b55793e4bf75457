package build

import (
	"slices"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/signals"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// manySeries is how many values a dimension may have before it is told: each makes a
// series for each instance, and for each value of the other dimensions.
const manySeries = 100

// seriesOf warns of attributes of which metrics have a series for each value, and that
// have very many. others, if not nil, goes through calls of the system's services that
// none of its operations makes.
func seriesOf(s *scenario.System, others func(func([]scenario.Call)), p *input.Problems) {
	x := &dimensions{s: s, p: p}
	for i := range s.Services {
		m := &s.Services[i]
		x.own(m, anySpan, m.Attributes)
		for k := range m.Operations {
			op := &m.Operations[k]
			work, _ := plan.SpansOf(op, m)
			for _, way := range op.Ways() {
				x.attributes(op.Protocol, op.Kind, way.Attributes)
				x.own(m, work, way.Attributes)
				x.own(m, anySpan, way.Resource)
				x.calls(m, way.Calls)
			}
		}
	}
	if others != nil {
		others(func(calls []scenario.Call) { x.calls(new(scenario.Member), calls) })
	}
}

// dimensions looks through the attributes of spans of a system.
type dimensions struct {
	s *scenario.System
	p *input.Problems
}

// metricProtocols are what metrics are named by, by protocol.
var metricProtocols = [...]string{
	scenario.ProtocolHTTP: "http", scenario.ProtocolGRPC: "rpc", scenario.ProtocolDB: "db", scenario.ProtocolMessaging: "messaging", scenario.ProtocolNone: "",
}

// calls goes through what a service does, and through the spans that stand within that.
func (x *dimensions) calls(of *scenario.Member, calls []scenario.Call) {
	for i := range calls {
		c := &calls[i]
		if len(c.To) > 0 {
			callee := &x.s.Services[c.To[0].Service]
			op := &callee.Operations[c.To[0].Operation]
			kind := uint8(otlp.SpanKindClient)
			if op.Protocol == scenario.ProtocolMessaging {
				kind = otlp.SpanKindProducer
			}
			x.attributes(op.Protocol, kind, c.Attributes)
			_, span := plan.SpansOf(op, callee)
			x.own(of, span, c.Attributes)
			if op.Protocol == scenario.ProtocolDB { // has its attributes on spans of who calls
				for _, way := range op.Ways() {
					x.own(of, span, way.Attributes)
				}
			}
		}
		if c.Inner != nil {
			x.own(of, c.Inner.Name, c.Inner.Attributes)
			x.own(of, anySpan, c.Inner.Resource)
			x.calls(of, c.Inner.Calls)
		}
		x.calls(of, c.Calls)
	}
}

func (x *dimensions) attributes(protocol scenario.Protocol, kind uint8, list []scenario.Attribute) {
	for i := range list {
		a := &list[i]
		metric, ok := signals.DimensionOf(metricProtocols[protocol], kind, a.Key)
		if !ok {
			continue
		}
		x.few(a, metric)
	}
}

// few warns of an attribute that has very many values, of which a metric has a series each.
func (x *dimensions) few(a *scenario.Attribute, metric string) {
	if n := x.values(a); n > manySeries {
		count := "any number of values"
		if n < unbounded {
			count = text.Counted(n, "value")
		}
		x.p.Warnf(a.Pos, "attribute %s: it has %s, and %s has a series for each; a pool of up to %d keeps them few", a.Key, count, metric, manySeries)
	}
}

// anySpan stands for all spans of a service, which have the attributes of its resource.
const anySpan = ""

// own goes through the attributes of a service's spans of a name for its own metrics.
func (x *dimensions) own(s *scenario.Member, span string, list []scenario.Attribute) {
	for i := range s.Metrics {
		m := &s.Metrics[i]
		if span != anySpan && !slices.ContainsFunc(m.From, func(f scenario.MetricSource) bool { return f.Span == span }) {
			continue
		}
		for k := range list {
			kept := func(of scenario.Kept) bool { return of.Key == list[k].Key }
			if slices.Contains(m.Dimensions, list[k].Key) || span == anySpan && slices.ContainsFunc(m.Resource, kept) {
				x.few(&list[k], m.Name)
			}
		}
	}
}

// unbounded is more values than anybody counts.
const unbounded = 10_000_000

// values is how many values an attribute may have, up to unbounded.
func (x *dimensions) values(a *scenario.Attribute) uint64 {
	if a.Use != "" {
		i := slices.IndexFunc(x.s.Values, func(v scenario.SharedValue) bool { return v.Key == a.Use })
		if i < 0 {
			return 0
		}
		a = &x.s.Values[i].Attribute
	}
	switch {
	case a.Pattern != nil:
		n := uint64(a.Pattern.Texts())
		if n == scenario.MaxTexts {
			n = unbounded
		}
		if a.Pattern.Pool > 0 {
			n = min(n, uint64(a.Pattern.Pool))
		}
		for _, name := range a.Pattern.Uses {
			n = min(n*x.values(&scenario.Attribute{Use: name}), unbounded)
		}
		return n
	case a.Dist != nil:
		return valuesOf(a.Dist)
	}
	return uint64(max(1, a.Different()))
}

// valuesOf is about how many whole numbers a distribution gives.
func valuesOf(d *dist.Spec) uint64 {
	switch d.Kind {
	case dist.Constant:
		return 1
	case dist.Bernoulli:
		return 2
	case dist.Poisson:
		return uint64(min(2*d.Mean+20, unbounded)) // nearly all of them
	case dist.Uniform:
		return uint64(min(d.High-d.Low+1, unbounded))
	}
	return unbounded
}
