package scenario

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/internal/numbers"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// Runtime says that the instances of a service tell how they are: what they take of
// their machine, and what waits for them.
type Runtime struct {
	Kind        string // one of runtimeKinds
	Cores       int64  // processors that an instance may use, at least 1
	Memory      int64  // bytes that it may use
	Connections int64  // that each of its pools of a database keeps open
}

// OwnMetric is a metric of a service's own, which follows what its instances have to
// do. What it shows is Base, and for each request under work, each message that
// waits, and of the load so much more; of a counter, what it rises by in a second,
// and with each request.
type OwnMetric struct {
	Name, Instrument, Unit, Description   string // Instrument is one of instruments
	Base, PerRequest, PerWaiting, PerLoad float64
	Noise                                 float64     // 0 to 1: how far off it may be, as a share
	Attributes                            []Attribute // of its points, strings

	// From are the spans that give it values when they end, each for itself; none: what it
	// shows is as above. Nothing of that is said beside From.
	From       []MetricSource
	Dimensions []string  // attributes of its spans, or of their resource, that its points have, by name
	Resource   []Kept    // attributes that differ within the service and that its resource has as its spans have them, by name
	Buckets    []float64 // bounds of a histogram; nil: those that its unit has

	Pos input.Pos
}

// Tells reports whether the instances of a service tell how they are.
func (s *Member) Tells() bool { return s.Runtime != nil || len(s.Metrics) > 0 }

// SameTold reports whether two services tell the same of how they are.
func (s *Member) SameTold(o *Member) bool {
	if (s.Runtime == nil) != (o.Runtime == nil) || s.Runtime != nil && *s.Runtime != *o.Runtime {
		return false
	}
	return slices.EqualFunc(s.Metrics, o.Metrics, func(a, b OwnMetric) bool {
		return a.Name == b.Name && a.Instrument == b.Instrument && a.Unit == b.Unit && a.Description == b.Description &&
			a.Base == b.Base && a.PerRequest == b.PerRequest && a.PerWaiting == b.PerWaiting && a.PerLoad == b.PerLoad &&
			a.Noise == b.Noise && slices.EqualFunc(a.Attributes, b.Attributes, sameText) &&
			slices.EqualFunc(a.From, b.From, MetricSource.same) && slices.Equal(a.Dimensions, b.Dimensions) &&
			slices.EqualFunc(a.Resource, b.Resource, func(x, y Kept) bool { return x.Key == y.Key }) && slices.Equal(a.Buckets, b.Buckets)
	})
}

// Whole reports whether the metric counts whole things: those that its unit has in
// braces, and bytes.
func (m *OwnMetric) Whole() bool {
	return m.WholeUnit() && !m.Histogram()
}

// WholeUnit reports whether its unit is of whole things. Those of spans are whole in a
// histogram, too.
func (m *OwnMetric) WholeUnit() bool { return m.Unit == "By" || strings.HasPrefix(m.Unit, "{") }

// Has reports whether its points have an attribute, as far as their spans do.
func (m *OwnMetric) Has(key string) bool {
	is := func(a Attribute) bool { return a.Key == key }
	return slices.ContainsFunc(m.Attributes, is) || slices.Contains(m.Dimensions, key) ||
		slices.ContainsFunc(m.From, func(s MetricSource) bool { return slices.ContainsFunc(s.Attributes, is) })
}

// Histogram reports whether it is one of either kind.
func (m *OwnMetric) Histogram() bool { return strings.HasSuffix(m.Instrument, "histogram") }

// What a runtime has that says nothing of it.
const (
	usualCores       = 2
	usualMemory      = 512 << 20
	usualConnections = 10
)

// The bounds of runtimes.
const (
	maxCores       = 128 // whose time in a segment of two years is still counted in nanoseconds
	minMemory      = 1 << 20
	maxMemory      = 1 << 44
	maxConnections = 10_000
)

// runtime reads what the instances of a service are: a word, or a mapping.
func (r *members) runtime(m input.Map) *Runtime {
	n := m.Get("runtime")
	if n == nil {
		return nil
	}
	out := &Runtime{Cores: usualCores, Memory: usualMemory, Connections: usualConnections}
	switch n.Kind {
	case input.Mapping:
	case input.String:
		out.Kind = m.OneOf("runtime", runtimeKinds[0], runtimeKinds...)
		return out
	default:
		n.Fail(r.p, "found %s, want one of %s, or a mapping with its kind", n.Describe(), strings.Join(runtimeKinds, ", "))
		return nil
	}
	section, ok := n.Map(r.p, runtimeKeys...)
	if !ok {
		return nil
	}
	if section.Get("kind") == nil {
		section.Fail("kind", "missing; want one of %s", strings.Join(runtimeKinds, ", "))
	}
	out.Kind = section.OneOf("kind", runtimeKinds[0], runtimeKinds...)
	out.Cores = section.Int("cores", usualCores, 1, maxCores)
	out.Connections = section.Int("connections", usualConnections, 1, maxConnections)
	out.Memory = r.bytes(section.Get("memory"), usualMemory, minMemory, maxMemory)
	return out
}

// sizes are units of bytes, by what they stand for.
var sizes = []struct {
	unit  string
	bytes float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"B", 1},
}

