package learn

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// runtimes are the kinds of processes that tell how they are, with a metric of theirs.
var runtimes = [][2]string{{"go", "go.goroutine.count"}, {"jvm", "jvm.thread.count"}, {"nodejs", "nodejs.eventloop.utilization"}, {"process", "process.cpu.time"}}

// tells writes what the instances of a service tell of themselves: what their processes
// are, and metrics of their own.
func (w *writer) tells(m *node, s *service) {
	told := w.toldBy(s.was)
	runtime := w.runtime(told)
	if runtime != nil {
		m.put("runtime", runtime)
	}
	own := mapping()
	for _, x := range told {
		if len(own.entries) < mostOwn {
			w.ownMetric(own, s, x, runtime != nil)
		}
	}
	if len(own.entries) > 0 {
		m.put("metrics", own)
	}
}

// mostOwn is how many metrics of its own a service gets: with a thousand instances of
// each of some services they are still as many series as may be.
const mostOwn = 20

// toldBy returns the metrics of a service, those with most points first.
func (w *writer) toldBy(service string) (out []*profile.Metric) {
	for _, m := range w.g.p.Metrics { // order-free: sorted
		if m.Service == service {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b *profile.Metric) int {
		if a.Points != b.Points {
			return int(min(max(int64(b.Points)-int64(a.Points), -1), 1))
		}
		return strings.Compare(a.Name+"\x00"+a.Unit, b.Name+"\x00"+b.Unit)
	})
	return out
}

func named(told []*profile.Metric, name string) *profile.Metric {
	if i := slices.IndexFunc(told, func(m *profile.Metric) bool { return m.Name == name }); i >= 0 {
		return told[i]
	}
	return nil
}

// runtime says what the processes of a service are; nil where they do not tell how they
// are.
func (w *writer) runtime(told []*profile.Metric) *node {
	if named(told, "process.memory.usage") == nil {
		return nil
	}
	for _, x := range runtimes {
		if named(told, x[1]) == nil {
			continue
		}
		m := mapping().with("kind", x[0])
		if n := cores(told); n > 0 {
			m.put("cores", raw(strconv.FormatUint(n, 10)))
		}
		if n := memory(told); n > 0 {
			m.put("memory", raw(bytes(n)))
		}
		if pools := named(told, "db.client.connection.count"); pools != nil {
			if _, most := pools.Values.Bounds(); most >= 1 && most <= 10_000 {
				m.put("connections", raw(digits(most, 6)))
			}
		}
		return m
	}
	return nil
}

// cores is how many processors an instance may use: what it says, or the time that it
// takes by the share of all that this is. 0: nobody knows.
func cores(told []*profile.Metric) uint64 {
	n := 0.0
	time, share := named(told, "process.cpu.time"), named(told, "process.cpu.utilization")
	switch a, b := named(told, "go.processor.limit"), named(told, "jvm.cpu.count"); {
	case a != nil:
		n = a.Values.Quantile(0.5)
	case b != nil:
		n = b.Values.Quantile(0.5)
	case time != nil && share != nil && share.Values.Mean() > 0:
		n = time.Rates.Mean() / share.Values.Mean()
	}
	if n = math.Round(n); n >= 1 && n <= 128 {
		return uint64(n)
	}
	return 0
}

// memory is how many bytes an instance may use: what it says, or what it uses by the share
// that this is, as a round number of MiB. 0: nobody knows.
func memory(told []*profile.Metric) uint64 {
	n := 0.0
	used, share := named(told, "process.memory.usage"), named(told, "process.memory.utilization")
	switch a := named(told, "go.memory.limit"); {
	case a != nil:
		_, n = a.Values.Bounds()
	case share != nil && share.Values.Mean() > 0:
		n = used.Values.Mean() / share.Values.Mean()
		step := math.Exp2(math.Floor(math.Log2(n)) - 5)
		n = float64(math.Round(n/step) * step)
	}
	if n = math.Round(n); n >= 1<<20 && n <= 1<<44 {
		return uint64(n)
	}
	return 0
}

// bytes writes a number of bytes.
func bytes(n uint64) string {
	if n%(1<<20) == 0 {
		return strconv.FormatUint(n>>20, 10) + "MiB"
	}
	return strconv.FormatUint(n, 10)
}

// notOwn are the metrics that follow from spans, beside those of marks.
var notOwn = []string{"messaging.client.sent.messages", "messaging.client.consumed.messages", "queue.length"}

// ofRuntimes are the beginnings of the names of what a runtime tells.
var ofRuntimes = []string{"process.", "go.", "jvm.", "nodejs.", "v8js.", "http.server.active_requests", "db.client.connection.count"}

// callable matches the names that metrics may have.
var callable = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)

