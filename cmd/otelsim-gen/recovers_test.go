//go:build unix

package main

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// known is a system of which all that counts is known.
const known = `name: known
session:
  - one_of: [{call: web.GET /, weight: 5}, {call: web.POST /orders, weight: 3}, {call: web.GET /items, weight: 2}]
services:
  web:
    protocol: http
    operations:
      GET /:
        own: {distribution: log_normal, median_ms: 12, sigma: 0.5}
        calls: [{call: cache.GET, probability: 0.4}]
      GET /items:
        own: {distribution: log_normal, median_ms: 40, sigma: 0.8}
        error: {rate: 8%, types: [503]}
        calls: [{one_of: [{call: db.SELECT items, weight: 7}, {call: cache.GET, weight: 3}]}]
      POST /orders:
        own: {distribution: log_normal, median_ms: 25, sigma: 0.3}
        calls: [{call: pay.Charge, retry: {max_attempts: 2}}]
  pay:
    protocol: grpc
    operations:
      Charge: {own: {distribution: log_normal, median_ms: 90, sigma: 0.4}, error: {rate: 20%, types: [UNAVAILABLE]}}
  db: {protocol: db, operations: {SELECT items: {latency: 6, error: {rate: 5%, types: [timeout]}}}}
  cache: {protocol: db, system: redis, operations: {GET: {latency: 1}}}
`

// knownSessions is how many of them are generated, each of one request.
const knownSessions = 6000

// truth is a number of known that learning has to find.
type truth struct {
	name  string
	want  float64
	n     float64 // things that it was learnt from, about
	sigma float64 // of the logarithm of what it is the median of; 0: it is a share; -1: it is a number of things
	got   func(s *scenario.System) float64
}

// truths are those of known: shares of the requests, of what is called, of what fails and of
// what the second attempt makes good, how often and after which wait that is made, and medians of times.
func truths(t *testing.T) []truth {
	share := func(op string, has ...string) func(*scenario.System) float64 {
		return func(s *scenario.System) float64 { return shareOf(t, s, op, has...) }
	}
	const first = "web.POST /orders"
	charge, failed := "pay.pay/Charge", "pay.pay/Charge!UNAVAILABLE"
	return []truth{
		{"requests of GET /", 0.5, knownSessions, 0, func(s *scenario.System) float64 { return requestShare(s, "web.GET /") }},
		{"requests of POST /orders", 0.3, knownSessions, 0, func(s *scenario.System) float64 { return requestShare(s, first) }},
		{"requests of GET /items", 0.2, knownSessions, 0, func(s *scenario.System) float64 { return requestShare(s, "web.GET /items") }},
		{"GET / asks the cache", 0.4, 0.5 * knownSessions, 0, share("web.GET /", "GET")},
		{"GET /items asks the database", 0.7, 0.2 * knownSessions, 0, share("web.GET /items", "SELECT items*")},
		{"GET /items fails by itself", 0.08, 0.2 * knownSessions, 0, share("web.GET /items", "fails 503")},
		{"queries that fail", 0.05, 0.2 * 0.7 * knownSessions, 0, func(s *scenario.System) float64 {
			return shareOf(t, s, "web.GET /items", "SELECT items!timeout") / shareOf(t, s, "web.GET /items", "SELECT items*")
		}},
		{"charges that fail", 0.2, 0.3 * 1.2 * knownSessions, 0, share(charge, "fails UNAVAILABLE")},
		{"orders with a second attempt", 0.2, 0.3 * knownSessions, 0, share(first, failed)},
		{"second attempts that succeed", 0.8, 0.3 * 0.2 * knownSessions, 0, func(s *scenario.System) float64 {
			return shareOf(t, s, first, failed, charge) / shareOf(t, s, first, failed)
		}},
		{"attempts of a charge", 2, 0, -1, func(s *scenario.System) float64 {
			return retryOf(s, first, func(r *scenario.Retry) float64 { return float64(r.MaxAttempts) })
		}},
		{"wait before the second attempt", 100, 0.3 * 0.2 * knownSessions, 0.14, func(s *scenario.System) float64 {
			return retryOf(s, first, func(r *scenario.Retry) float64 { return r.BackoffBase })
		}},
		{"charges of good orders that succeed at first", 0.8 / 0.96, 0.3 * 0.96 * knownSessions, 0, func(s *scenario.System) float64 {
			return retryOf(s, first, func(r *scenario.Retry) float64 { return r.SuccessRates[0] })
		}},
		{"time of GET /", 12, 0.5 * 0.6 * knownSessions, 0.5, median("web.GET /")},
		{"time of GET /items", 40, 0.2 * 0.8 * knownSessions, 0.8, median("web.GET /items")},
		{"time of POST /orders", 25, 0.3 * 0.8 * knownSessions, 0.3, median(first)},
		{"time of charges", 90, 0.3 * 0.8 * knownSessions, 0.4, median(charge)},
	}
}

