package gen_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

const inVariants = `
name: variants
session: [{one_of: [{call: web.GET /, weight: 3}, {call: web.GET /, variant: cached, weight: 1}]}]
services:
  web:
    operations:
      GET /:
        own: 5
        attributes: {way: usual, who: all}
        calls:
          - pay.Charge
          - {call: pay.Charge, variant: declined, optional: true, attributes: {asked: declined}}
          - {call: pay.Charge, retry: {max_attempts: 2, retryable_errors: [UNAVAILABLE, FAILED_PRECONDITION], backoff_base_ms: 1}, optional: true, attributes: {asked: again}}
          - {call: db.SELECT x, retry: {max_attempts: 2, backoff_base_ms: 1}, optional: true}
          - {call: q.in, batch: 2}
          - local.step
        variants:
          usual: {weight: 7}
          cached: {weight: 2, own: 1, attributes: {way: cached}, calls: [{span: lookup}]}
          broken: {weight: 1, attributes: {way: broken}, error: {rate: 1, types: [503]}, calls: []}
  pay:
    protocol: grpc
    operations:
      Charge:
        latency: {distribution: constant, value: 10}
        variants:
          accepted: {weight: 8}
          declined: {weight: 1, latency: {distribution: constant, value: 50}, error: {rate: 1, types: [FAILED_PRECONDITION]}}
          away: {weight: 1, error: {rate: 1, types: [UNAVAILABLE]}}
  db:
    protocol: db
    operations:
      SELECT x:
        variants:
          many: {weight: 3, attributes: {rows: 9}}
          none: {weight: 1, error: {rate: 1, types: [_OTHER]}, attributes: {rows: 0}}
  q: {protocol: messaging, operations: {in: {variants: {a: {weight: 4, attributes: {way: a}}, b: {attributes: {way: b}}}}}}
  local: {protocol: none, operations: {step: {variants: {a: {weight: 2, attributes: {way: a}}, b: {attributes: {way: b}}}}}}
`

// Each time that an operation is called it goes in one of its ways, by their weights,
// and every attempt anew; who names one gets that one.
func TestOperationsGoInTheirVariants(t *testing.T) {
	const n = 12_000
	p := system(t, inVariants)
	roots, pays, again := map[string]int{}, map[string]int{}, map[string]int{}
	others := map[string]int{}
	tried, twice, rows := 0, 0, map[string]int{}
	runSystem(t, p, 5, n, func(m *answered) {
		queries := 0
		for i := range m.t.Spans {
			way := m.attr(i, "way")
			switch name := m.name(i); name {
			case "GET /":
				roots[way]++
				if m.attr(i, "who") != "all" {
					t.Fatal("what the operation says of all its variants is lost")
				}
				if failed := m.t.Spans[i].Status == otlp.StatusError; way == "broken" && (!failed || len(m.below(i)) > 0) {
					t.Fatal("the variant that always fails did not, or called somebody")
				}
			case "pay/Charge":
				if m.t.Spans[i].Kind != otlp.SpanKindServer {
					continue
				}
				got := m.attr(i, "rpc.status_code")
				took := m.t.Spans[i].End - m.t.Spans[i].Start
				if (got == "FAILED_PRECONDITION") != (took == 50e6) {
					t.Fatalf("%s after %d ns", got, took)
				}
				switch m.attr(m.parents[i], "asked") {
				case "declined":
					if got != "FAILED_PRECONDITION" {
						t.Fatalf("the call of a variant got %s", got)
					}
				case "again":
					again[got]++
				default:
					pays[got]++
				}
			case "SELECT x":
				queries++
				rows[m.attr(i, "rows")]++
				if (m.attr(i, "rows") == "0") != (m.attr(i, "error.type") != "") {
					t.Fatal("a variant has the attributes of another")
				}
			case "process in", "step":
				others[name+way]++
			}
		}
		if queries > 0 {
			tried++
			twice += queries - 1
		}
	})
	near(t, "cached", roots["cached"], n, 0.25+0.75*0.2)
	near(t, "broken", roots["broken"], n, 0.75*0.1)
	near(t, "declined", pays["FAILED_PRECONDITION"], pays["OK"]+pays["FAILED_PRECONDITION"]+pays["UNAVAILABLE"], 0.1)
	near(t, "declined at any attempt", again["FAILED_PRECONDITION"], again["OK"]+again["FAILED_PRECONDITION"]+again["UNAVAILABLE"], 0.1)
	near(t, "no rows at any attempt", rows["0"], rows["0"]+rows["9"], 0.25)
	near(t, "tried twice", twice, tried, 0.25)
	near(t, "of messages", others["process ina"], others["process ina"]+others["process inb"], 0.8)
	near(t, "of steps", others["stepa"], others["stepa"]+others["stepb"], 2.0/3)
}

