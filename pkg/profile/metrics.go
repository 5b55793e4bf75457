package profile

import (
	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// metric is a Metric while it is counted.
type metric struct {
	Metric
	attributes, resources table
}

// Point counts a data point.
func (b *Builder) Point(p *intake.Point) {
	size := &b.p.Sizes[otlp.SignalMetrics]
	size.Items++
	size.Bytes += uint64(len(p.Raw))
	r := b.resource(p.Resource)
	r.points++
	what := uint64(p.Kind)<<16 | uint64(p.Temporality)<<8
	if p.Monotonic {
		what |= 1
	}
	h := join(join(xxhash.Sum64(p.Metric), r.service.hash), join(xxhash.Sum64(p.Unit), what))
	m, room := b.metrics.find(h)
	if m == nil && room {
		m = b.metrics.put(h, &metric{Metric: Metric{
			Service: r.service.name, Name: string(p.Metric), Unit: string(p.Unit),
			Kind: p.Kind, Temporality: p.Temporality, Monotonic: p.Monotonic,
			Series: newValues(seriesLimit), Values: new(sketch.Numbers), Counts: new(sketch.Numbers), Rates: new(sketch.Numbers),
		}})
	}
	if m != nil {
		m.Buckets.meet(p)
		m.Points++
		m.Values.Add(p.Value)
		if p.Kind != otlp.MetricGauge && p.Kind != otlp.MetricSum {
			m.Counts.Add(float64(p.Count))
		}
		if p.Monotonic && p.Start > 0 && p.Time > p.Start {
			m.Rates.Add(p.Value / (float64(p.Time-p.Start) / 1e9))
		}
		attributes := uint64(0)
		for i := range p.Attributes {
			// A sum: attributes are in no order.
			attributes += join(keyHash(p.Attributes[i].Key), valueHash(&p.Attributes[i]))
		}
		series := sketch.Mix(r.from.Hash + attributes)
		m.Series.AddHash(series, otlp.KindBytes, nil, 1, 0)
		b.total(h, series, attributes, p)
		m.attributes.count(b, p.Attributes, 1, bareLimit)
		m.resources.count(b, r.from.Attributes, 1, bareLimit)
	}
	b.flushResources()
}
