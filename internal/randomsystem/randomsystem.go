// Package randomsystem draws systems of services by a seed, as scenario files, for tests:
//
//	s := randomsystem.New(7)
//	os.WriteFile("random.yaml", []byte(s.Text), 0o666) // loads without a warning
//
// Every key that calls, operations, requests and values may have is in some of the first
// twenty, and s says what the numbers in the file are.
package randomsystem

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// System is a scenario of services.
type System struct {
	Name       string
	Text       string      // the file, YAML
	Operations []Operation // those that have a span of their own, or their caller has
	Choices    []Choice
	Retries    []Retry
}

// Operation is what an operation does by itself.
type Operation struct {
	Service, Name string
	Protocol      string
	Own           bool    // Median is of its own time; else of what it takes all in all
	Median        float64 // milliseconds
	Sigma         float64 // of the log-normal distribution of that
	Error         float64 // how likely it fails by itself
	Calls         int     // how many calls it has
}

// Choice is the alternatives of a one_of, each an operation.
type Choice struct {
	Caller  string // service and operation, with a dot
	Names   []string
	Weights []float64 // which add up to 1
}

// Retry is a call that is made again when it fails.
type Retry struct {
	Caller, Callee string
	Attempts       int
	Error          float64 // of who is called, by itself
}

// drawn is a system that is being drawn.
type drawn struct {
	System
	r        *rand.Rand
	b        strings.Builder
	services []service
	apart    int // calls of consumers that begin traces of their own
}

type service struct {
	name, protocol string
	operations     []operation
}

type operation struct {
	name  string
	calls []callee
}

// callee is an operation by its places.
type callee struct{ service, operation int }

// New draws a system of three to nine services. The first is asked by users, and each
// calls those after it only.
func New(seed uint64) *System {
	d := &drawn{r: rand.New(rand.NewPCG(seed, 0x5e7))}
	d.Name = fmt.Sprintf("random_%d", seed)
	d.members()
	d.connect()
	d.head()
	for s := range d.services {
		d.service(s)
	}
	d.Text = d.b.String()
	return &d.System
}

func (d *drawn) chance(p float64) bool { return d.r.Float64() < p }

// members draws services and the names of their operations.
func (d *drawn) members() {
	protocols := []string{"http", "grpc", "none", "messaging", "db", "db"}
	for s := range 3 + d.r.IntN(7) {
		x := service{name: fmt.Sprintf("svc-%c", 'a'+s), protocol: protocols[d.r.IntN(len(protocols))]}
		if s == 0 {
			x.protocol = "http"
		}
		for o := range 1 + d.r.IntN(3) {
			x.operations = append(x.operations, operation{name: nameOf(x.protocol, s, o)})
		}
		d.services = append(d.services, x)
	}
}

func nameOf(protocol string, s, o int) string {
	switch protocol {
	case "http":
		return fmt.Sprintf("GET /%c%d/{item}", 'a'+s, o)
	case "grpc":
		return fmt.Sprintf("acme.S%d/Do%d", s, o)
	case "db":
		return []string{"SELECT", "UPDATE", "INSERT"}[o] + fmt.Sprintf(" t%d", s)
	case "messaging":
		return fmt.Sprintf("topic-%d-%d", s, o)
	}
	return fmt.Sprintf("step %d", o)
}

// connect has each operation called by one or two that come before it, so that users
// come to all of them.
func (d *drawn) connect() {
	for s := 1; s < len(d.services); s++ {
		callers := d.callers(s)
		for o := range d.services[s].operations {
			for _, k := range d.r.Perm(len(callers))[:min(1+d.r.IntN(2), len(callers))] {
				from := &d.services[callers[k].service].operations[callers[k].operation]
				from.calls = append(from.calls, callee{s, o})
			}
		}
	}
}

// callers returns the operations that may call those of a service, the nearest ones
// when there are many.
func (d *drawn) callers(s int) (out []callee) {
	for i := range s {
		if d.services[i].protocol == "db" {
			continue
		}
		for o := range d.services[i].operations {
			out = append(out, callee{i, o})
		}
	}
	return out[max(0, len(out)-6):]
}

// full is what an operation is called by others.
func (d *drawn) full(c callee) string {
	s := &d.services[c.service]
	return s.name + "." + s.operations[c.operation].name
}

