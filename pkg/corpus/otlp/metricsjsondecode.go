package otlp

import (
	"encoding/json"
	"fmt"
	"math"
)

type metricsJSON struct {
	ResourceMetrics []struct {
		resourceJSON
		ScopeMetrics []struct {
			scopeJSON
			Metrics []metricJSON `json:"metrics"`
		} `json:"scopeMetrics"`
	} `json:"resourceMetrics"`
}

type metricJSON struct {
	Name         string           `json:"name"`
	Description  string           `json:"description"`
	Unit         string           `json:"unit"`
	Gauge        *dataJSON        `json:"gauge"`
	Sum          *dataJSON        `json:"sum"`
	Histogram    *dataJSON        `json:"histogram"`
	ExpHistogram *dataJSON        `json:"exponentialHistogram"`
	Summary      *json.RawMessage `json:"summary"`
}

type dataJSON struct {
	DataPoints  []pointJSON `json:"dataPoints"`
	Temporality uintJSON    `json:"aggregationTemporality"`
	Monotonic   bool        `json:"isMonotonic"`
}

// pointJSON is a data point of any kind.
type pointJSON struct {
	numberJSON
	Attributes    []keyValueJSON `json:"attributes"`
	Start         uintJSON       `json:"startTimeUnixNano"`
	Time          uintJSON       `json:"timeUnixNano"`
	Count         uintJSON       `json:"count"`
	Sum           *floatJSON     `json:"sum"`
	Min           *floatJSON     `json:"min"`
	Max           *floatJSON     `json:"max"`
	Buckets       []uintJSON     `json:"bucketCounts"`
	Bounds        []floatJSON    `json:"explicitBounds"`
	Scale         intJSON        `json:"scale"`
	ZeroCount     uintJSON       `json:"zeroCount"`
	ZeroThreshold floatJSON      `json:"zeroThreshold"`
	Positive      bucketsJSON    `json:"positive"`
	Negative      bucketsJSON    `json:"negative"`
	Exemplars     []exemplarJSON `json:"exemplars"`
	Flags         uintJSON       `json:"flags"`
}

type bucketsJSON struct {
	Offset intJSON    `json:"offset"`
	Counts []uintJSON `json:"bucketCounts"`
}

type exemplarJSON struct {
	numberJSON
	Time       uintJSON       `json:"timeUnixNano"`
	TraceID    hexJSON        `json:"traceId"`
	SpanID     hexJSON        `json:"spanId"`
	Attributes []keyValueJSON `json:"filteredAttributes"`
}

// numberJSON is the value of a point or an exemplar.
type numberJSON struct {
	Double *floatJSON `json:"asDouble"`
	Int    *intJSON   `json:"asInt"`
}

// value returns kind and word of the value.
func (n *numberJSON) value() (Kind, uint64) {
	switch {
	case n.Double != nil:
		return KindDouble, math.Float64bits(float64(*n.Double))
	case n.Int != nil:
		return KindInt, uint64(*n.Int)
	}
	return 0, 0
}

