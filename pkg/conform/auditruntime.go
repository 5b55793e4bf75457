package conform

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// waitingMessages is the metric of messages that wait, for which the registry has no
// name.
const waitingMessages = "queue.length"

// toldOf are the metrics that instances of a service tell at every tick, by name.
type toldOf struct {
	service *semconv.System
	metrics map[string]toldMetric
}

// toldMetric is what the points of such a metric are.
type toldMetric struct {
	unit, instrument string
	own              *semconv.OwnMetric // of the service's own
}

// toldMetrics are what the services of systems tell, by name.
type toldMetrics map[string]*toldOf

// toldBy returns what the services of systems tell, by name.
func toldBy(c *semconv.Conventions) toldMetrics {
	out := make(toldMetrics)
	for i := range c.Systems {
		s := &c.Systems[i]
		if s.Runtime == nil && !slices.ContainsFunc(s.Metrics, func(m semconv.OwnMetric) bool { return len(m.From) == 0 }) {
			continue
		}
		x := &toldOf{service: s, metrics: make(map[string]toldMetric)}
		if s.Runtime != nil {
			x.metrics[waitingMessages] = toldMetric{unit: "{message}", instrument: "updowncounter"}
			for _, name := range slices.Concat([]string{"http.server.active_requests", "db.client.connection.count"}, runtimeNames(s.Runtime.Kind)) {
				if def, ok := registry.Bundled().Metric(name); ok {
					x.metrics[name] = toldMetric{unit: def.Unit, instrument: def.Instrument.String()}
				}
			}
		}
		for k := range s.Metrics {
			m := &s.Metrics[k]
			if len(m.From) > 0 {
				continue // its spans tell it
			}
			x.metrics[m.Name] = toldMetric{unit: m.Unit, instrument: m.Instrument, own: m}
		}
		out[s.Service] = x
	}
	return out
}

// auditPulse is a point of what an instance tells of itself.
type auditPulse struct {
	auditPoint
	origin string
}

// of returns what the service of a resource tells, nil for nothing.
func (x toldMetrics) of(resource map[string]any) *toldOf {
	service, _ := resource["service.name"].(string)
	return x[service]
}

// tells reports whether a metric is one that instances of the service of a resource
// tell.
func (x toldMetrics) tells(resource map[string]any, metric string) bool {
	told := x.of(resource)
	if told == nil {
		return false
	}
	_, ok := told.metrics[metric]
	return ok
}

// whole reports whether a metric of a service's own counts whole things.
func (m *toldMetric) whole() bool {
	return !strings.HasSuffix(m.instrument, "histogram") && wholeUnit(m.unit)
}

// wholeUnit reports whether a unit is of whole things.
func wholeUnit(unit string) bool { return unit == "By" || strings.HasPrefix(unit, "{") }

// times are stretches of time, as their sorted beginnings and ends.
type times struct {
	starts, ends []uint64
	sorted       bool
}

func (x *times) add(from, to uint64) {
	if from <= to {
		x.starts, x.ends, x.sorted = append(x.starts, from), append(x.ends, to), false
	}
}

// upTo is how many of the times are not after t.
func upTo(list []uint64, t uint64) int64 {
	n, _ := slices.BinarySearch(list, t+1)
	return int64(n)
}

func (x *times) sort() {
	if !x.sorted {
		slices.Sort(x.starts)
		slices.Sort(x.ends)
		x.sorted = true
	}
}

// at is how many there are at a time at which those that end are over.
func (x *times) at(t uint64) int64 { x.sort(); return upTo(x.starts, t) - upTo(x.ends, t) }

// around is how many there are at a time, with those that begin and end at it.
func (x *times) around(t uint64) int64 { x.sort(); return upTo(x.starts, t) - upTo(x.ends, t-1) }

// within is how many end after a time and not after another one.
func (x *times) within(from, to uint64) int64 { x.sort(); return upTo(x.ends, to) - upTo(x.ends, from) }

// auditLife is an instance that has a span in the segment.
type auditLife struct {
	told     *toldOf
	origin   string
	requests times
	waiting  times
	used     times
	counted  map[string]*times        // series that are counted from spans
	idle     map[string]string        // of those of pools: the series of what is idle
	points   map[string][]*auditPoint // by series
}

// lives finds the instances and what they had to do.
func (x *systemsAudit) lives(counted func(otlp.TraceID) bool) map[string]*auditLife {
	out := make(map[string]*auditLife)
	sent := make(map[spanKey]uint64)
	for _, s := range x.seen {
		if s.kind == otlp.SpanKindProducer {
			sent[s.key] = s.end
		}
	}
	for _, s := range x.seen {
		told := x.told.of(s.resource.attrs)
		if told == nil || s.system == nil || counted != nil && !counted(s.key.trace) {
			continue
		}
		l := out[s.member]
		if l == nil {
			l = &auditLife{told: told, origin: s.member, counted: make(map[string]*times), idle: make(map[string]string), points: make(map[string][]*auditPoint)}
			out[s.member] = l
		}
		l.lived(s, sent)
	}
	return out
}