// bytes reads a number of bytes, or one with a unit such as 512MiB.
func (r *members) bytes(n *input.Node, fallback, low, high int64) int64 {
	if n == nil {
		return fallback
	}
	v, ok := 0.0, false
	switch n.Kind {
	case input.Int:
		v, ok = n.Float(r.p)
		if !ok {
			return fallback
		}
	case input.String:
		text, joined := numbers.Joined(n.Text())
		for _, s := range sizes {
			if number, is := strings.CutSuffix(text, s.unit); is && joined {
				f, err := strconv.ParseFloat(number, 64)
				v, ok = math.Round(float64(f*s.bytes)), err == nil && strings.Trim(number, "0123456789.") == ""
				break
			}
		}
	}
	switch {
	case !ok:
		n.Fail(r.p, "found %s, want bytes, or a size such as 512MiB", n.Describe())
	case v < float64(low) || v > float64(high):
		n.Fail(r.p, "%s is not from %d to %d bytes", n.Text(), low, high)
	default:
		return int64(v)
	}
	return fallback
}

// maxOwnMetrics bounds the metrics of its own that a service has.
const maxOwnMetrics = 200

// ownMetrics reads the metrics of a service's own.
func (r *members) ownMetrics(m input.Map) (out []OwnMetric) {
	if n := m.Get("metrics"); n != nil && n.Kind == input.List {
		n.Fail(r.p, "found a list, want a mapping: a metric has its name as its key")
		return nil
	}
	section, _ := m.Map("metrics")
	if n := len(section.Entries()); n > maxOwnMetrics {
		m.Fail("metrics", "%d are more than the limit of %d", n, maxOwnMetrics)
		return nil
	}
	for _, e := range section.Entries() {
		x, ok := e.Value.Map(r.p, ownMetricKeys...)
		if !metricName(e.Key) {
			r.p.Errorf(e.Pos, "%s is no name of a metric: want a letter, and then letters, digits, and any of _ . - /, up to 255", input.Quote(e.Key))
			ok = false
		}
		if why := taken(e.Key, m.Get("runtime") != nil); why != "" {
			r.p.Errorf(e.Pos, "metric %s: %s", e.Key, why)
			ok = false
		}
		if ok {
			out = append(out, r.ownMetric(e, x))
		}
	}
	return out
}

// metricName reports whether OpenTelemetry's instruments may have a name.
func metricName(s string) bool {
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || (c < '0' || c > '9') && !strings.ContainsRune("_.-/", rune(c))) {
			return false
		}
	}
	return s != "" && len(s) <= 255
}

// taken says why a service can have no metric of a name of its own: it has one that
// the product makes.
func taken(name string, runtime bool) string {
	for _, prefix := range []string{"process.", "go.", "jvm.", "nodejs.", "v8js."} {
		if runtime && strings.HasPrefix(name, prefix) {
			return "the key runtime gives a service those of " + strings.TrimSuffix(prefix, ".")
		}
	}
	if slices.Contains(MadeBySpans, name) {
		return "it follows from spans; choose another name"
	}
	if name == QueueLength || runtime && (name == "http.server.active_requests" || name == "db.client.connection.count") {
		return "it comes with the key runtime; choose another name"
	}
	return ""
}

// MadeBySpans are the metrics that the spans of protocols give values to.
var MadeBySpans = []string{
	"db.client.operation.duration", "http.client.request.duration", "http.server.request.duration",
	"messaging.client.consumed.messages", "messaging.client.operation.duration", "messaging.client.sent.messages",
	"messaging.process.duration", "rpc.client.call.duration", "rpc.server.call.duration",
}

// QueueLength is the metric of messages that wait for a consumer, of which the
// registry has none.
const QueueLength = "queue.length"

// ownMetric reads one metric.
func (r *members) ownMetric(e input.Entry, m input.Map) OwnMetric {
	out := OwnMetric{Name: e.Key, Pos: e.Pos, Unit: m.Str("unit", "1"), Description: m.Str("description", "")}
	if m.Get("instrument") == nil {
		m.Fail("instrument", "missing; want one of %s", strings.Join(instruments, ", "))
	}
	out.Instrument = m.OneOf("instrument", "gauge", instruments...)
	low, high := -float64(mostOwn), float64(mostOwn)
	if out.Instrument == "counter" || out.Histogram() {
		low = 0 // neither ever goes down
	}
	if out.Whole() {
		low, high = float64(low*mostOwn), float64(high*mostOwn)
	}
	if m.Get("from") != nil {
		r.fromSpans(m, &out)
		return out
	}
	for _, key := range []string{"value", "dimensions", "resource", "buckets"} {
		if m.Get(key) != nil {
			m.Fail(key, "only beside from, which says which spans give it values")
		}
	}
	before := r.p.Found()
	out.Base = m.Float("base", 0, low, high)
	out.PerRequest = m.Float("per_request", 0, low, high)
	out.PerWaiting = m.Float("per_waiting", 0, low, high)
	out.PerLoad = m.Float("per_load", 0, low, high)
	out.Noise = r.share(m.Get("noise"), 0)
	if m.Get("base") == nil && out.PerRequest == 0 && out.PerWaiting == 0 && out.PerLoad == 0 && r.p.Found() == before {
		r.p.Warnf(e.Pos, "metric %s: it is always 0: it says none of from, base, per_request, per_waiting, per_load", e.Key)
	}
	out.Attributes = r.pointAttributes(m)
	return out
}

// pointAttributes reads texts that points of a metric have, by their keys.
func (r *members) pointAttributes(m input.Map) (out []Attribute) {
	more, _ := m.Map("attributes")
	for _, a := range more.Entries() {
		v, ok := a.Value.Str(r.p)
		if a.Key == "" {
			r.p.Errorf(a.Pos, "empty attribute key")
		} else if ok {
			out = append(out, Attribute{Key: a.Key, Pos: a.Pos, Value: Value{Kind: String, Str: v}})
		}
	}
	slices.SortFunc(out, func(a, b Attribute) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// mostOwn bounds what a metric of one's own is made of, and its square that of one
// that counts whole things.
const mostOwn = 1_000_000