func (d *Decoder) metricsJSON(payload []byte) error {
	var data metricsJSON
	if err := json.Unmarshal(payload, &data); err != nil {
		return err
	}
	for i := range data.ResourceMetrics {
		r := &data.ResourceMetrics[i]
		resource, err := d.resourceJSON(&r.resourceJSON)
		if err != nil {
			return err
		}
		for j := range r.ScopeMetrics {
			s := &r.ScopeMetrics[j]
			scope := d.scopeJSON(&s.scopeJSON)
			for k := range s.Metrics {
				if err := d.metricJSON(&s.Metrics[k], Metric{Resource: resource, Scope: scope}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// metricJSON reads j into x and adds it.
func (d *Decoder) metricJSON(j *metricJSON, x Metric) error {
	m := d.metrics
	x.Name, x.Description, x.Unit = d.strings.ID(j.Name), d.strings.ID(j.Description), d.strings.ID(j.Unit)
	x.Points = Range{uint32(len(m.Points)), uint32(len(m.Points))}
	var data *dataJSON
	switch {
	case j.Summary != nil:
		return errSummary
	case j.Gauge != nil:
		x.Kind, data = MetricGauge, j.Gauge
	case j.Sum != nil:
		x.Kind, data = MetricSum, j.Sum
		x.Monotonic = data.Monotonic
	case j.Histogram != nil:
		x.Kind, data = MetricHistogram, j.Histogram
	case j.ExpHistogram != nil:
		x.Kind, data = MetricExpHistogram, j.ExpHistogram
	default:
		m.Metrics = append(m.Metrics, x)
		return nil
	}
	if x.Kind != MetricGauge {
		v, err := enum(uint64(data.Temporality))
		if err != nil {
			return err
		}
		x.Temporality = Temporality(v)
	}
	for i := range data.DataPoints {
		if err := d.pointJSON(&data.DataPoints[i], x.Kind); err != nil {
			return err
		}
	}
	x.Points.End = uint32(len(m.Points))
	m.Metrics = append(m.Metrics, x)
	return nil
}

// pointJSON reads j, a data point of a kind, and adds it.
func (d *Decoder) pointJSON(j *pointJSON, kind MetricKind) (err error) {
	m := d.metrics
	p := Point{Start: uint64(j.Start), Time: uint64(j.Time)}
	switch kind {
	case MetricHistogram:
		p.Count = uint64(j.Count)
		p.optionalJSON(j)
		p.Buckets = d.countsJSON(j.Buckets)
		p.Bounds.Start = uint32(len(m.Bounds))
		for _, b := range j.Bounds {
			m.Bounds = append(m.Bounds, float64(b))
		}
		p.Bounds.End = uint32(len(m.Bounds))
	case MetricExpHistogram:
		p.Count, p.ZeroCount, p.ZeroThreshold = uint64(j.Count), uint64(j.ZeroCount), float64(j.ZeroThreshold)
		p.optionalJSON(j)
		if p.Scale, err = int32JSON(j.Scale); err != nil {
			return err
		}
		if p.Positive, err = d.bucketsJSON(&j.Positive); err != nil {
			return err
		}
		if p.Negative, err = d.bucketsJSON(&j.Negative); err != nil {
			return err
		}
	default:
		p.Kind, p.Value = j.value()
	}
	if p.Flags, err = flags(j.Flags); err != nil {
		return err
	}
	if p.Attrs, err = d.attrsJSON(j.Attributes); err != nil {
		return err
	}
	p.Exemplars.Start = uint32(len(m.Exemplars))
	for i := range j.Exemplars {
		if err := d.exemplarJSON(&j.Exemplars[i]); err != nil {
			return err
		}
	}
	p.Exemplars.End = uint32(len(m.Exemplars))
	m.Points = append(m.Points, p)
	return nil
}

// optionalJSON takes the fields that a histogram may lack.
func (p *Point) optionalJSON(j *pointJSON) {
	if j.Sum != nil {
		p.Has, p.Sum = p.Has|HasSum, float64(*j.Sum)
	}
	if j.Min != nil {
		p.Has, p.Min = p.Has|HasMin, float64(*j.Min)
	}
	if j.Max != nil {
		p.Has, p.Max = p.Has|HasMax, float64(*j.Max)
	}
}

func (d *Decoder) countsJSON(list []uintJSON) Range {
	m := d.metrics
	start := uint32(len(m.Counts))
	for _, c := range list {
		m.Counts = append(m.Counts, uint64(c))
	}
	return Range{start, uint32(len(m.Counts))}
}

func (d *Decoder) bucketsJSON(j *bucketsJSON) (b Buckets, err error) {
	b.Counts = d.countsJSON(j.Counts)
	b.Offset, err = int32JSON(j.Offset)
	return b, err
}

func int32JSON(v intJSON) (int32, error) {
	if v != intJSON(int32(v)) {
		return 0, fmt.Errorf("%d does not fit 32 bits", v)
	}
	return int32(v), nil
}

func (d *Decoder) exemplarJSON(j *exemplarJSON) (err error) {
	e := Exemplar{Time: uint64(j.Time)}
	e.Kind, e.Value = j.value()
	if err := copyID(e.TraceID[:], j.TraceID); err != nil {
		return err
	}
	if err := copyID(e.SpanID[:], j.SpanID); err != nil {
		return err
	}
	if e.Attrs, err = d.attrsJSON(j.Attributes); err != nil {
		return err
	}
	d.metrics.Exemplars = append(d.metrics.Exemplars, e)
	return nil
}
