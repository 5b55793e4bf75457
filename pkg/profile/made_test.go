package profile

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// made is telemetry of a small system in which much varies.
type made struct {
	traces []*intake.Trace
	logs   []*intake.Log
	points []*intake.Point
}

// maker draws telemetry.
type maker struct {
	*rand.Rand
	resources []*intake.Resource
	scopes    []*intake.Scope
	names     int // of spans
}

func text(key, value string) intake.Attribute {
	return intake.Attribute{Key: []byte(key), Kind: otlp.KindText, Text: []byte(value)}
}

func integer(key string, n int64) intake.Attribute {
	return intake.Attribute{Key: []byte(key), Kind: otlp.KindInt, Word: uint64(n)}
}

func newMaker(seed uint64) *maker {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 7)), names: 8}
	for i := range 9 {
		m.resources = append(m.resources, &intake.Resource{
			Hash: m.Uint64(), Service: fmt.Sprintf("service-%c", 'a'+i/2), Instance: []string{"", fmt.Sprint("pod-", i)}[i%2],
			Attributes: []intake.Attribute{text("service.version", fmt.Sprint(i%3)), integer("process.pid", int64(i))},
		})
	}
	for i := range 3 {
		m.scopes = append(m.scopes, &intake.Scope{Name: fmt.Sprint("scope ", i)})
	}
	return m
}

func (m *maker) attributes(n int) (out []intake.Attribute) {
	for range m.IntN(n + 1) {
		key := fmt.Sprint("key.", m.IntN(30))
		switch m.IntN(5) {
		case 0:
			out = append(out, integer(key, int64(m.IntN(200)-20)))
		case 1:
			out = append(out, intake.Attribute{Key: []byte(key), Kind: otlp.KindDouble, Word: math.Float64bits(m.NormFloat64())})
		case 2:
			out = append(out, intake.Attribute{Key: []byte(key), Kind: otlp.KindBool, Word: uint64(m.IntN(2))})
		default:
			value := fmt.Sprint("value ", m.IntN(100))
			if m.IntN(2) == 0 {
				value = fmt.Sprintf("path/%c-%d", 'a'+rune(m.IntN(26)), m.IntN(9))
			}
			out = append(out, text(key, value))
		}
	}
	slices.SortStableFunc(out, func(a, b intake.Attribute) int { return slices.Compare(a.Key, b.Key) })
	return slices.CompactFunc(out, func(a, b intake.Attribute) bool { return string(a.Key) == string(b.Key) })
}

// span draws one below a parent.
func (m *maker) span(parent int32, spans []intake.Span) intake.Span {
	start, length := uint64(1e18)+m.Uint64N(1e13), 1+m.Uint64N(1e9)
	if parent >= 0 {
		p := &spans[parent]
		start, length = p.Start+m.Uint64N(p.End-p.Start+2), m.Uint64N(p.End-p.Start+1)
		if m.IntN(30) == 0 {
			start -= 1e6
		}
	}
	s := intake.Span{
		Parent: parent, Kind: uint8(m.IntN(6)), Start: start, End: start + length,
		Name: fmt.Appendf(nil, "work %d/%d", m.IntN(m.names), m.IntN(3)), Resource: m.resources[m.IntN(len(m.resources))],
		Scope: m.scopes[m.IntN(len(m.scopes))], Attributes: m.attributes(8), Raw: make([]byte, 20+m.IntN(50)),
	}
	binary.BigEndian.PutUint64(s.ID[:], m.Uint64()|1)
	if parent >= 0 && m.IntN(3) > 0 {
		s.Resource = spans[parent].Resource
	}
	if m.IntN(8) == 0 {
		s.Status, s.Message = otlp.StatusError, []byte("it failed")
		if m.IntN(2) == 0 {
			s.Attributes = append(s.Attributes, text("error.type", fmt.Sprint("fault", m.IntN(3))))
		}
	}
	if m.IntN(6) == 0 {
		for range 1 + m.IntN(3) {
			s.Events = append(s.Events, intake.Event{Time: start, Name: fmt.Appendf(nil, "event %d", m.IntN(6)), Attributes: m.attributes(3)})
		}
	}
	if m.IntN(9) == 0 {
		s.Links = make([]intake.Link, 1)
	}
	return s
}

