package e2e

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// signals in the order in which they are printed.
var signals = []string{"traces", "metrics", "logs"}

// digest is of one item in the Collector's encoding, together with the
// resource and the scope that it is under.
type digest [sha256.Size]byte

// basket holds the items of one signal: how often each content is there, by
// the item's id. Data points and log records have no id of their own; what
// names them takes its place, and several may share it.
type basket struct {
	signal string
	items  map[string]map[digest]int
	n      int
}

func newBasket(signal string) *basket {
	return &basket{signal: signal, items: map[string]map[digest]int{}}
}

func (b *basket) put(id string, content []byte) {
	if b.items[id] == nil {
		b.items[id] = map[digest]int{}
	}
	b.items[id][sha256.Sum256(content)]++
	b.n++
}

// add puts in the items of one message.
func (b *basket) add(t *testing.T, message []byte) {
	t.Helper()
	isJSON := len(message) > 0 && message[0] == '{'
	var err error
	switch b.signal {
	case "traces":
		var u ptrace.Unmarshaler = &ptrace.ProtoUnmarshaler{}
		if isJSON {
			u = &ptrace.JSONUnmarshaler{}
		}
		var d ptrace.Traces
		if d, err = u.UnmarshalTraces(message); err == nil {
			err = b.addTraces(d)
		}
	case "metrics":
		var u pmetric.Unmarshaler = &pmetric.ProtoUnmarshaler{}
		if isJSON {
			u = &pmetric.JSONUnmarshaler{}
		}
		var d pmetric.Metrics
		if d, err = u.UnmarshalMetrics(message); err == nil {
			err = b.addMetrics(d)
		}
	case "logs":
		var u plog.Unmarshaler = &plog.ProtoUnmarshaler{}
		if isJSON {
			u = &plog.JSONUnmarshaler{}
		}
		var d plog.Logs
		if d, err = u.UnmarshalLogs(message); err == nil {
			err = b.addLogs(d)
		}
	default:
		err = fmt.Errorf("unknown signal %q", b.signal)
	}
	if err != nil {
		t.Fatalf("%s: %v", b.signal, err)
	}
}

func (b *basket) addTraces(d ptrace.Traces) error {
	one := ptrace.NewTraces()
	rs := one.ResourceSpans().AppendEmpty()
	ss := rs.ScopeSpans().AppendEmpty()
	span := ss.Spans().AppendEmpty()
	for _, r := range d.ResourceSpans().All() {
		r.Resource().CopyTo(rs.Resource())
		rs.SetSchemaUrl(r.SchemaUrl())
		for _, s := range r.ScopeSpans().All() {
			s.Scope().CopyTo(ss.Scope())
			ss.SetSchemaUrl(s.SchemaUrl())
			for _, x := range s.Spans().All() {
				x.CopyTo(span)
				content, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(one)
				if err != nil {
					return err
				}
				b.put(x.TraceID().String()+x.SpanID().String(), content)
			}
		}
	}
	return nil
}

func (b *basket) addLogs(d plog.Logs) error {
	one := plog.NewLogs()
	rl := one.ResourceLogs().AppendEmpty()
	sl := rl.ScopeLogs().AppendEmpty()
	record := sl.LogRecords().AppendEmpty()
	for _, r := range d.ResourceLogs().All() {
		r.Resource().CopyTo(rl.Resource())
		rl.SetSchemaUrl(r.SchemaUrl())
		for _, s := range r.ScopeLogs().All() {
			s.Scope().CopyTo(sl.Scope())
			sl.SetSchemaUrl(s.SchemaUrl())
			for _, x := range s.LogRecords().All() {
				x.CopyTo(record)
				content, err := (&plog.ProtoMarshaler{}).MarshalLogs(one)
				if err != nil {
					return err
				}
				b.put(fmt.Sprint(x.TraceID(), x.SpanID(), x.Timestamp().AsTime().UnixNano(), x.EventName()), content)
			}
		}
	}
	return nil
}

