package intake

import (
	"math"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// metric reads what the points of a metric have in common: a Metric without its points.
func (d *decoder) metric(b []byte, p *Point) {
	*p = Point{}
	for i := 0; i < len(b); {
		tag, value, _, after := next(b, i)
		if after < 0 {
			return
		}
		i = after
		switch tag {
		case 1<<3 | wireBytes:
			p.Metric = value
		case 2<<3 | wireBytes:
			p.Description = value
		case 3<<3 | wireBytes:
			p.Unit = value
		case 5<<3 | wireBytes:
			p.Kind = otlp.MetricGauge
		case 7<<3 | wireBytes:
			p.Kind = otlp.MetricSum
			p.Monotonic = lastWord(value, 3<<3|wireVarint) != 0
		case 9<<3 | wireBytes:
			p.Kind = otlp.MetricHistogram
		case 10<<3 | wireBytes:
			p.Kind = otlp.MetricExpHistogram
		case 11<<3 | wireBytes:
			p.Kind = otlp.MetricNone
		}
	}
}

// lastWord returns the number of the last field with a tag, 0 where there is none.
func lastWord(b []byte, wanted uint64) (last uint64) {
	for i := 0; i < len(b); {
		tag, _, word, after := next(b, i)
		if after < 0 {
			return last
		}
		if i = after; tag == wanted {
			last = word
		}
	}
	return last
}

// attributesOf are the tags of the attributes of points.
var attributesOf = map[form.Message]uint64{
	form.NumberPoint: 7<<3 | wireBytes, form.HistogramPoint: 9<<3 | wireBytes, form.ExpHistogramPoint: 1<<3 | wireBytes, form.SummaryPoint: 7<<3 | wireBytes,
}

// point reads a point of a metric that p has already.
func (d *decoder) point(m form.Message, b []byte, p *Point) {
	d.damaged = false
	p.Time, p.Start, p.Value, p.Count, p.Bounds = 0, 0, 0, 0, nil
	base := len(d.attributes)
	var seen keySet
	attributes := attributesOf[m]
	for i := 0; i < len(b); {
		tag, value, word, after := next(b, i)
		if after < 0 {
			d.damaged = true
			break
		}
		i = after
		switch tag {
		case attributes:
			d.attributes = d.attribute(d.attributes, base, value, &seen)
			continue
		case 2<<3 | wireFixed64:
			p.Start = word
			continue
		case 3<<3 | wireFixed64:
			p.Time = word
			continue
		}
		if v, ok := number(tag, word); ok && m == form.NumberPoint {
			p.Value = v
		}
		switch {
		case m == form.NumberPoint:
		case tag == 4<<3|wireFixed64:
			p.Count = word
		case tag == 5<<3|wireFixed64:
			p.Value = math.Float64frombits(word)
		case tag == 7<<3|wireBytes && m == form.HistogramPoint:
			p.Bounds = value
		}
	}
	p.Attributes = d.attributes[base:len(d.attributes):len(d.attributes)]
	p.Raw = b
}
