package conform

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// vitalSeries are the series that an instance of a runtime has, as metric and
// attributes; those of process are every runtime's.
var vitalSeries = map[string][]string{
	"process": {
		"process.cpu.time cpu.mode=system", "process.cpu.time cpu.mode=user",
		"process.cpu.utilization cpu.mode=system", "process.cpu.utilization cpu.mode=user",
		"process.memory.usage", "process.memory.utilization", "process.thread.count", "process.unix.file_descriptor.count", "process.uptime",
	},
	"go": {
		"go.cpu.time go.cpu.state=gc", "go.cpu.time go.cpu.state=idle", "go.cpu.time go.cpu.state=scavenge", "go.cpu.time go.cpu.state=user",
		"go.goroutine.count", "go.memory.allocated", "go.memory.allocations", "go.memory.gc.cycles", "go.memory.gc.goal",
		"go.memory.gc.pause.duration", "go.memory.limit", "go.memory.used go.memory.type=other", "go.memory.used go.memory.type=stack",
		"go.processor.limit", "go.config.gogc",
	},
	"jvm": {
		"jvm.cpu.time", "jvm.cpu.count", "jvm.cpu.recent_utilization",
		"jvm.memory.used" + inEden, "jvm.memory.used" + inSurvivor, "jvm.memory.used" + inOld, "jvm.memory.used" + inMeta,
		"jvm.memory.committed" + inEden, "jvm.memory.committed" + inSurvivor, "jvm.memory.committed" + inOld, "jvm.memory.committed" + inMeta,
		"jvm.memory.limit" + inOld, "jvm.memory.limit" + inMeta,
		"jvm.thread.count jvm.thread.daemon=false jvm.thread.state=runnable", "jvm.thread.count jvm.thread.daemon=true jvm.thread.state=timed_waiting",
		"jvm.thread.count jvm.thread.daemon=true jvm.thread.state=waiting",
		"jvm.class.loaded", "jvm.class.count", "jvm.gc.duration jvm.gc.action=end of minor GC jvm.gc.name=G1 Young Generation",
	},
	"nodejs": {
		"nodejs.eventloop.time nodejs.eventloop.state=active", "nodejs.eventloop.time nodejs.eventloop.state=idle", "nodejs.eventloop.utilization",
		"nodejs.eventloop.delay.min", "nodejs.eventloop.delay.max", "nodejs.eventloop.delay.mean", "nodejs.eventloop.delay.stddev",
		"nodejs.eventloop.delay.p50", "nodejs.eventloop.delay.p90", "nodejs.eventloop.delay.p99",
	},
}

// The pools of memory of a JVM.
const (
	inEden     = " jvm.memory.pool.name=G1 Eden Space jvm.memory.type=heap"
	inSurvivor = " jvm.memory.pool.name=G1 Survivor Space jvm.memory.type=heap"
	inOld      = " jvm.memory.pool.name=G1 Old Gen jvm.memory.type=heap"
	inMeta     = " jvm.memory.pool.name=Metaspace jvm.memory.type=non_heap"
)

// seriesOfKind are all that an instance of a runtime has.
func seriesOfKind(kind string) []string {
	if kind == "process" {
		return vitalSeries[kind]
	}
	return slices.Concat(vitalSeries["process"], vitalSeries[kind])
}