func (b *basket) addMetrics(d pmetric.Metrics) error {
	for _, r := range d.ResourceMetrics().All() {
		for _, s := range r.ScopeMetrics().All() {
			for _, m := range s.Metrics().All() {
				for i := range points(m) {
					one := pmetric.NewMetrics()
					rm := one.ResourceMetrics().AppendEmpty()
					r.Resource().CopyTo(rm.Resource())
					rm.SetSchemaUrl(r.SchemaUrl())
					sm := rm.ScopeMetrics().AppendEmpty()
					s.Scope().CopyTo(sm.Scope())
					sm.SetSchemaUrl(s.SchemaUrl())
					attrs, at := keepPoint(m, i, sm.Metrics().AppendEmpty())
					content, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(one)
					if err != nil {
						return err
					}
					name, err := json.Marshal([]any{r.Resource().Attributes().AsRaw(), m.Name(), attrs.AsRaw(), at})
					if err != nil {
						return err
					}
					b.put(string(name), content)
				}
			}
		}
	}
	return nil
}

// points returns the number of data points of m.
func points(m pmetric.Metric) int {
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		return m.Gauge().DataPoints().Len()
	case pmetric.MetricTypeSum:
		return m.Sum().DataPoints().Len()
	case pmetric.MetricTypeHistogram:
		return m.Histogram().DataPoints().Len()
	case pmetric.MetricTypeExponentialHistogram:
		return m.ExponentialHistogram().DataPoints().Len()
	case pmetric.MetricTypeSummary:
		return m.Summary().DataPoints().Len()
	}
	return 0
}

// keepPoint copies m with its i-th data point alone.
func keepPoint(m pmetric.Metric, i int, to pmetric.Metric) (pcommon.Map, pcommon.Timestamp) {
	m.CopyTo(to)
	n := -1
	not := func() bool { n++; return n != i }
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		to.Gauge().DataPoints().RemoveIf(func(pmetric.NumberDataPoint) bool { return not() })
		p := to.Gauge().DataPoints().At(0)
		return p.Attributes(), p.Timestamp()
	case pmetric.MetricTypeSum:
		to.Sum().DataPoints().RemoveIf(func(pmetric.NumberDataPoint) bool { return not() })
		p := to.Sum().DataPoints().At(0)
		return p.Attributes(), p.Timestamp()
	case pmetric.MetricTypeHistogram:
		to.Histogram().DataPoints().RemoveIf(func(pmetric.HistogramDataPoint) bool { return not() })
		p := to.Histogram().DataPoints().At(0)
		return p.Attributes(), p.Timestamp()
	case pmetric.MetricTypeExponentialHistogram:
		to.ExponentialHistogram().DataPoints().RemoveIf(func(pmetric.ExponentialHistogramDataPoint) bool { return not() })
		p := to.ExponentialHistogram().DataPoints().At(0)
		return p.Attributes(), p.Timestamp()
	default:
		to.Summary().DataPoints().RemoveIf(func(pmetric.SummaryDataPoint) bool { return not() })
		p := to.Summary().DataPoints().At(0)
		return p.Attributes(), p.Timestamp()
	}
}

// difference is what happened to the items of one signal on their way.
type difference struct {
	missing int // sent, and not received
	altered int // received under the id of one that was sent, with other content
	extra   int // received more often than sent
}

// diff compares what arrived with what was sent.
func diff(sent, received *basket) (d difference) {
	count := func(id string) {
		var lost, found, altered int
		for content, n := range sent.items[id] {
			lost += max(0, n-received.items[id][content])
		}
		for content, n := range received.items[id] {
			found += max(0, n-sent.items[id][content])
			if sent.items[id][content] == 0 {
				altered++
			}
		}
		altered = min(altered, lost)
		d.altered += altered
		d.missing += lost - altered
		d.extra += found - altered
	}
	for id := range sent.items {
		count(id)
	}
	for id := range received.items {
		if sent.items[id] == nil {
			count(id)
		}
	}
	return d
}
