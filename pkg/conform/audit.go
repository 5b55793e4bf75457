package conform

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

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

	metrics []*auditMetric
	defs    map[string]*auditMetric // by emitted name
	counts  bool                    // some metric counts spans below one
	types   map[string]*auditType   // by name without namespace
	known   auditKnown
	names   nameTable
	fixed   int          // how many of names the audit itself asks for
	called  []*auditType // by number of a name; nil: not looked up
	series  auditSeriesTable

	resources map[string]*auditResource // by all that they say
	segment   uint64                    // counted from the first

	// Of the segment. Memory is reused: a segment has no more than one like it before.
	text     textStore // of attributes
	attrs    lists[auditAttr]
	store    slab[auditSpan]
	spans    spanIndex
	requests map[uint64]int // server spans, but those of tool servers: an index of servers
	servers  [][]*auditSpan
	later    []laterValue
	points   []auditPoint
	numbers  lists[uint64] // of the points: counts of buckets
	bounds   lists[float64]
	examples lists[otlp.Exemplar]
	begin    uint64 // of the earliest delta point
	systems  systemsAudit
	logs     []auditLog
	either   []eitherLog

	spelt    []byte           // scratch
	of       []*auditResource // scratch: the resources of a record
	scratch  auditScratch
	attempts []*auditSpan
	judged   map[evaluationOf]bool
	words    map[string]string // of evaluations
	followed map[spanKey]bool  // attempts after which comes another one of the same call
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

// auditSpan is what an audit keeps of a span. What each log record asks for comes first: a
// segment has more of them than a processor keeps at hand.
type auditSpan struct {
	key        spanKey
	start, end uint64
	said       []auditAttr
	resource   *auditResource
	typ        *auditType
	logs       int32 // one more than the index of the last of its log records; 0: none
	server     bool
	failed     bool
	parent     otlp.SpanID
	name       string
	findings   []uint64 // times of its validation errors
	done       []spansDone

	// Of spans of systems: what they are and say, and their resource and scope in words.
	system *semconv.SystemSpan
	attrs  map[string]any // string, int64, bool or float64
	origin string
	member string // likewise, without that in which the resources of the service differ: who tells its metrics
	scope  string // the beginning of both
	kind   uint8
	links  []spanKey
}

// spansDone is how many spans of a type an agent has below it.
type spansDone struct {
	typ *auditType
	n   int64
}

// NewAudit returns an audit by the conventions with the runtime prefix.
func NewAudit(c *semconv.Conventions, prefix string, o AuditOptions) *Audit {
	a := &Audit{
		conv: c, dict: c.Dictionary(prefix), prefix: prefix, naming: newNaming(c, prefix), o: o,
		defs: make(map[string]*auditMetric), types: make(map[string]*auditType), systems: newSystemsAudit(c),
		resources: make(map[string]*auditResource), requests: make(map[uint64]int),
		judged: make(map[evaluationOf]bool), words: make(map[string]string), followed: make(map[spanKey]bool),
	}
	a.known = a.knownNames()
	for _, def := range c.Metrics {
		a.metrics = append(a.metrics, a.metricOf(def))
		m := a.metrics[len(a.metrics)-1]
		a.defs[m.name] = m
		a.counts = a.counts || def.Counts != ""
	}
	a.fixed = len(a.names.list)
	a.series.forget()
	a.reset()
	return a
}

func (a *Audit) reset() {
	a.segment++
	if len(a.resources) > maxAuditResources {
		clear(a.resources)
	}
	a.spans.reset()
	clear(a.requests)
	clear(a.followed)
	clear(a.judged)
	if len(a.words) > maxRemembered {
		clear(a.words)
	}
	a.text.reset()
	a.attrs.reset()
	a.numbers.reset()
	a.bounds.reset()
	a.examples.reset()
	a.servers, a.points, a.later = a.servers[:0], a.points[:0], a.later[:0]
	a.logs, a.either, a.attempts = a.logs[:0], a.either[:0], a.attempts[:0]
	a.store.reset()
	a.series.reset()
	if len(a.names.list) > maxAuditNames {
		a.names.forget(a.fixed)
		clear(a.resources) // they are known by numbers of names
		a.called = a.called[:0]
		clear(a.types)
	}
	a.systems.seen, a.systems.logs, a.systems.pulses = nil, nil, nil
	a.begin = math.MaxUint64
}

// maxAuditResources bounds how many resources are remembered from segment to segment.
const maxAuditResources = 10_000

// maxAuditNames bounds what an audit remembers of names from segment to segment.
const maxAuditNames = 20_000

// Traces takes a traces record of the segment.
func (a *Audit) Traces(t *otlp.Traces) {
	base := a.take(t.Strings, t.Attrs, t.Text, t.Resources)
	for i := range t.Spans {
		s := &t.Spans[i]
		x := a.store.next()
		*x = auditSpan{
			key: spanKey{s.TraceID, s.SpanID}, name: t.Strings.String(s.Name), start: s.Start, end: s.End,
			server: s.Kind == otlp.SpanKindServer, parent: s.ParentID, failed: s.Status == otlp.StatusError,
			resource: a.of[s.Resource], findings: x.findings[:0], done: x.done[:0],
		}
		if of := x.resource.system; of != nil && a.systems.emits(of, x.name) {
			a.ofSystem(t, s, x)
			continue
		}
		x.said = a.keep(t.Strings, t.Attrs, s.Attrs, base)
		x.typ = a.typeOf(x, s)
		for _, e := range t.Events[s.Events.Start:s.Events.End] {
			if a.names.of(e.Name) == a.known.invalid {
				x.findings = append(x.findings, e.Time)
			}
		}
		a.spans.add(x)
		a.told(x)
		if x.typ.story == storyAttempt {
			a.attempts = append(a.attempts, x)
		}
		if x.server && x.typ.bare != toolServer {
			a.serves(x)
		}
	}
}

