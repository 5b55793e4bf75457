package otlp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

var errSummary = errors.New("metric is a summary")

// metric reads a Metric into x and adds it.
func (d *Decoder) metric(b []byte, x Metric) error {
	m := d.metrics
	x.Points.Start = uint32(len(m.Points))
	err := d.eachField(b, metricOrder, func(f field) (err error) {
		switch {
		case f.is(1, wireBytes):
			x.Name, err = d.name(&f)
		case f.is(2, wireBytes):
			x.Description, err = d.name(&f)
		case f.is(3, wireBytes):
			x.Unit, err = d.name(&f)
		case f.is(5, wireBytes):
			err = d.data(f.bytes, &x, MetricGauge)
		case f.is(7, wireBytes):
			err = d.data(f.bytes, &x, MetricSum)
		case f.is(9, wireBytes):
			err = d.data(f.bytes, &x, MetricHistogram)
		case f.is(10, wireBytes):
			err = d.data(f.bytes, &x, MetricExpHistogram)
		case f.is(11, wireBytes):
			err = errSummary
		}
		return err
	})
	x.Points.End = uint32(len(m.Points))
	m.Metrics = append(m.Metrics, x)
	return err
}

// data reads the data of a metric, of which the last counts.
func (d *Decoder) data(b []byte, x *Metric, kind MetricKind) error {
	m := d.metrics
	m.Points = m.Points[:x.Points.Start]
	x.Kind, x.Temporality, x.Monotonic = kind, TemporalityUnspecified, false
	return d.eachField(b, metricDataOrder[kind], func(f field) error {
		switch {
		case f.is(1, wireBytes):
			return d.point(f.bytes, kind)
		case f.is(2, wireVarint) && kind != MetricGauge:
			v, err := enum(f.num)
			x.Temporality = Temporality(v)
			return err
		case f.is(3, wireVarint) && kind == MetricSum:
			x.Monotonic = f.num != 0
			d.told(f.num == 1)
		}
		return nil
	})
}

// point reads a data point of a kind and adds it.
func (d *Decoder) point(b []byte, kind MetricKind) (err error) {
	m, base := d.metrics, len(d.stack)
	var p Point
	p.Exemplars.Start = uint32(len(m.Exemplars))
	p.Buckets = Range{uint32(len(m.Counts)), uint32(len(m.Counts))}
	p.Bounds = Range{uint32(len(m.Bounds)), uint32(len(m.Bounds))}
	last, order := uint8(0), pointOrder[kind]
	var f field
	for len(b) > 0 && err == nil {
		if b, err = f.read(b); err != nil {
			break
		}
		last = order.after(last, &f)
		switch {
		case f.is(2, wireFixed64):
			p.Start = f.num
		case f.is(3, wireFixed64):
			p.Time = f.num
		case kind == MetricHistogram:
			err = d.histogramField(&f, &p)
		case kind == MetricExpHistogram:
			err = d.expField(&f, &p)
		default:
			err = d.numberField(&f, &p)
		}
	}
	d.like(last)
	p.Attrs = d.finish(base)
	p.Exemplars.End = uint32(len(m.Exemplars))
	m.Points = append(m.Points, p)
	return err
}

// numberField reads a field of a NumberDataPoint.
func (d *Decoder) numberField(f *field, p *Point) error {
	switch {
	case f.is(4, wireFixed64):
		p.Kind, p.Value = KindDouble, f.num
	case f.is(5, wireBytes):
		return d.exemplar(f.bytes)
	case f.is(6, wireFixed64):
		p.Kind, p.Value = KindInt, f.num
	case f.is(7, wireBytes):
		return d.keyValue(f.bytes)
	case f.is(8, wireVarint):
		p.Flags = d.narrow(f.num)
	}
	return nil
}

// histogramField reads a field of a HistogramDataPoint.
func (d *Decoder) histogramField(f *field, p *Point) error {
	m := d.metrics
	switch {
	case f.is(4, wireFixed64):
		p.Count = f.num
	case f.is(5, wireFixed64):
		p.Has, p.Sum = p.Has|HasSum, math.Float64frombits(f.num)
	case f.number() == 6:
		err := eachFixed64(f, func(v uint64) { m.Counts = append(m.Counts, v) })
		p.Buckets.End = uint32(len(m.Counts))
		return err
	case f.number() == 7:
		err := eachFixed64(f, func(v uint64) { m.Bounds = append(m.Bounds, math.Float64frombits(v)) })
		p.Bounds.End = uint32(len(m.Bounds))
		return err
	case f.is(8, wireBytes):
		return d.exemplar(f.bytes)
	case f.is(9, wireBytes):
		return d.keyValue(f.bytes)
	case f.is(10, wireVarint):
		p.Flags = d.narrow(f.num)
	case f.is(11, wireFixed64):
		p.Has, p.Min = p.Has|HasMin, math.Float64frombits(f.num)
	case f.is(12, wireFixed64):
		p.Has, p.Max = p.Has|HasMax, math.Float64frombits(f.num)
	}
	return nil
}

