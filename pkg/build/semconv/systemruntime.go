package semconv

import (
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// SystemRuntime is what the instances of a service tell of how they are.
type SystemRuntime struct {
	Kind        string // process, go, jvm or nodejs
	Cores       int64
	Memory      int64 // bytes
	Connections int64 // that a pool of a database keeps open
}

// OwnMetric is a metric of a service's own: what it shows is Base, and for each
// request under work, each message that waits, and of the load so much more; of a
// counter, what it rises by in a second, and with each request.
type OwnMetric struct {
	Name, Instrument, Unit                       string
	Base, PerRequest, PerWaiting, PerLoad, Noise float64
	Attributes                                   []OwnAttribute // of its points, by name
}

// OwnAttribute is an attribute of all points of an OwnMetric.
type OwnAttribute struct{ Name, Value string }

// The bounds of what the section may say.
const (
	maxRuntime    = 1 << 50
	maxOwn        = 1e15
	maxOwnMetrics = 1000
)

// systemRuntime reads how the instances of a service are.
func (r *parser) systemRuntime(service input.Map) *SystemRuntime {
	m, ok := service.Map("runtime", "kind", "cores", "memory", "connections")
	if !ok {
		return nil
	}
	return &SystemRuntime{
		Kind:  m.OneOf("kind", "process", "process", "go", "jvm", "nodejs"),
		Cores: m.Int("cores", 1, 1, maxRuntime), Memory: m.Int("memory", 1, 1, maxRuntime), Connections: m.Int("connections", 0, 0, maxRuntime),
	}
}

// ownMetrics reads the metrics of a service's own.
func (r *parser) ownMetrics(service input.Map) (out []OwnMetric) {
	items := service.List("metrics")
	if len(items) > maxOwnMetrics {
		service.Fail("metrics", "%d are more than the limit of %d", len(items), maxOwnMetrics)
		return nil
	}
	for _, item := range items {
		m, ok := item.Map(r.p, "name", "instrument", "unit", "base", "per_request", "per_waiting", "per_load", "noise", "attributes")
		if !ok {
			continue
		}
		x := OwnMetric{
			Name: m.Need("name"), Unit: r.exactly(m, "unit"),
			Instrument: m.OneOf("instrument", "gauge", "counter", "updowncounter", "gauge", "histogram", "exponential_histogram"),
			Base:       m.Float("base", 0, -maxOwn, maxOwn), PerRequest: m.Float("per_request", 0, -maxOwn, maxOwn),
			PerWaiting: m.Float("per_waiting", 0, -maxOwn, maxOwn), PerLoad: m.Float("per_load", 0, -maxOwn, maxOwn),
			Noise: m.Float("noise", 0, 0, 1),
		}
		attributes, _ := m.Map("attributes")
		for _, e := range attributes.Entries() {
			value, _ := e.Value.Str(r.p)
			x.Attributes = append(x.Attributes, OwnAttribute{e.Key, value})
		}
		out = append(out, x)
	}
	return out
}

// runtimeText is what stands between the braces of a service for what its instances
// tell, with a comma at the end.
func (s *System) runtimeText() string {
	text := ""
	if r := s.Runtime; r != nil {
		text += "runtime: {kind: " + r.Kind
		for _, x := range []struct {
			key   string
			value int64
		}{{"cores", r.Cores}, {"memory", r.Memory}, {"connections", r.Connections}} {
			text += ", " + x.key + ": " + strconv.FormatInt(x.value, 10)
		}
		text += "}, "
	}
	if len(s.Metrics) > 0 {
		items := make([]string, len(s.Metrics))
		for i := range s.Metrics {
			items[i] = s.Metrics[i].text()
		}
		text += "metrics: [" + strings.Join(items, ", ") + "], "
	}
	return text
}

// text is a metric in braces.
func (m *OwnMetric) text() string {
	parts := []string{"name: " + strconv.Quote(m.Name), "instrument: " + m.Instrument, "unit: " + strconv.Quote(m.Unit)}
	for _, x := range []struct {
		key   string
		value float64
	}{{"base", m.Base}, {"per_request", m.PerRequest}, {"per_waiting", m.PerWaiting}, {"per_load", m.PerLoad}, {"noise", m.Noise}} {
		if x.value != 0 {
			parts = append(parts, x.key+": "+strconv.FormatFloat(x.value, 'f', -1, 64))
		}
	}
	if len(m.Attributes) > 0 {
		pairs := make([]string, len(m.Attributes))
		for i, a := range m.Attributes {
			pairs[i] = strconv.Quote(a.Name) + ": " + strconv.Quote(a.Value)
		}
		parts = append(parts, "attributes: {"+strings.Join(pairs, ", ")+"}")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