// bound is by how much the number may be off by chance: 4 standard errors, of a share, or of a
// median with what its digest may be off.
func (x *truth) bound() float64 {
	switch x.sigma {
	case -1:
		return 0
	case 0:
		return 4 * math.Sqrt(x.want*(1-x.want)/x.n)
	}
	return x.want * (math.Expm1(4*x.sigma*math.Sqrt(math.Pi/2/x.n)) + 0.01)
}

// TestRecoversParameters learns from data of a system that is known, and holds what is written
// to the truth, within what so much data allows. Data of a system with another weight, rate or
// time is seen to be of another one.
func TestRecoversParameters(t *testing.T) {
	all := truths(t)
	for _, c := range []struct{ name, old, new, off string }{
		{"known", "", "", ""},
		{"another weight of requests", "weight: 5}", "weight: 6}", "requests of GET /"},
		{"another weight of calls", "weight: 7}", "weight: 11}", "GET /items asks the database"},
		{"another probability", "probability: 0.4", "probability: 0.5", "GET / asks the cache"},
		{"another rate", "rate: 20%", "rate: 26%", "charges that fail"},
		{"another number of attempts", "max_attempts: 2", "max_attempts: 3", "attempts of a charge"},
		{"another wait", "max_attempts: 2", "max_attempts: 2, backoff_base_ms: 108", "wait before the second attempt"},
		{"another time", "median_ms: 12", "median_ms: 13.5", "time of GET /"},
	} {
		s := learntSystem(t, strings.Replace(known, c.old, c.new, 1))
		var off []string
		for i := range all {
			x := &all[i]
			got := x.got(s)
			if !(math.Abs(got-x.want) <= x.bound()) {
				off = append(off, x.name)
			}
			if c.off == "" && slices.Contains(off, x.name) {
				t.Errorf("%s: got %.4f, want %.4f within %.4f", x.name, got, x.want, x.bound())
			}
		}
		if c.off != "" && !slices.Contains(off, c.off) {
			t.Errorf("%s: %q is not seen to be off, only %q", c.name, c.off, off)
		}
	}
}

// learntSystem is what is learnt from data of a system.
func learntSystem(t *testing.T, text string) *scenario.System {
	t.Helper()
	dir := scratch(t)
	file, data, model := filepath.Join(dir, "known.yaml"), filepath.Join(dir, "data"), filepath.Join(dir, "model")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "--definitions", file, "--seed", "1", "-n", strconv.Itoa(knownSessions), "--signals", "traces", "--quiet", "-o", data)
	mustRun(t, "learn", "--quiet", data, "-o", model)
	name := filepath.Join(model, "scenarios", "learnt.yaml")
	learnt, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var p input.Problems
	list := scenario.Parse([]input.File{{Name: name, Data: learnt}}, nil, scenario.ParseOptions{}, &p)
	if len(list) != 1 || list[0].System == nil || p.Errors() > 0 {
		t.Fatalf("%v\n%s", p.Err(), learnt)
	}
	return list[0].System
}

