package conform

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Audit holds the metrics and logs of one segment to its spans. It works on
// decoded records and shares no code with what derives them: it recomputes
// every point from the spans, and looks up the span of every exemplar and log
// record. It is not safe for concurrent use.
type Audit struct {
	conv   *semconv.Conventions
	dict   *semconv.Dictionary
	prefix string
	naming naming
	o      AuditOptions

	defs   map[string]*auditMetric // by emitted name
	bySpan map[string][]*auditMetric

	spans    map[spanKey]*auditSpan
	requests map[uint64][]*auditSpan // server spans, but those of tool servers
	order    []*auditSpan
	done     map[*auditSpan]map[string]int64 // spans of each type, by agent
	points   []auditPoint
	begin    uint64 // of the earliest delta point
	systems  systemsAudit
	logs     []auditLog
	either   []eitherLog
}

// AuditOptions say what an audit cannot see in the records.
type AuditOptions struct {
	// Request names the request that a trace belongs to.
	Request func(otlp.TraceID) uint64
	// Counted, when set, reports whether the spans of a trace count in metrics:
	// scenarios may turn them off. nil: all do.
	Counted func(otlp.TraceID) bool
	// Several says that services have several instances at a time, whose numbers
	// their ids end in, after those of their processes.
	Several bool
	// Load is the load of the arrivals at a time, in millionths of the mean. nil: it is
	// always that.
	Load func(at uint64) uint64
	// Logged is Counted for logs.
	Logged func(otlp.TraceID) bool
}

// auditSpan is what an audit keeps of a span.
type auditSpan struct {
	key        spanKey
	name       string
	bare       string // its type, without namespace
	start, end uint64
	parent     otlp.SpanID
	server     bool
	failed     bool
	findings   []uint64       // times of its validation errors
	attrs      map[string]any // string, int64, bool or float64
	resource   map[string]any

	// Of spans of systems: what they are, and their resource and scope in words.
	system *semconv.SystemSpan
	origin string
	kind   uint8
	links  []spanKey
}

// auditMetric is a definition with its emitted names.
type auditMetric struct {
	def         semconv.Metric
	name, value string
	dims        []string
	integer     bool              // the value attribute counts whole things
	constants   map[string]string // values of dimensions that no span carries
}

// NewAudit returns an audit by the conventions with the runtime prefix.
func NewAudit(c *semconv.Conventions, prefix string, o AuditOptions) *Audit {
	a := &Audit{
		conv: c, dict: c.Dictionary(prefix), prefix: prefix, naming: newNaming(c, prefix), o: o,
		defs: make(map[string]*auditMetric), bySpan: make(map[string][]*auditMetric), systems: newSystemsAudit(c),
	}
	for _, def := range c.Metrics {
		m := &auditMetric{def: def, name: c.Rename(def.Name, prefix), value: c.Rename(def.ValueAttribute, prefix)}
		for _, d := range def.Dimensions {
			if name := c.Rename(d, prefix); !slices.Contains(m.dims, name) && name != a.naming.full("session.id") {
				m.dims = append(m.dims, name)
			}
		}
		m.constants = make(map[string]string)
		for _, x := range def.Constants {
			m.constants[c.Rename(x.Name, prefix)] = x.Value
		}
		attr, ok := a.dict.OnSpan(def.Span, def.ValueAttribute)
		m.integer = ok && attr.Type == semconv.Int
		a.defs[m.name] = m
		a.bySpan[def.Span] = append(a.bySpan[def.Span], m)
	}
	a.reset()
	return a
}

func (a *Audit) reset() {
	a.spans = make(map[spanKey]*auditSpan)
	a.requests = make(map[uint64][]*auditSpan)
	a.order, a.points, a.logs, a.either, a.done = nil, nil, nil, nil, nil
	a.systems.seen, a.systems.logs, a.systems.pulses = nil, nil, nil
	a.begin = math.MaxUint64
}

// Traces takes a traces record of the segment.
func (a *Audit) Traces(t *otlp.Traces) {
	resources := make([]map[string]any, len(t.Resources))
	systems := make([]*semconv.System, len(t.Resources))
	for i, r := range t.Resources {
		resources[i] = attrMap(t.Strings, t.Attrs, t.Text, r.Attrs)
		systems[i] = systemOf(a.conv, resources[i])
	}
	for i := range t.Spans {
		s := &t.Spans[i]
		x := &auditSpan{
			key: spanKey{s.TraceID, s.SpanID}, name: t.Strings.String(s.Name), start: s.Start, end: s.End,
			server: s.Kind == otlp.SpanKindServer, parent: s.ParentID, failed: s.Status == otlp.StatusError,
			attrs: attrMap(t.Strings, t.Attrs, t.Text, s.Attrs), resource: resources[s.Resource],
		}
		if of := systems[s.Resource]; of != nil && a.systems.emits(of, x.name) {
			x.system = a.systems.of(x, s.Kind)
			x.origin = originOf(x.resource, t.Strings, t.Scopes[s.Scope])
			x.kind = s.Kind
			for _, l := range t.Links[s.Links.Start:s.Links.End] {
				x.links = append(x.links, spanKey{l.TraceID, l.SpanID})
			}
			a.systems.seen = append(a.systems.seen, x)
			continue
		}
		x.bare = a.typeOf(x, s.Kind)
		for _, e := range t.Events[s.Events.Start:s.Events.End] {
			if t.Strings.String(e.Name) == a.prefix+".validation.error" {
				x.findings = append(x.findings, e.Time)
			}
		}
		a.spans[x.key] = x
		a.order = append(a.order, x)
		if x.server && x.bare != toolServer {
			r := a.o.Request(s.TraceID)
			a.requests[r] = append(a.requests[r], x)
		}
	}
}

