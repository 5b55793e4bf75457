package conform

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// auditMetric is a definition with its emitted names.
type auditMetric struct {
	def     semconv.Metric
	number  int // its place among the definitions
	name    string
	value   uint32 // name of the value attribute
	token   string // the tokens that the value attribute counts
	dims    []auditDimension
	sorted  []int // of dims, in the order of their names
	integer bool  // the value attribute counts whole things
	splits  bool  // input tokens and output tokens are apart
	per     int64 // nanoseconds in its unit, if it is one of time; 0: it is not
}

// auditDimension is a dimension of a metric.
type auditDimension struct {
	name     uint32
	constant string // its value, where no span carries it
	fixed    bool   // it has one
	tokens   bool   // it tells input from output
	optional bool   // a series may be without it, and only the span itself has it
}

// metricOf returns a definition with its emitted names.
func (a *Audit) metricOf(def semconv.Metric) *auditMetric {
	c := a.conv
	m := &auditMetric{
		def: def, number: len(a.metrics), name: c.Rename(def.Name, a.prefix), token: "input",
		value: a.names.number(c.Rename(def.ValueAttribute, a.prefix)),
	}
	if def.ValueAttribute == "gen_ai.usage.output_tokens" {
		m.token = "output"
	}
	session := a.naming.full("session.id")
	for _, d := range def.Dimensions {
		name := c.Rename(d, a.prefix)
		n := a.names.number(name)
		if name == session || slices.ContainsFunc(m.dims, func(x auditDimension) bool { return x.name == n }) {
			continue
		}
		x := auditDimension{name: n, tokens: name == splitsTokens, optional: name == "error.type"}
		for _, k := range def.Constants {
			if c.Rename(k.Name, a.prefix) == name {
				x.constant, x.fixed = k.Value, true
			}
		}
		m.splits = m.splits || x.tokens
		m.sorted = append(m.sorted, len(m.dims))
		m.dims = append(m.dims, x)
	}
	slices.SortFunc(m.sorted, func(x, y int) int {
		return strings.Compare(a.names.list[m.dims[x].name].name, a.names.list[m.dims[y].name].name)
	})
	attr, ok := a.dict.OnSpan(def.Span, def.ValueAttribute)
	m.integer = ok && attr.Type == semconv.Int
	if nanos, ok := nanosecondsIn(def.Unit); ok {
		m.per = nanos
	}
	return m
}

// auditSeries is a series: the values that spans give it, by time, and its latest point.
type auditSeries struct {
	name   string
	values []auditValue
	last   *auditPoint
	run    auditRun
	used   bool // in the segment
}

// auditSeriesTable has the series by their names.
type auditSeriesTable struct {
	byName map[string]*auditSeries
	used   []*auditSeries // in the segment: they have values or points
	store  slab[auditSeries]
}

// maxAuditSeries bounds how many series are remembered from segment to segment.
const maxAuditSeries = 50_000

func (t *auditSeriesTable) forget() {
	t.byName = make(map[string]*auditSeries)
	t.store.reset()
}

func (t *auditSeriesTable) reset() {
	for _, s := range t.used {
		s.values, s.last, s.used = s.values[:0], nil, false
		s.run.from = -1 // of nothing
	}
	t.used = t.used[:0]
	if len(t.byName) > maxAuditSeries {
		t.forget()
	}
}

// of returns the series of a name, which is copied when it is new, for use in the segment.
func (t *auditSeriesTable) of(name []byte) *auditSeries {
	s := t.byName[string(name)]
	if s == nil {
		s = t.store.next()
		*s = auditSeries{name: string(name), values: s.values[:0], run: auditRun{from: -1}}
		t.byName[s.name] = s
	}
	if !s.used {
		s.used = true
		t.used = append(t.used, s)
	}
	return s
}

// sorted returns the series of the segment by name.
func (t *auditSeriesTable) sorted() []*auditSeries {
	slices.SortFunc(t.used, func(x, y *auditSeries) int { return strings.Compare(x.name, y.name) })
	return t.used
}

// appendSeries appends the beginning of the name of a series: the metric, and whose
// resource it has.
func (a *Audit) appendSeries(b []byte, m *auditMetric, r *auditResource) []byte {
	if r.prefixes[m.number] == "" {
		r.prefixes[m.number] = a.seriesPrefix(m, r)
	}
	return append(b, r.prefixes[m.number]...)
}

func (a *Audit) seriesPrefix(m *auditMetric, r *auditResource) string {
	b := []byte(m.name)
	b = append(append(b, " of "...), m.def.EmittedBy...)
	b = appendScalar(append(b, ' '), r.attrs[a.naming.full("tenant.id")])
	if m.def.Span == toolServer {
		b = appendScalar(append(b, ' '), r.attrs["service.name"])
	}
	id, _ := r.attrs["service.instance.id"].(string)
	switch {
	case r.system != nil:
		b = append(append(b, ' '), id...) // it has instances of its own
	case a.o.Several:
		b = append(b, id[max(0, strings.LastIndexByte(id, '-')):]...)
	}
	return string(b)
}

// appendAttr appends an attribute to the name of a series.
func (a *Audit) appendAttr(b []byte, name uint32, x *auditAttr) []byte {
	b = append(append(append(b, ' '), a.names.list[name].name...), '=')
	switch x.kind {
	case otlp.KindText:
		return append(b, a.textOf(x)...)
	case otlp.KindInt:
		return strconv.AppendInt(b, int64(x.word), 10)
	case otlp.KindBool:
		return strconv.AppendBool(b, x.word == 1)
	}
	return fmt.Append(b, a.value(x))
}

// pointSeries returns the series of a point with these attributes.
func (a *Audit) pointSeries(m *auditMetric, r *auditResource, said []auditAttr) *auditSeries {
	b := a.appendSeries(a.spelt[:0], m, r)
	order := a.scratch.sorted[:0]
	for i := range said {
		name := a.names.list[said[i].name].name
		at := len(order)
		for at > 0 && a.names.list[said[order[at-1]].name].name >= name {
			at--
		}
		if at < len(order) && said[order[at]].name == said[i].name {
			order[at] = i // of what is there twice the last counts
			continue
		}
		order = slices.Insert(order, at, i)
	}
	for _, i := range order {
		b = a.appendAttr(b, said[i].name, &said[i])
	}
	a.spelt, a.scratch.sorted = b, order
	return a.series.of(b)
}