// lived takes what a span says of its instance.
func (l *auditLife) lived(s *auditSpan, sent map[spanKey]uint64) {
	if s.kind == otlp.SpanKindServer || s.kind == otlp.SpanKindConsumer || s.parent == (otlp.SpanID{}) {
		l.requests.add(s.start, s.end)
	}
	series := func(name string, attrs map[string]any) *times {
		key := seriesOf(name, l.origin, attrs)
		if l.counted[key] == nil {
			l.counted[key] = &times{}
		}
		return l.counted[key]
	}
	pick := func(keys ...string) map[string]any {
		out := make(map[string]any)
		for _, k := range keys {
			if v := s.attrs[k]; v != nil {
				out[k] = v
			}
		}
		return out
	}
	protocol, runtime := measuredBy(s.system), l.told.service.Runtime != nil
	switch {
	case protocol == overHTTP && s.kind == otlp.SpanKindServer && runtime:
		series("http.server.active_requests", pick(facts[factMethod], "url.scheme")).add(s.start, s.end)
	case protocol == overDB && s.kind == otlp.SpanKindClient && runtime:
		const metric, state = "db.client.connection.count", "db.client.connection.state"
		attrs := map[string]any{state: "used", "db.client.connection.pool.name": poolOf(s)}
		series(metric, attrs).add(s.start, s.end)
		used := seriesOf(metric, l.origin, attrs)
		attrs[state] = "idle"
		l.idle[used] = seriesOf(metric, l.origin, attrs)
		l.used.add(s.start, s.end)
	case protocol == byMessage && s.kind == otlp.SpanKindConsumer:
		keys := s.links
		if parent := (spanKey{s.key.trace, s.parent}); !slices.ContainsFunc(keys, func(k spanKey) bool { return k.span == s.parent }) {
			keys = append(slices.Clone(keys), parent)
		}
		queue := &times{}
		if runtime {
			queue = series(waitingMessages, pick(facts[factDestination], "messaging.consumer.group.name"))
		}
		for _, k := range keys {
			if end, ok := sent[k]; ok {
				queue.add(end, s.start)
				l.waiting.add(end, s.start)
			}
		}
	}
}

// poolOf names the pool that a call of a database takes its connection from.
func poolOf(s *auditSpan) string {
	name := ""
	for _, part := range [][2]string{{"", facts[factAddress]}, {":", "server.port"}, {"/", "db.namespace"}} {
		if v := s.attrs[part[1]]; v != nil {
			name += part[0] + fmt.Sprint(v)
		}
	}
	return name
}

// runtimes reports where what instances tell of themselves is not what their spans
// say, cannot be, or is missing.
func (a *Audit) runtimes(ticks []uint64, fail func(rule, format string, args ...any)) {
	x := &a.systems
	if len(x.told) == 0 {
		return
	}
	lives := x.lives(a.o.Counted)
	begin := uint64(math.MaxUint64)
	before := make(map[string]*auditPoint)
	for i := range x.pulses {
		p := &x.pulses[i].auditPoint
		if p.metric.Kind != otlp.MetricGauge {
			begin = min(begin, p.point.Start)
		}
		l := lives[x.pulses[i].origin]
		if l == nil {
			fail("audit-series", "series %s has a point at %d, and its instance has no span", p.series.name, p.point.Time)
			continue
		}
		a.window(before[p.series.name], p, fail)
		before[p.series.name] = p
		l.points[p.series.name] = append(l.points[p.series.name], p)
	}
	for _, origin := range sortedKeys(lives) {
		t := lifeTeller{Audit: a, l: lives[origin], ticks: ticks, begin: begin, fail: fail, seen: make(map[string]bool)}
		t.exact()
		t.vitals()
		t.owns()
		for _, series := range sortedKeys(t.l.points) {
			if !t.seen[series] {
				fail("audit-series", "series %s: nothing has it follow from the instance", series)
			}
		}
	}
}

// lifeTeller holds one instance to what it tells.
type lifeTeller struct {
	*Audit
	l     *auditLife
	ticks []uint64
	begin uint64 // of the segment
	fail  func(rule, format string, args ...any)
	seen  map[string]bool
}

// each calls check with the point of a series at every tick, which has to be there,
// with the time of the tick before. From, when it is over 0, is the first tick at which it has one.
func (t *lifeTeller) each(series string, from int, check func(p *auditPoint, previous uint64)) {
	t.seen[series] = true
	points := t.l.points[series]
	previous := t.begin
	for i, tick := range t.ticks {
		switch {
		case i < from:
		case len(points) == 0 || points[0].point.Time != tick:
			t.fail("audit-series", "series %s has no point at %d, when others have one", series, tick)
			return
		default:
			check(points[0], previous)
			points = points[1:]
		}
		previous = tick
	}
	if len(points) > 0 {
		t.fail("audit-series", "series %s has a point at %d, when others have none", series, points[0].point.Time)
	}
}

func (t *lifeTeller) wrong(p *auditPoint, got, want any) {
	t.fail("audit-point", "series %s at %d: value is %v, the spans say %v", p.series.name, p.point.Time, got, want)
}

// exact judges what is counted from spans.
func (t *lifeTeller) exact() {
	for _, series := range sortedKeys(t.l.counted) {
		spans := t.l.counted[series]
		t.each(series, 0, func(p *auditPoint, _ uint64) {
			if got, want := valueOf(p.point.Value, p.point.Kind), float64(spans.at(p.point.Time)); got != want || p.point.Kind != otlp.KindInt {
				t.wrong(p, got, want)
			}
		})
		idle, ok := t.l.idle[series]
		if !ok {
			continue
		}
		t.each(idle, 0, func(p *auditPoint, _ uint64) {
			want := float64(max(0, t.l.told.service.Runtime.Connections-spans.at(p.point.Time)))
			if got := valueOf(p.point.Value, p.point.Kind); got != want || p.point.Kind != otlp.KindInt {
				t.wrong(p, got, want)
			}
		})
	}
}
