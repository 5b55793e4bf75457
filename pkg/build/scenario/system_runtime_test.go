package scenario

import (
	"strings"
	"testing"
)

// runtimeMistakes are what people get wrong in what instances tell, each made in shop.
var runtimeMistakes = []struct {
	why, is string // stands below the service cart, at line 13
	want    []string
}{
	{"another language", "runtime: golang", []string{
		`a.yaml:13:14: services.cart.runtime: unknown value "golang"; allowed: go, jvm, nodejs, process`,
	}},
	{"languages in a list", "runtime: [go]", []string{
		`a.yaml:13:14: services.cart.runtime: found a list, want one of process, go, jvm, nodejs, or a mapping with its kind`,
	}},
	{"a slip in kind", "runtime: {knd: go}", []string{
		`a.yaml:13:14: services.cart.runtime.kind: missing; want one of process, go, jvm, nodejs`,
		`a.yaml:13:15: unknown key "knd"; did you mean "kind"? allowed: connections, cores, kind, memory`,
	}},
	{"no kind", "runtime: {cores: 2}", []string{
		`a.yaml:13:14: services.cart.runtime.kind: missing; want one of process, go, jvm, nodejs`,
	}},
	{"a key that there is not", "runtime: {kind: go, core: 2}", []string{
		`a.yaml:13:25: unknown key "core"; did you mean "cores"? allowed: connections, cores, kind, memory`,
	}},
	{"no processors", "runtime: {kind: go, cores: 0}", []string{
		`a.yaml:13:32: services.cart.runtime.cores: 0 is not between 1 and 128`,
	}},
	{"memory in words", "runtime: {kind: go, memory: much}", []string{
		`a.yaml:13:33: services.cart.runtime.memory: found string "much", want bytes, or a size such as 512MiB`,
	}},
	{"hardly any memory", "runtime: {kind: go, memory: 512KiB}", []string{
		`a.yaml:13:33: services.cart.runtime.memory: 512KiB is not from 1048576 to 17592186044416 bytes`,
	}},
	{"memory with a blank in its number", "runtime: {kind: go, memory: 5 12MiB}", []string{
		`a.yaml:13:33: services.cart.runtime.memory: found string "5 12MiB", want bytes, or a size such as 512MiB`,
	}},
	{"metrics in a list", "metrics: [a]", []string{
		`a.yaml:13:14: services.cart.metrics: found a list, want a mapping: a metric has its name as its key`,
	}},
	{"a metric of nothing", "metrics: {carts: }", []string{
		`a.yaml:13:15: warning: metric carts: it is always 0: it says none of from, base, per_request, per_waiting, per_load`,
		`a.yaml:13:22: services.cart.metrics.carts.instrument: missing; want one of counter, updowncounter, gauge, histogram, exponential_histogram`,
	}},
	{"no instrument that there is", "metrics: {carts: {instrument: meter, base: 1}}", []string{
		`a.yaml:13:35: services.cart.metrics.carts.instrument: unknown value "meter"; allowed: counter, exponential_histogram, gauge, histogram, updowncounter`,
	}},
	{"a name with a space", "metrics: {my carts: {instrument: gauge, base: 1}}", []string{
		`a.yaml:13:15: "my carts" is no name of a metric: want a letter, and then letters, digits, and any of _ . - /, up to 255`,
	}},
	{"a metric of the runtime", "runtime: go\n    metrics: {process.cpu.time: {instrument: counter, base: 1}}", []string{
		`a.yaml:14:15: metric process.cpu.time: the key runtime gives a service those of process`,
	}},
	{"a metric of spans", "metrics: {rpc.server.call.duration: {instrument: histogram, base: 1}}", []string{
		`a.yaml:13:15: metric rpc.server.call.duration: it follows from spans; choose another name`,
	}},
	{"the length of the queue", "metrics: {queue.length: {instrument: gauge, base: 1}}", []string{
		`a.yaml:13:15: metric queue.length: it comes with the key runtime; choose another name`,
	}},
	{"a counter that falls", "metrics: {carts: {instrument: counter, base: -1}}", []string{
		`a.yaml:13:50: services.cart.metrics.carts.base: -1 is negative`,
	}},
	{"more noise than value", "metrics: {carts: {instrument: gauge, base: 1, noise: 140%}}", []string{
		`a.yaml:13:58: services.cart.metrics.carts.noise: 140% is not between 0% and 100%`,
	}},
	{"what waits for nobody", "metrics: {carts: {instrument: gauge, per_waiting: 1}}", []string{
		`a.yaml:13:15: warning: metric carts: per_waiting has no effect: the service consumes no messages`,
	}},
	{"an empty attribute", "metrics: {carts: {instrument: gauge, base: 1, attributes: {'': x}}}", []string{
		`a.yaml:13:64: empty attribute key`,
	}},
	{"spans and a value beside them", "metrics: {carts: {instrument: gauge, from: a, base: 1, noise: 3%}}", []string{
		`a.yaml:13:57: services.cart.metrics.carts.base: beside from: its spans say what it shows`,
		`a.yaml:13:67: services.cart.metrics.carts.noise: beside from: its spans say what it shows`,
	}},
	{"what only spans have", "metrics: {carts: {instrument: gauge, base: 1, dimensions: [a]}}", []string{
		`a.yaml:13:63: services.cart.metrics.carts.dimensions: only beside from, which says which spans give it values`,
	}},
	{"no spans", "metrics: {carts: {instrument: gauge, from: []}}", []string{
		`a.yaml:13:48: services.cart.metrics.carts.from: no spans`,
	}},
	{"spans without a name", "metrics: {carts: {instrument: gauge, from: {kind: server}}}", []string{
		`a.yaml:13:48: services.cart.metrics.carts.from.span: missing; want the name of a span of the service`,
	}},
	{"spans twice", "metrics: {carts: {instrument: counter, from: [a, a]}}", []string{
		`a.yaml:13:54: span "a" is there twice`,
	}},
	{"values of some spans", "metrics: {carts: {instrument: counter, from: [a, {span: b, value: n}]}}", []string{
		`a.yaml:13:50: services.cart.metrics.carts.from: some of the spans have a value, and others none: want one for all of them, or for none`,
	}},
	{"a dimension twice, and a session", "metrics: {carts: {instrument: counter, from: a, attributes: {k: v}, dimensions: [k, session.id, l, l]}}", []string{
		`a.yaml:13:85: services.cart.metrics.carts.dimensions: k is an attribute of its points by attributes, too`,
		`a.yaml:13:85: services.cart.metrics.carts.dimensions: session.id is none: every session would be a series of its own`,
		`a.yaml:13:85: services.cart.metrics.carts.dimensions: l is there twice`,
	}},
	{"an attribute twice", "metrics: {carts: {instrument: counter, from: {span: a, attributes: {k: w, l: ''}}, attributes: {k: v}}}", []string{
		`a.yaml:13:73: k is an attribute of all points of the metric, too`,
		`a.yaml:13:79: attribute l: empty text`,
	}},
	{"buckets of a counter", "metrics: {carts: {instrument: counter, from: a, buckets: [1]}}", []string{
		`a.yaml:13:62: services.cart.metrics.carts.buckets: a counter has none`,
	}},
	{"buckets that fall", "metrics: {carts: {instrument: histogram, from: a, buckets: [2, 1]}}", []string{
		`a.yaml:13:68: services.cart.metrics.carts.buckets[1]: 1 is not above the bound before it`,
	}},
}