// operationOf returns the operation of a name, such as web.GET /.
func operationOf(s *scenario.System, name string) *scenario.Operation {
	for i := range s.Services {
		for k := range s.Services[i].Operations {
			if op := &s.Services[i].Operations[k]; s.Services[i].Name+"."+op.Name == name {
				return op
			}
		}
	}
	return nil
}

// requestShare is the share of requests that are of an operation.
func requestShare(s *scenario.System, name string) float64 {
	some, all := 0.0, 0.0
	var visit func(c *scenario.Call, share float64)
	visit = func(c *scenario.Call, share float64) {
		if len(c.To) == 1 {
			all += share
			if nameOfRef(s, c.To[0]) == name {
				some += share
			}
		}
		for i, w := range c.OneOf {
			visit(&c.Calls[i], share*w/sum(c.OneOf))
		}
	}
	for i := range s.Session {
		visit(&s.Session[i], 1)
	}
	return some / all
}

func sum(list []float64) (all float64) {
	for _, x := range list {
		all += x
	}
	return all
}

func nameOfRef(s *scenario.System, ref scenario.OperationRef) string {
	m := &s.Services[ref.Service]
	return m.Name + "." + m.Operations[ref.Operation].Name
}

// shareOf is the share of the times that an operation does these, one after the other with
// others between them, or nothing of the kind; a star is any end.
func shareOf(t *testing.T, s *scenario.System, op string, has ...string) (share float64) {
	o := operationOf(s, op)
	if o == nil {
		return math.NaN()
	}
	weights := []float64{1}
	if len(o.Variants) > 0 {
		weights = nil
		for i := range o.Variants {
			weights = append(weights, o.Variants[i].Weight)
		}
	}
	for i, way := range o.Ways() {
		for did, p := range waysOf(t, s, way) {
			if inOrder(strings.Split(did, "\n"), has) {
				share += p * weights[i] / sum(weights)
			}
		}
	}
	return share
}

func inOrder(did, has []string) bool {
	for _, x := range did {
		if len(has) == 0 {
			break
		}
		if start, open := strings.CutSuffix(has[0], "*"); x == has[0] || open && strings.HasPrefix(x, start) {
			has = has[1:]
		}
	}
	return len(has) == 0
}

// waysOf returns all that an operation may do, as lines, and how likely each is.
func waysOf(t *testing.T, s *scenario.System, op *scenario.Operation) map[string]float64 {
	word := ""
	if op.Error != nil && op.Error.Rate == 1 {
		word = "fails " + op.Error.Types[0]
	} else if op.Error != nil && op.Error.Rate > 0 {
		t.Fatalf("%s: a rate of %v is not known here", op.Name, op.Error.Rate)
	}
	out := map[string]float64{word: 1}
	for i := range op.Calls {
		out = product(out, callWays(t, s, &op.Calls[i]))
	}
	return out
}

// callWays are those of a call.
func callWays(t *testing.T, s *scenario.System, c *scenario.Call) map[string]float64 {
	var once map[string]float64
	switch {
	case c.Async || c.After || c.IfFailed || c.Retry != nil && c.Inner != nil:
		t.Fatal("a call of a sort that is not known here")
	case c.Retry != nil:
		once = retryWays(t, s, c)
	case len(c.To) > 0:
		once = toWays(t, s, c, c.Way)
	case c.Inner != nil:
		name := c.Inner.Name
		if e := c.Inner.Error; e != nil && e.Rate == 1 {
			name += "!" + e.Types[0]
		}
		once = product(map[string]float64{name: 1}, waysOf(t, s, c.Inner))
	case c.OneOf != nil:
		once = make(map[string]float64)
		for i, w := range c.OneOf {
			for did, p := range callWays(t, s, &c.Calls[i]) {
				once[did] += p * w / sum(c.OneOf)
			}
		}
	default:
		once = map[string]float64{"": 1}
		for i := range c.Calls {
			once = product(once, callWays(t, s, &c.Calls[i]))
		}
	}
	all := once
	if c.Count != nil {
		if c.Count.Min != c.Count.Max || c.Count.Dist != nil {
			t.Fatal("a number of calls that is not known here")
		}
		for range c.Count.Min - 1 {
			all = product(all, once)
		}
	}
	out := map[string]float64{"": 1 - c.Probability}
	for did, p := range all {
		out[did] += p * c.Probability
	}
	return out
}