func (m *maker) trace() *intake.Trace {
	t := new(intake.Trace)
	binary.BigEndian.PutUint64(t.ID[8:], m.Uint64())
	for range 1 + m.IntN(12) {
		parent := int32(-1)
		if n := len(t.Spans); n > 0 && m.IntN(12) > 0 {
			parent = int32(m.IntN(n))
		}
		t.Spans = append(t.Spans, m.span(parent, t.Spans))
	}
	if m.IntN(3) > 0 {
		key := []string{"session.id", "gen_ai.conversation.id"}[m.IntN(2)]
		t.Spans[0].Attributes = append(t.Spans[0].Attributes, text(key, fmt.Sprint("session ", m.IntN(40))))
	}
	inOrder(t)
	for range m.IntN(4) {
		l := m.log()
		l.Span = int32(m.IntN(len(t.Spans)+1)) - 1
		l.Time = t.Spans[0].Start + m.Uint64N(1e8)
		t.Logs = append(t.Logs, *l)
	}
	return t
}

// inOrder puts spans in the order that intake says.
func inOrder(t *intake.Trace) {
	order := make([]int32, len(t.Spans))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int {
		a, b := &t.Spans[i], &t.Spans[j]
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End), slices.Compare(a.ID[:], b.ID[:]))
	})
	to := make([]int32, len(t.Spans))
	spans := make([]intake.Span, len(t.Spans))
	for k, i := range order {
		to[i], spans[k] = int32(k), t.Spans[i]
	}
	for i := range spans {
		if spans[i].Parent >= 0 {
			spans[i].Parent = to[spans[i].Parent]
		}
	}
	t.Spans = spans
}

func (m *maker) log() *intake.Log {
	return &intake.Log{
		Time: 1e18, Span: -1, Severity: uint8(1 + m.IntN(24)), Event: fmt.Appendf(nil, "%d", m.IntN(2)),
		Body:       text("", fmt.Sprintf("message %d of %c", m.IntN(1000), 'a'+m.IntN(6))),
		Resource:   m.resources[m.IntN(len(m.resources))],
		Attributes: m.attributes(3), Raw: make([]byte, 30),
	}
}

func (m *maker) point() *intake.Point {
	return &intake.Point{
		Metric: fmt.Appendf(nil, "metric.%d", m.IntN(30)), Unit: []byte("s"), Kind: otlp.MetricKind(m.IntN(5)),
		Temporality: otlp.TemporalityDelta, Monotonic: m.IntN(2) == 0, Value: m.NormFloat64(), Count: m.Uint64N(50),
		Start: 1e18, Time: 1e18 + m.Uint64N(1e10),
		Resource: m.resources[m.IntN(len(m.resources))], Attributes: m.attributes(2), Raw: make([]byte, 15),
	}
}

func draw(seed uint64, traces int) *made {
	m, d := newMaker(seed), new(made)
	for range traces {
		d.traces = append(d.traces, m.trace())
		d.logs = append(d.logs, m.log())
		d.points = append(d.points, m.point())
	}
	return d
}

func (d *made) shuffle(r *rand.Rand) {
	r.Shuffle(len(d.traces), func(i, j int) { d.traces[i], d.traces[j] = d.traces[j], d.traces[i] })
	r.Shuffle(len(d.logs), func(i, j int) { d.logs[i], d.logs[j] = d.logs[j], d.logs[i] })
	r.Shuffle(len(d.points), func(i, j int) { d.points[i], d.points[j] = d.points[j], d.points[i] })
}

// profile makes one of what stands between two places.
func (d *made) profile(o Options, from, to int) *Profile {
	b := NewBuilder(o)
	for i := from; i < to; i++ {
		b.Trace(d.traces[i])
		b.Log(d.logs[i])
		b.Point(d.points[i])
	}
	return b.Finish()
}

// differences lists where two profiles are not the same.
func differences(a, b *Profile) (out []string) {
	fields := func(p *Profile) map[string]string {
		m := make(map[string]string)
		p.walk(func(path, value []byte) { m[string(path)] = string(value) })
		return m
	}
	x, y := fields(a), fields(b)
	for path, v := range x {
		if w, ok := y[path]; !ok || v != w {
			out = append(out, fmt.Sprintf("%s: %x, %x", path, v, w))
		}
	}
	for path := range y {
		if _, ok := x[path]; !ok {
			out = append(out, path+" is more")
		}
	}
	slices.Sort(out)
	return out
}

func same(t *testing.T, what string, a, b *Profile) {
	t.Helper()
	if a.Equal(b) {
		return
	}
	list := differences(a, b)
	t.Errorf("%s: %d differences, such as", what, len(list))
	for _, d := range list[:min(len(list), 10)] {
		t.Error(d)
	}
}