// inCart is the shop with a line below the service cart.
func inCart(line string) string {
	return strings.Replace(shop, "  cart:\n    protocol: grpc\n", "  cart:\n    protocol: grpc\n    "+line+"\n", 1)
}

func TestMistakesInWhatInstancesTellAreNamedAndPlaced(t *testing.T) {
	for _, row := range runtimeMistakes {
		t.Run(row.why, func(t *testing.T) {
			_, got := parse(t, inCart(row.is))
			checkLines(t, got, row.want...)
		})
	}
	text := strings.Replace(shop, "  db:\n", "  db:\n    runtime: go\n    metrics: {a: {instrument: gauge, base: 1}}\n", 1)
	_, got := parse(t, text)
	checkLines(t, got,
		`a.yaml:24:14: warning: services.db.runtime: has no effect: a db has no spans of its own, only those of its callers`,
		`a.yaml:25:14: warning: services.db.metrics: has no effect: a db has no spans of its own, only those of its callers`)
}

func TestSizesOfMemory(t *testing.T) {
	for _, row := range []struct {
		text string
		want int64
	}{{"2097152", 2 << 20}, {"512MiB", 512 << 20}, {"1.5 GiB", 3 << 29}, {"2GB", 2e9}, {"1500kB", 1_500_000}, {"4194304B", 4 << 20}} {
		out, got := parse(t, inCart("runtime: {kind: go, memory: "+row.text+"}"))
		checkLines(t, got)
		if r := out.System.Services[1].Runtime; r.Memory != row.want || r.Cores != usualCores || r.Connections != usualConnections {
			t.Errorf("%s: got %+v", row.text, r)
		}
	}
}