// take takes the text and the resources of a record, and returns where the text is in
// the texts of the audit.
func (a *Audit) take(strs *otlp.Strings, attrs []otlp.Attr, text []byte, resources []otlp.Resource) int {
	a.names.begin(strs)
	base := a.text.add(text)
	a.of = a.of[:0]
	for _, r := range resources {
		a.of = append(a.of, a.resource(strs, attrs, text, r.Attrs, base))
	}
	return base
}

// ofSystem takes a span of a system.
func (a *Audit) ofSystem(t *otlp.Traces, s *otlp.Span, x *auditSpan) {
	x.attrs = attrMap(t.Strings, t.Attrs, t.Text, s.Attrs)
	x.system = a.systems.of(x, s.Kind)
	x.origin = originOf(x.resource.attrs, t.Strings, t.Scopes[s.Scope])
	x.member = x.origin
	if common := commonOf(x.resource, nil); len(common) < len(x.resource.attrs) {
		x.scope = scopeOf(t.Strings, t.Scopes[s.Scope])
		x.member = x.teller(common)
	}
	x.kind = s.Kind
	for _, l := range t.Links[s.Links.Start:s.Links.End] {
		x.links = append(x.links, spanKey{l.TraceID, l.SpanID})
	}
	a.systems.seen = append(a.systems.seen, x)
}

// serves takes the server span of a request.
func (a *Audit) serves(x *auditSpan) {
	r := a.o.Request(x.key.trace)
	n, ok := a.requests[r]
	if !ok {
		n = len(a.servers)
		a.requests[r] = n
		a.servers = slices.Grow(a.servers, 1)[:n+1]
		a.servers[n] = a.servers[n][:0]
	}
	a.servers[n] = append(a.servers[n], x)
}

// Finish reports everything in which metrics and logs of the segment disagree
// with its spans, and begins a new segment. It returns how many points and log
// records it compared.
func (a *Audit) Finish(report func(rule, text string)) (points, logs int) {
	fail := func(rule, format string, args ...any) { report(rule, fmt.Sprintf(format, args...)) }
	for _, list := range a.servers {
		slices.SortFunc(list, func(x, y *auditSpan) int {
			return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(y.end, x.end), bytes.Compare(x.key.span[:], y.key.span[:]))
		})
	}
	a.spans.done()
	a.expect()
	ticks := a.ticks()
	for i := range a.points {
		p := &a.points[i]
		series := p.series
		if series.last == nil {
			firstPoint(p, series.values, ticks, fail)
		}
		between(series.last, p, ticks, fail)
		a.window(series.last, p, fail)
		a.point(p, fail)
		series.last = p
	}
	for _, s := range a.series.sorted() {
		if len(s.values) == 0 {
			continue
		}
		if s.last == nil {
			fail("audit-series", "series %s has no points, and %d values", s.name, len(s.values))
		} else if end := s.values[len(s.values)-1].time; end > s.last.point.Time {
			fail("audit-series", "series %s has its last point %d ns before its last value", s.name, end-s.last.point.Time)
		} else if n := len(ticks); s.last.point.Time < ticks[n-1] {
			fail("audit-series", "series %s has no point at %d, when others have one", s.name, ticks[n-1])
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
	times := a.scratch.ticks[:0]
	add := func(at uint64) {
		if n := len(times); n == 0 || times[n-1] != at {
			times = append(times, at)
		}
	}
	for i := range a.points {
		add(a.points[i].point.Time)
	}
	for i := range a.systems.pulses {
		add(a.systems.pulses[i].point.Time)
	}
	slices.Sort(times)
	a.scratch.ticks = slices.Compact(times)
	return a.scratch.ticks
}

// firstPoint checks that a series begins at the first tick after its first
// value.
func firstPoint(p *auditPoint, values []auditValue, ticks []uint64, fail func(rule, format string, args ...any)) {
	if len(values) == 0 {
		return
	}
	if i, _ := slices.BinarySearch(ticks, values[0].time); i < len(ticks) && ticks[i] < p.point.Time {
		fail("audit-series", "series %s has its first point at %d and none at %d, when it had a value", p.series.name, p.point.Time, ticks[i])
	}
}

// between checks that a series has a point at each tick after its first one.
func between(before, p *auditPoint, ticks []uint64, fail func(rule, format string, args ...any)) {
	if before == nil || before.point.Time >= p.point.Time {
		return
	}
	if i, _ := slices.BinarySearch(ticks, before.point.Time+1); i < len(ticks) && ticks[i] < p.point.Time {
		fail("audit-series", "series %s has no point at %d, when others have one", p.series.name, ticks[i])
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