// Requests of a session say whose they are, unless the session has no id.
func TestSessionsWithoutAnID(t *testing.T) {
	for text, want := range map[string]bool{"": true, "conversation: {session_id: true}\n": true, "conversation: {session_id: false}\n": false} {
		p := system(t, text+`name: anonymous
session: [{call: web.GET /, count: 2}]
services: {web: {operations: {GET /: {variants: {a: , b: {own: 2}}}}}}
`)
		runSystem(t, p, 1, 20, func(m *answered) {
			if got := m.attr(0, "session.id") != ""; got != want {
				t.Fatalf("%q: it has an id: %t", text, got)
			}
		})
	}
}

// What only some spans tell so many tell, and each event has values of its own; it
// moves nothing else.
func TestWhatSomeSpansTell(t *testing.T) {
	const n = 20_000
	text := func(share, more string) string {
		return `name: some
services:
  web:
    operations:
      GET /:
        error: 0.2
        attributes: {all: {pattern: "{hex:8}"}, some: {pattern: "{hex:8}"` + share + `}, one: {value: 7` + share + `}}
        events: [{name: seen, when: ok` + more + `, attributes: {id: {pattern: "{hex:12}"}}}]
        logs: [{body: x, probability: 0.25, attributes: {n: 1, rare: {value: 2` + share + `}}}]
`
	}
	before := map[uint64]string{}
	runSystem(t, system(t, text("", "")), 4, n, func(m *answered) {
		before[m.iteration] = fmt.Sprint(m.t.Spans[0].Start, m.t.Spans[0].End, m.t.Spans[0].Status, m.attr(0, "all"), m.attr(0, "some"))
	})
	some, one, both, logs, rare, told, ok, times := 0, 0, 0, 0, 0, 0, 0, map[int]int{}
	runSystem(t, system(t, text(", present: 0.3", ", probability: 0.4, count: {min: 1, max: 3}")), 4, n, func(m *answered) {
		x := &m.t.Spans[0]
		a, b := m.attr(0, "some"), m.attr(0, "one")
		if a != "" {
			some++
			if want := before[m.iteration]; want != fmt.Sprint(x.Start, x.End, x.Status, m.attr(0, "all"), a) {
				t.Fatalf("got another span than %s", want)
			}
		}
		if b != "" {
			one++
			if a != "" {
				both++
			}
		}
		logs += len(m.t.Notes)
		for _, l := range m.t.Notes {
			rare += int(l.Attrs.End-l.Attrs.Start) - 1
		}
		events, ids := 0, map[string]bool{}
		for _, e := range m.t.Events[x.Events.Start:x.Events.End] {
			if m.t.Strings.String(e.Name) != "seen" {
				continue
			}
			events++
			r := otlp.UnpackRange(m.t.Attrs[e.Attrs.Start].Word)
			ids[string(m.t.Text[r.Start:r.End])] = true
		}
		if len(ids) != events {
			t.Fatal("two events have the same values")
		}
		if x.Status != otlp.StatusError {
			ok++
			if times[events]++; events > 0 {
				told++
			}
		} else if events > 0 {
			t.Fatal("an event of spans that did not fail")
		}
	})
	near(t, "some", some, n, 0.3)
	near(t, "one", one, n, 0.3)
	near(t, "both", both, n, 0.09)
	near(t, "logs", logs, n, 0.25)
	near(t, "of logs", rare, logs, 0.3)
	near(t, "events", told, ok, 0.4)
	near(t, "three events", times[3], told, 1.0/3)
}

// TestExceptionsThatEventsTell: an exception among the events takes the place of the one that
// spans have which fail, with the values that it says, and stands on those alone that fail.
func TestExceptionsThatEventsTell(t *testing.T) {
	const n = 2000
	failed, told, other := 0, 0, 0
	runSystem(t, system(t, `name: thrown
services:
  web:
    operations:
      GET /:
        error: 0.3
        events:
          - name: exception
            when: failed
            probability: 0.5
            attributes: {exception.type: acme.Gone, exception.message: {distribution: categorical, values: {one: 3, other: 1}}}
`), 4, n, func(m *answered) {
		x := &m.t.Spans[0]
		if x.Status == otlp.StatusError {
			failed++
		}
		for _, e := range m.t.Events[x.Events.Start:x.Events.End] {
			told++
			got := ""
			for _, a := range m.t.Attrs[e.Attrs.Start:e.Attrs.End] {
				got += m.t.Strings.String(a.Key) + "=" + m.t.Strings.String(otlp.StringID(a.Word)) + " "
			}
			switch got {
			case "exception.message=one exception.type=acme.Gone ":
			case "exception.message=other exception.type=acme.Gone ":
				other++
			default:
				t.Fatalf("%s tells %s", m.t.Strings.String(e.Name), got)
			}
			if x.Status != otlp.StatusError {
				t.Fatal("a span that did not fail tells of an exception")
			}
		}
	})
	near := func(what string, some, all int, p float64) {
		t.Helper()
		if sigma := math.Sqrt(p * (1 - p) / float64(all)); math.Abs(float64(some)/float64(all)-p) > 4*sigma {
			t.Errorf("%s: %d of %d, want %v of them", what, some, all, p)
		}
	}
	near("failures", failed, n, 0.3)
	near("told", told, failed, 0.5)
	near("of the other message", other, told, 0.25)
}