// typeOf is the type of a span, without namespace.
func (a *Audit) typeOf(s *auditSpan, kind uint8) string {
	bare := strings.TrimPrefix(s.name, a.prefix+".")
	if !a.naming.templated || a.naming.plainly(bare) {
		return bare
	}
	class, _ := s.attrs[a.naming.full("span.class")].(string)
	of, ok := a.naming.typeOf(s.name, kind, class, func(name string) (string, bool) {
		v, ok := s.attrs[name].(string)
		return v, ok
	})
	if !ok {
		return bare
	}
	return of
}

// Finish reports everything in which metrics and logs of the segment disagree
// with its spans, and begins a new segment. It returns how many points and log
// records it compared.
func (a *Audit) Finish(report func(rule, text string)) (points, logs int) {
	fail := func(rule, format string, args ...any) { report(rule, fmt.Sprintf(format, args...)) }
	// order-free: each list is sorted by itself
	for _, list := range a.requests {
		slices.SortFunc(list, func(x, y *auditSpan) int {
			return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(y.end, x.end), bytes.Compare(x.key.span[:], y.key.span[:]))
		})
	}
	expected := a.expect()
	before := make(map[string]*auditPoint)
	ticks := a.ticks()
	for i := range a.points {
		p := &a.points[i]
		if before[p.series] == nil {
			firstPoint(p, expected[p.series], ticks, fail)
		}
		between(before[p.series], p, ticks, fail)
		a.window(before[p.series], p, fail)
		a.point(p, expected[p.series], fail)
		before[p.series] = p
	}
	for _, name := range sortedKeys(expected) {
		last, values := before[name], expected[name]
		if last == nil {
			fail("audit-series", "series %s has no points, and %d values", name, len(values))
		} else if end := values[len(values)-1].time; end > last.point.Time {
			fail("audit-series", "series %s has its last point %d ns before its last value", name, end-last.point.Time)
		} else if n := len(ticks); last.point.Time < ticks[n-1] {
			fail("audit-series", "series %s has no point at %d, when others have one", name, ticks[n-1])
		}
	}
	a.runtimes(ticks, fail)
	a.sortLogs()
	for i := range a.logs {
		a.log(&a.logs[i], fail)
	}
	a.evaluations(fail)
	a.missing(fail)
	points, logs = len(a.points)+len(a.systems.pulses), len(a.logs)+a.systems.finishLogs(a.o.Logged, fail)
	a.reset()
	return points, logs
}

// ticks returns the times at which there are points.
func (a *Audit) ticks() []uint64 {
	times := make([]uint64, len(a.points))
	for i := range a.points {
		times[i] = a.points[i].point.Time
	}
	for i := range a.systems.pulses {
		times = append(times, a.systems.pulses[i].point.Time)
	}
	slices.Sort(times)
	return slices.Compact(times)
}

// firstPoint checks that a series begins at the first tick after its first
// value.
func firstPoint(p *auditPoint, values []auditValue, ticks []uint64, fail func(rule, format string, args ...any)) {
	if len(values) == 0 {
		return
	}
	if i, _ := slices.BinarySearch(ticks, values[0].time); i < len(ticks) && ticks[i] < p.point.Time {
		fail("audit-series", "series %s has its first point at %d and none at %d, when it had a value", p.series, p.point.Time, ticks[i])
	}
}

// between checks that a series has a point at each tick after its first one.
func between(before, p *auditPoint, ticks []uint64, fail func(rule, format string, args ...any)) {
	if before == nil || before.point.Time >= p.point.Time {
		return
	}
	if i, _ := slices.BinarySearch(ticks, before.point.Time+1); i < len(ticks) && ticks[i] < p.point.Time {
		fail("audit-series", "series %s has no point at %d, when others have one", p.series, ticks[i])
	}
}

// attrMap returns scalar attributes as Go values.
func attrMap(strs *otlp.Strings, attrs []otlp.Attr, text []byte, r otlp.Range) map[string]any {
	out := make(map[string]any, r.Len())
	for _, a := range attrs[r.Start:r.End] {
		if v := scalarOf(strs, text, a); v != nil {
			out[strs.String(a.Key)] = v
		}
	}
	return out
}

// seriesName names a series: the metric, whose resource it has, and its
// attributes in order of their keys.
func (a *Audit) seriesName(m *auditMetric, resource, attrs map[string]any) string {
	b := make([]byte, 0, 256)
	b = append(b, m.name...)
	b = append(b, " of "...)
	b = append(b, m.def.EmittedBy...)
	b = appendScalar(append(b, ' '), resource[a.naming.full("tenant.id")])
	if m.def.Span == toolServer {
		b = appendScalar(append(b, ' '), resource["service.name"])
	}
	id, _ := resource["service.instance.id"].(string)
	switch {
	case systemOf(a.conv, resource) != nil:
		b = append(append(b, ' '), id...) // it has instances of its own
	case a.o.Several:
		b = append(b, id[max(0, strings.LastIndexByte(id, '-')):]...)
	}
	for _, k := range sortedKeys(attrs) {
		b = append(append(append(b, ' '), k...), '=')
		b = appendScalar(b, attrs[k])
	}
	return string(b)
}

// appendScalar is fmt.Append for what attributes mostly are, in less time: series
// are named for every span and every point.
func appendScalar(dst []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(dst, v...)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	}
	return fmt.Append(dst, v)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m { // order-free: sorted below
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