// ownMetric writes a metric that nothing else has follow: about what its points are.
func (w *writer) ownMetric(to *node, s *service, x *profile.Metric, runtime bool) {
	begins := func(prefix string) bool { return strings.HasPrefix(x.Name, prefix) }
	traces := uint64(0)
	for _, op := range s.operations {
		traces = max(traces, tracesOf(op.path.classes))
	}
	traces = min(traces, x.Points, thingsIn(x))
	name, ok := w.policy.Name(x.Name, traces)
	if !ok || !callable.MatchString(name) || slices.Contains(notOwn, x.Name) || runtime && slices.ContainsFunc(ofRuntimes, begins) {
		return
	}
	for _, mark := range marks {
		if mark.metric == x.Name {
			return
		}
	}
	unit, ok := w.unit(x.Unit, traces)
	m := mapping().with("unit", unit)
	m.beside = text.Counted(x.Points, "point")
	if !ok || !w.leading().followed(m, x) && !shows(m, x) || slices.ContainsFunc(to.entries, func(e entry) bool { return e.key == quoted(name) }) {
		return
	}
	if attributes := w.ofAllPoints(x, m.listed("dimensions")); len(attributes.entries) > 0 {
		m.put("attributes", attributes)
	}
	to.put(name, m)
	w.own = append(w.own, ownMetric{name, unit, instrumentOf(x), m})
}

// ownMetric is a metric of a service's own that is written.
type ownMetric struct {
	name, unit, instrument string
	node                   *node
}

// thingsIn is how many things a metric has counted, which is of as many traces at most, however
// many points say so. Of what shows something else it is any number.
func thingsIn(x *profile.Metric) uint64 {
	things := x.Unit == "1" || strings.HasPrefix(x.Unit, "{")
	if len(x.Totals) == 0 || x.Kind == otlp.MetricSum && !things {
		return math.MaxUint64
	}
	count, sum := uint64(0), 0.0
	for _, t := range x.Totals {
		count += t.Count
		sum += t.Sum
	}
	if x.Kind == otlp.MetricSum {
		return uint64(min(max(math.Ceil(sum), 0), 1<<60))
	}
	return count
}

// ofAllPoints returns the attributes that all points of a metric have with one value, which
// may be said: points are of no trace, so that spans and resources must have it. Those of
// some names are left out.
func (w *writer) ofAllPoints(x *profile.Metric, not []string) *node {
	out := mapping()
	for _, key := range slices.Sorted(maps.Keys(x.Attributes)) {
		a := x.Attributes[key]
		if !onAllPoints(x, key) || a.Kinds[otlp.KindText] != a.Present {
			continue
		}
		was := a.Values.Kept()[0].Text
		traces := w.tracesWithValue(x.Service, key, was)
		name, ok := w.policy.Key(key, traces)
		if value, said := w.policy.Value(key, was, traces); ok && said && !slices.Contains(not, quoted(name)) {
			out.with(name, value)
		}
	}
	return out
}

// tracesWithValue is at least how many traces have a value of a key, on a span or on the
// resource of a service.
func (w *writer) tracesWithValue(service, key, value string) (n uint64) {
	look := func(v *sketch.Values) {
		if v == nil {
			return
		}
		for _, x := range v.Kept() {
			if x.Text == value && x.Kind == otlp.KindText {
				n = max(n, x.Traces)
			}
		}
	}
	if k := w.g.p.Keys[key]; k != nil {
		look(k.Values)
	}
	if s := w.g.p.Services[service]; s != nil && s.Attributes[key] != nil {
		look(s.Attributes[key].Values)
	}
	return n
}

// unit returns the unit of a metric, which so many traces have, as it is written: what
// stands in braces is somebody's own word.
func (w *writer) unit(was string, traces uint64) (string, bool) {
	of, braced := strings.CutPrefix(was, "{")
	of, closed := strings.CutSuffix(of, "}")
	if !braced || !closed {
		return was, len(was) <= 8 && !strings.ContainsAny(was, "{} \t\n")
	}
	name, ok := w.policy.Name(of, traces)
	return "{" + name + "}", ok && !strings.ContainsAny(name, "{} \t\n")
}

// shows says what a metric shows: the mean, and how far from it most points are. It
// reports whether that can be said.
func shows(m *node, x *profile.Metric) bool {
	instrument, base, noise := instrumentOf(x), x.Values.Mean(), 0.0
	switch instrument {
	case "counter":
		base = x.Rates.Quantile(0.5)
	case "updowncounter", "gauge":
		if base != 0 {
			noise = math.Abs((x.Values.Quantile(0.99) - x.Values.Quantile(0.01)) / 0.98 / 2 / base)
		}
	case "histogram", "exponential_histogram":
		if n := x.Counts.Mean(); n > 0 {
			base /= n
		}
	}
	if instrument == "" || math.Abs(base) > 1e6 || base < 0 && instrument != "gauge" && instrument != "updowncounter" {
		return false
	}
	m.with("instrument", instrument)
	m.put("base", raw(digits(base, 5)))
	if noise > 0.001 {
		m.put("noise", raw(digits(min(noise, 1), 3)))
	}
	return true
}

// instrumentOf is what a metric is written with; "": there is none for it.
func instrumentOf(m *profile.Metric) string {
	switch m.Kind {
	case otlp.MetricSum:
		if m.Monotonic {
			return "counter"
		}
		return "updowncounter"
	case otlp.MetricGauge:
		return "gauge"
	case otlp.MetricHistogram:
		return "histogram"
	case otlp.MetricExpHistogram:
		return "exponential_histogram"
	}
	return ""
}