// eachFixed64 calls visit with each value of a repeated fixed64 field, packed
// or not.
func eachFixed64(f *field, visit func(v uint64)) error {
	switch f.wire() {
	case wireFixed64:
		visit(f.num)
	case wireBytes:
		if len(f.bytes)%8 != 0 {
			return fmt.Errorf("%w: number %d, %d bytes of packed fixed64", errField, f.number(), len(f.bytes))
		}
		for i := 0; i < len(f.bytes); i += 8 {
			visit(binary.LittleEndian.Uint64(f.bytes[i:]))
		}
	}
	return nil
}

// expField reads a field of an ExponentialHistogramDataPoint.
func (d *Decoder) expField(f *field, p *Point) (err error) {
	switch {
	case f.is(1, wireBytes):
		err = d.keyValue(f.bytes)
	case f.is(4, wireFixed64):
		p.Count = f.num
	case f.is(5, wireFixed64):
		p.Has, p.Sum = p.Has|HasSum, math.Float64frombits(f.num)
	case f.is(6, wireVarint):
		p.Scale = d.zigzag(f.num)
	case f.is(7, wireFixed64):
		p.ZeroCount = f.num
	case f.is(8, wireBytes):
		p.Positive, err = d.buckets(f.bytes)
	case f.is(9, wireBytes):
		p.Negative, err = d.buckets(f.bytes)
	case f.is(10, wireVarint):
		p.Flags = d.narrow(f.num)
	case f.is(11, wireBytes):
		err = d.exemplar(f.bytes)
	case f.is(12, wireFixed64):
		p.Has, p.Min = p.Has|HasMin, math.Float64frombits(f.num)
	case f.is(13, wireFixed64):
		p.Has, p.Max = p.Has|HasMax, math.Float64frombits(f.num)
	case f.is(14, wireFixed64):
		p.ZeroThreshold = math.Float64frombits(f.num)
	}
	return err
}

// zigzag decodes a sint32.
func (d *Decoder) zigzag(num uint64) int32 {
	v := d.narrow(num)
	return int32(v>>1) ^ -int32(v&1)
}

// narrow takes the lower half of a number, as protobuf has it.
func (d *Decoder) narrow(v uint64) uint32 {
	d.told(v <= math.MaxUint32)
	return uint32(v)
}

// buckets reads the Buckets of an exponential histogram, whose counts may be
// packed or not.
func (d *Decoder) buckets(b []byte) (Buckets, error) {
	m := d.metrics
	var x Buckets
	x.Counts.Start = uint32(len(m.Counts))
	err := d.eachField(b, bucketsOrder, func(f field) error {
		switch {
		case f.is(1, wireVarint):
			x.Offset = d.zigzag(f.num)
		case f.is(2, wireVarint):
			m.Counts = append(m.Counts, f.num)
		case f.is(2, wireBytes):
			for rest := f.bytes; len(rest) > 0; {
				var v uint64
				var ok bool
				if v, rest, ok = f.varint(rest); !ok {
					return fmt.Errorf("%w: number 2, packed varint", errField)
				}
				m.Counts = append(m.Counts, v)
			}
			d.told(!f.padded)
		}
		return nil
	})
	x.Counts.End = uint32(len(m.Counts))
	return x, err
}

// exemplar reads an Exemplar and adds it.
func (d *Decoder) exemplar(b []byte) (err error) {
	var e Exemplar
	base, last := len(d.stack), uint8(0)
	var f field
	for len(b) > 0 && err == nil {
		if b, err = f.read(b); err != nil {
			break
		}
		last = exemplarOrder.after(last, &f)
		switch {
		case f.is(2, wireFixed64):
			e.Time = f.num
		case f.is(3, wireFixed64):
			e.Kind, e.Value = KindDouble, f.num
		case f.is(4, wireBytes):
			err = d.id(e.SpanID[:], f.bytes)
		case f.is(5, wireBytes):
			err = d.id(e.TraceID[:], f.bytes)
		case f.is(6, wireFixed64):
			e.Kind, e.Value = KindInt, f.num
		case f.is(7, wireBytes):
			err = d.keyValue(f.bytes)
		}
	}
	d.like(last)
	e.Attrs = d.finish(base)
	d.metrics.Exemplars = append(d.metrics.Exemplars, e)
	return err
}