// runtimeNames are the metrics of a runtime.
func runtimeNames(kind string) (out []string) {
	for _, s := range seriesOfKind(kind) {
		name, _, _ := strings.Cut(s, " ")
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// vitals judges what an instance tells of how it is: by what its values have to do
// with each other, with its spans, and with what it may use.
func (t *lifeTeller) vitals() {
	r := t.l.told.service.Runtime
	if r == nil {
		return
	}
	all := make([]vitalValues, len(t.ticks)) // counters as if from the beginning
	for i := range all {
		all[i] = vitalValues{values: make(map[string]float64)}
	}
	complete := true
	for _, s := range seriesOfKind(r.Kind) {
		name, attrs, _ := strings.Cut(s, " ")
		series := name + t.l.origin + ":"
		if attrs != "" {
			series += " " + attrs
		}
		i, sum := 0, 0.0
		t.each(series, 0, func(p *auditPoint, _ uint64) {
			v := valueOf(p.point.Value, p.point.Kind)
			if p.metric.Kind == otlp.MetricHistogram {
				v = float64(p.point.Count)
				t.counts(p)
				if p.point.Count > 0 && (p.point.Min <= 0 || p.point.Max > 1) {
					t.wrong(p, []float64{p.point.Min, p.point.Max}, "pauses over 0 and up to a second")
				}
			}
			if p.metric.Temporality == otlp.TemporalityDelta {
				if v < 0 {
					t.wrong(p, v, "at least 0")
				}
				sum += v
				v = sum
			}
			all[i].values[s] = v
			i++
		})
		complete = complete && i == len(all)
	}
	if !complete {
		return // which has been told
	}
	before := vitalValues{at: t.begin, values: make(map[string]float64)}
	for i, tick := range t.ticks {
		now := all[i]
		now.at = tick
		t.related(&before, &now)
		before = now
	}
}

// vitalValues are the values of an instance at a time.
type vitalValues struct {
	at     uint64
	values map[string]float64
}

// sum is the sum of all series of a metric.
func (v *vitalValues) sum(metric string) (sum float64) {
	for _, s := range sortedKeys(v.values) {
		if s == metric || strings.HasPrefix(s, metric+" ") {
			sum += v.values[s]
		}
	}
	return sum
}

// relation is what two values have to do with each other: the first one is near the
// second, the same when near is 0, and at least it when that is below 0.
type relation struct {
	what       string
	have, want float64
	near       float64 // below 0: at least
}

// related judges the values of a tick.
func (t *lifeTeller) related(before, now *vitalValues) {
	r := t.l.told.service.Runtime
	for _, x := range slices.Concat(t.ofProcess(before, now), t.ofKind(r.Kind, before, now)) {
		ok := x.have >= x.want
		switch {
		case x.near > 0:
			ok = math.Abs(x.have-x.want) <= x.near+float64(1e-9*math.Abs(x.want))
		case x.near == 0:
			ok = x.have == x.want
		}
		if !ok {
			word := "at least"
			if x.near >= 0 {
				word = "want"
			}
			t.fail("audit-runtime", "%s%s at %d: %v, %s %v", x.what, t.l.origin, now.at, x.have, word, x.want)
		}
	}
}

// exactly, equal, atLeast and share are relations.
func exactly(what string, have, want float64) relation { return relation{what, have, want, 0} }
func equal(what string, have, want float64) relation   { return relation{what, have, want, 2e-8} }
func atLeast(what string, have, want float64) relation { return relation{what, have, want, -1} }
func share(what string, have, want float64) relation   { return relation{what, have, want, 2.1e-6} }

// ofProcess are the relations of every runtime.
func (t *lifeTeller) ofProcess(before, now *vitalValues) []relation {
	r := t.l.told.service.Runtime
	v := now.values
	cores, elapsed := float64(r.Cores), float64(now.at-t.begin)/1e9
	length := float64(now.at-before.at) / 1e9
	active, used := float64(t.l.requests.at(now.at)), float64(t.l.used.at(now.at))
	out := []relation{
		atLeast("processors left over", cores*length, now.sum("process.cpu.time")-before.sum("process.cpu.time")-1e-8),
		atLeast("process.memory.usage", v["process.memory.usage"], 1),
		atLeast("memory left over", float64(r.Memory), v["process.memory.usage"]),
		share("process.memory.utilization", v["process.memory.utilization"], v["process.memory.usage"]/float64(r.Memory)),
		exactly("process.thread.count", v["process.thread.count"], 4+2*cores+active),
		exactly("process.unix.file_descriptor.count", v["process.unix.file_descriptor.count"], 24+active+used),
		equal("process.uptime", v["process.uptime"], elapsed),
	}
	for _, mode := range []string{" cpu.mode=user", " cpu.mode=system"} {
		took := v["process.cpu.time"+mode] - before.values["process.cpu.time"+mode]
		out = append(out, atLeast("process.cpu.time"+mode, took, 0))
		if length > 0 {
			out = append(out, relation{"process.cpu.utilization" + mode, v["process.cpu.utilization"+mode], took / (length * cores), 2.1e-6 + 2e-9/length})
		}
	}
	return out
}

// ofKind are the relations of a runtime that is more than a process.
func (t *lifeTeller) ofKind(kind string, before, now *vitalValues) []relation {
	r := t.l.told.service.Runtime
	v, old := now.values, before.values
	cores, memory := float64(r.Cores), float64(r.Memory)
	elapsed, length := float64(now.at-t.begin)/1e9, float64(now.at-before.at)/1e9
	cpu, used := now.sum("process.cpu.time"), v["process.memory.usage"]
	var out []relation
	switch kind {
	case "go":
		out = []relation{
			equal("go.cpu.time of all states", now.sum("go.cpu.time"), cores*elapsed),
			equal("go.cpu.time of all states but idle", now.sum("go.cpu.time")-v["go.cpu.time go.cpu.state=idle"], cpu),
			exactly("go.goroutine.count", v["go.goroutine.count"], 12+2*float64(t.l.requests.at(now.at))+float64(t.l.used.at(now.at))),
			atLeast("go.memory.allocated", v["go.memory.allocated"], old["go.memory.allocated"]),
			atLeast("go.memory.allocations", v["go.memory.allocations"], old["go.memory.allocations"]),
			atLeast("bytes of an allocation", v["go.memory.allocated"], 8*v["go.memory.allocations"]),
			exactly("go.memory.gc.cycles", v["go.memory.gc.cycles"], v["go.memory.gc.pause.duration"]),
			atLeast("go.memory.gc.goal", v["go.memory.gc.goal"], used), atLeast("go.memory.limit over the goal", memory, v["go.memory.gc.goal"]),
			exactly("go.memory.limit", v["go.memory.limit"], memory), exactly("go.memory.used", now.sum("go.memory.used"), used),
			exactly("go.processor.limit", v["go.processor.limit"], cores), exactly("go.config.gogc", v["go.config.gogc"], 100),
		}
	case "jvm":
		out = []relation{
			equal("jvm.cpu.time", v["jvm.cpu.time"], cpu), exactly("jvm.cpu.count", v["jvm.cpu.count"], cores),
			share("jvm.cpu.recent_utilization", v["jvm.cpu.recent_utilization"], now.sum("process.cpu.utilization")),
			exactly("jvm.thread.count", now.sum("jvm.thread.count"), v["process.thread.count"]),
			atLeast("jvm.class.loaded", v["jvm.class.loaded"], 1), exactly("jvm.class.count", v["jvm.class.count"], v["jvm.class.loaded"]),
			{"jvm.memory.used", now.sum("jvm.memory.used"), used, 4}, exactly("jvm.memory.limit", now.sum("jvm.memory.limit"), memory),
		}
		for _, pool := range []string{inEden, inSurvivor, inOld, inMeta} {
			limit, ok := v["jvm.memory.limit"+pool]
			if !ok {
				limit = v["jvm.memory.limit"+inOld] // of the heap
			}
			out = append(out, atLeast("jvm.memory.committed"+pool, v["jvm.memory.committed"+pool], v["jvm.memory.used"+pool]),
				atLeast("jvm.memory.limit over what is committed"+pool, limit, v["jvm.memory.committed"+pool]))
		}
	case "nodejs":
		const active, idle = "nodejs.eventloop.time nodejs.eventloop.state=active", "nodejs.eventloop.time nodejs.eventloop.state=idle"
		out = []relation{
			equal("nodejs.eventloop.time of both states", v[active]+v[idle], elapsed),
			atLeast(active, v[active], old[active]), atLeast(idle, v[idle], old[idle]-1e-8),
			atLeast("process.cpu.time over the event loop's", cpu+1e-8, v[active]),
		}
		if length > 0 {
			out = append(out, relation{"nodejs.eventloop.utilization", v["nodejs.eventloop.utilization"], (v[active] - old[active]) / length, 2.1e-6 + 2e-9/length})
		}
		delays := []string{"min", "p50", "mean", "p90", "p99", "max"}
		for i := 1; i < len(delays); i++ {
			x, y := "nodejs.eventloop.delay."+delays[i-1], "nodejs.eventloop.delay."+delays[i]
			out = append(out, atLeast(y+" over "+x, v[y], v[x]), atLeast(x, v[x], 0))
		}
	}
	return out
}

// toldMetric judges a metric that instances of a service tell, by its definition
// alone. It reports whether it is one.
func (k *SignalChecker) toldMetric(m *otlp.Metrics, x *otlp.Metric, resource map[string]any) bool {
	name := m.Strings.String(x.Name)
	if !k.told.tells(resource, name) {
		return false
	}
	told := k.told.of(resource)
	def := told.metrics[name]
	k.instrument(m, x, def.unit, def.instrument, resource)
	for _, p := range m.Points[x.Points.Start:x.Points.End] {
		attrs := attrMap(m.Strings, m.Attrs, m.Text, p.Attrs)
		if len(attrs) != p.Attrs.Len() {
			k.fail("metric-dimension", "a dimension is there twice, or is no single value")
		}
		if wrong := told.dimensionsOf(name, attrs); wrong != "" {
			k.fail("metric-dimension", "%s", wrong)
		}
	}
	return true
}

// instrument judges what a metric of a service is beside its points.
func (k *SignalChecker) instrument(m *otlp.Metrics, x *otlp.Metric, unit, instrument string, resource map[string]any) {
	if have := m.Strings.String(x.Unit); have != unit {
		k.fail("metric-unit", "unit is %q, want %q", have, unit)
	}
	if x.Kind != kinds[instrument] || x.Kind == otlp.MetricSum && x.Monotonic != (instrument == "counter") {
		k.fail("metric-type", "its data is not that of a %s", instrument)
	}
	if (x.Temporality == otlp.TemporalityUnspecified) != (x.Kind == otlp.MetricGauge) ||
		instrument == "updowncounter" && x.Temporality != otlp.TemporalityCumulative {
		k.fail("metric-type", "temporality is %d", x.Temporality)
	}
	if resource["session.id"] != nil {
		k.fail("metric-resource", "its resource has a session.id")
	}
}

// dimensionsOf says what is wrong with the attributes of a point.
func (x *toldOf) dimensionsOf(name string, attrs map[string]any) string {
	want := []string{"messaging.consumer.group.name", facts[factDestination]} // of what waits
	if own := x.metrics[name].own; own != nil {
		want = nil
		for _, a := range own.Attributes {
			want = append(want, a.Name)
			if attrs[a.Name] != a.Value {
				return fmt.Sprintf("%s is %v, want %q", a.Name, attrs[a.Name], a.Value)
			}
		}
	} else if name != waitingMessages {
		return registeredDimensions(name, attrs)
	}
	for _, key := range sortedKeys(attrs) {
		if !slices.Contains(want, key) {
			return key + " is not one of its dimensions"
		}
	}
	return ""
}