// head writes what stands above the services.
func (d *drawn) head() {
	fmt.Fprintf(&d.b, "name: %s\nconversation: {think_time: {distribution: log_normal, median_ms: %d, sigma: 0.5}}\n", d.Name, 200+d.r.IntN(3000))
	fmt.Fprintf(&d.b, "interval_ms: %d\ninterval_deviation_ms: %d\n", 200+d.r.IntN(300), d.r.IntN(200))
	d.b.WriteString("values:\n")
	fmt.Fprintf(&d.b, "  item: {pattern: \"it-{hex:6}\", pool: %d, zipf: %.1f}\n", 20+d.r.IntN(400), d.r.Float64()*1.3)
	fmt.Fprintf(&d.b, "  user: {pattern: \"user-{hex:8}\", pool: %d, per: session}\n", 500+d.r.IntN(5000))
	d.b.WriteString("  order: {pattern: \"ord-{digits:10}\"}\n  currency: [EUR, USD, GBP]\nsession:\n")
	first := d.services[0].operations
	for o := range first {
		name := d.full(callee{0, o})
		switch d.r.IntN(4) {
		case 0:
			fmt.Fprintf(&d.b, "  - %q\n", name)
		case 1:
			fmt.Fprintf(&d.b, "  - {call: %q, count: {min: 1, max: %d}}\n", name, 2+d.r.IntN(3))
		case 2:
			fmt.Fprintf(&d.b, "  - {call: %q, probability: %.2f}\n", name, 0.4+0.5*d.r.Float64())
		default:
			fmt.Fprintf(&d.b, "  - one_of: [{call: %q, weight: %d}, {call: %q}]\n", name, 1+d.r.IntN(4), d.full(callee{0, d.r.IntN(len(first))}))
		}
	}
	fmt.Fprintf(&d.b, "  - {call: %q}\nservices:\n", d.full(callee{0, 0}))
}

// service writes a service.
func (d *drawn) service(s int) {
	x := &d.services[s]
	fmt.Fprintf(&d.b, "  %s:\n    protocol: %s\n", x.name, x.protocol)
	if x.protocol != "db" {
		fmt.Fprintf(&d.b, "    instances: %d\n    version: %d.%d.0\n", 1+d.r.IntN(3), 1+d.r.IntN(3), d.r.IntN(9))
	}
	d.b.WriteString("    operations:\n")
	for o := range x.operations {
		d.operation(callee{s, o})
	}
}

// duration writes what an operation or a span takes.
func (d *drawn) duration(indent string, own bool, most int) (median, sigma float64) {
	key := "latency"
	if own {
		key = "own"
	}
	median, sigma = float64(1+d.r.IntN(most)), float64(1+d.r.IntN(8))/10
	fmt.Fprintf(&d.b, "%s%s: {distribution: log_normal, median_ms: %g, sigma: %.1f}\n", indent, key, median, sigma)
	return median, sigma
}

// failures are words that each protocol has.
var failures = map[string][]string{
	"http": {"500", "503", "404", "429"}, "grpc": {"UNAVAILABLE", "NOT_FOUND", "INTERNAL"},
	"db": {"40001", "57014"}, "messaging": {"BadMessage"}, "none": {"BadState", "timeout"},
}

// operation writes an operation.
func (d *drawn) operation(at callee) {
	x := &d.services[at.service]
	op := &x.operations[at.operation]
	fmt.Fprintf(&d.b, "      %q:\n", op.name)
	o := Operation{Service: x.name, Name: op.name, Protocol: x.protocol, Own: d.chance(0.7), Calls: len(op.calls)}
	o.Median, o.Sigma = d.duration("        ", o.Own, 40)
	if d.chance(0.6) {
		o.Error = float64(1+d.r.IntN(15)) / 100
		words := slices.Clone(failures[x.protocol])
		d.r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		fmt.Fprintf(&d.b, "        error: {rate: %.2f, types: ['%s']}\n", o.Error, strings.Join(words[:1+d.r.IntN(min(2, len(words)))], "', '"))
	}
	d.attributes(at)
	if x.protocol != "db" {
		d.told()
		d.calls(at, op)
	}
	d.Operations = append(d.Operations, o)
}

// attributes writes those of an operation. The first has all shared values, which need
// somebody who uses them.
func (d *drawn) attributes(at callee) {
	all := []string{"acme.user.id: {use: user}", "acme.item: {use: item}", "acme.currency: {use: currency}", "acme.order.id: {use: order}",
		"acme.parts: {distribution: poisson, mean: 3}", "acme.plan: {distribution: categorical, values: {free: 8, paid: 2}}",
		"acme.cached: {distribution: bernoulli, p: 0.3}", "acme.region: eu-1", `acme.request: {pattern: "{uuid}"}`}
	n := 4
	if at != (callee{}) {
		d.r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		n = 1 + d.r.IntN(4)
	}
	fmt.Fprintf(&d.b, "        attributes: {%s}\n", strings.Join(all[:n], ", "))
}

// told writes events and logs.
func (d *drawn) told() {
	if d.chance(0.3) {
		d.b.WriteString("        events: [{name: acme.looked, when: ok, attributes: {acme.hits: {distribution: poisson, mean: 2}}}]\n")
	}
	if d.chance(0.4) {
		d.b.WriteString("        logs: [{body: \"begins\", at: start, severity: debug}, {event: acme.failed, body: \"it failed\", severity: error, when: failed}]\n")
	}
}