// retryOf is what the retry of the most frequent way of an operation says.
func retryOf(s *scenario.System, name string, says func(*scenario.Retry) float64) float64 {
	if op := operationOf(s, name); op != nil {
		way := op
		if len(op.Variants) > 0 {
			most := slices.MaxFunc(op.Variants, func(a, b scenario.Variant) int { return cmp.Compare(a.Weight, b.Weight) })
			way = &most.Way
		}
		for i := range way.Calls {
			if r := way.Calls[i].Retry; r != nil {
				return says(r)
			}
		}
	}
	return math.NaN()
}

// retryWays are those of a call that is made again.
func retryWays(t *testing.T, s *scenario.System, c *scenario.Call) map[string]float64 {
	r, out := c.Retry, make(map[string]float64)
	some := func(ways []int) map[string]float64 { return toWays(t, s, c, ways...) }
	before := map[string]float64{"": 1}
	for k := range int(r.MaxAttempts) {
		failing, succeeds := some([]int{c.Way}), 0.0
		if r.Failing != nil {
			succeeds, failing = r.SuccessRates[min(k, len(r.SuccessRates)-1)], some(r.Failing)
			for did, p := range product(before, some(r.Succeeding)) {
				out[did] += p * succeeds
			}
		}
		before = product(before, failing)
		for did := range before {
			before[did] *= 1 - succeeds
		}
	}
	for did, p := range before {
		out[did] += p
	}
	return out
}

// toWays are those of a call of an operation in some ways, of which 0 is any: its name, with how
// that fails, and what it does.
func toWays(t *testing.T, s *scenario.System, c *scenario.Call, ways ...int) map[string]float64 {
	out := make(map[string]float64)
	op := &s.Services[c.To[0].Service].Operations[c.To[0].Operation]
	for i, way := range op.Ways() {
		weight := 1.0
		if len(op.Variants) > 0 {
			weight = op.Variants[i].Weight
		}
		name := nameOfRef(s, c.To[0])
		if e := way.Error; e != nil && e.Rate == 1 {
			name += "!" + e.Types[0]
		}
		if slices.Contains(ways, 0) || slices.Contains(ways, 1+i) {
			for did, p := range product(map[string]float64{name: 1}, waysOf(t, s, way)) {
				out[did] += p * weight
			}
		}
	}
	all := 0.0
	for _, w := range out {
		all += w
	}
	for name := range out {
		out[name] /= all
	}
	return out
}

// product is one after the other.
func product(a, b map[string]float64) map[string]float64 {
	out := make(map[string]float64)
	for x, p := range a {
		for y, q := range b {
			out[strings.Trim(fmt.Sprint(x, "\n", y), "\n")] += p * q
		}
	}
	return out
}

// median returns that of the own time of the most frequent way of an operation.
func median(name string) func(*scenario.System) float64 {
	return func(s *scenario.System) float64 {
		op := operationOf(s, name)
		if op == nil {
			return math.NaN()
		}
		way, most := op, 0.0
		for i := range op.Variants {
			if v := &op.Variants[i]; v.Weight > most {
				way, most = &v.Way, v.Weight
			}
		}
		switch d := way.Latency; d.Kind {
		case dist.LogNormal:
			return d.Median
		case dist.Empirical:
			if i := slices.Index(d.At, 0.5); i >= 0 {
				return d.Quantiles[i]
			}
		}
		return math.NaN()
	}
}
