package scenario

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// withPhases reads the fixture with more at its end, and scenarios of the
// given names beside it.
func withPhases(t *testing.T, more string, scenarios ...string) (*Config, []string) {
	t.Helper()
	var p input.Problems
	c := ParseConfig(input.File{Name: "a.yaml", Data: []byte(small + more)}, &p)
	var files []input.File
	for _, name := range scenarios {
		files = append(files, input.File{Name: name + ".yaml", Data: []byte("root: {}")})
	}
	c.ControlPlane.RequestTemplates = []Template{{ID: "allowed"}}
	Parse(files, c, ParseOptions{}, &p)
	return c, lines(&p)
}

func TestPhases(t *testing.T) {
	c, problems := withPhases(t, `phases:
  - name: slow
    description: the handset server is slow
    from: 1h30m
    to: 7200.5
    scenarios: claims
    tools: [File_Claim]
    divisions: [handset]
    latency_factor: 2.5
    error_rate: 0.25
    error_type: Timeout
    weights: {visits: 0, claims: 1.5}
  - {name: rush, weights: {claims: 3}}
  - {name: outage, from: 1.6e-9, to: 10s, error_rate: 1}
`, "claims", "visits")
	checkLines(t, problems)
	for i := range c.Phases {
		c.Phases[i].Pos = input.Pos{}
	}
	want := []Phase{
		{
			Name: "slow", From: 90 * time.Minute, To: 2*time.Hour + 500*time.Millisecond,
			Scenarios: []string{"claims"}, Tools: []string{"file_claim"}, Servers: []string{"handset"},
			LatencyFactor: 2.5, ErrorRate: 0.25, ErrorType: "timeout", Weights: []PhaseWeight{{"claims", 1.5}, {"visits", 0}},
		},
		{Name: "rush", To: math.MaxInt64, LatencyFactor: 1, ErrorType: "unavailable", Weights: []PhaseWeight{{"claims", 3}}},
		{Name: "outage", From: 2, To: 10 * time.Second, LatencyFactor: 1, ErrorRate: 1, ErrorType: "unavailable"},
	}
	if !reflect.DeepEqual(c.Phases, want) {
		t.Errorf("got  %+v\nwant %+v", c.Phases, want)
	}
}

func TestMistakesInPhases(t *testing.T) {
	for _, row := range []struct {
		why, text string
		want      []string
	}{
		{"keys", "phases: [{name: a, until: 5, error_rate: 1}, {error_rate: 1}, 5]\n", []string{
			`a.yaml:6:20: unknown key "until"; allowed: description, divisions, error_rate, error_type, from, latency_factor, name, operations, scenarios, services, to, tools, weights`,
			"a.yaml:6:46: phases[1].name: missing",
			"a.yaml:6:63: phases[2]: found integer 5, want a mapping"}},
		{"times", `phases:
  - {name: a, error_rate: 1, from: soon, to: -5}
  - {name: b, error_rate: 1, from: 10m, to: 600}
  - {name: c, error_rate: 1, from: -1h, to: 2000000h}
  - {name: d, error_rate: 1, from: 5 minutes}
`, []string{
			`a.yaml:7:36: phases[0].from: found string "soon", want a duration such as 1h30m, or a number of seconds`,
			"a.yaml:7:46: phases[0].to: -5 is negative",
			"a.yaml:8:45: phases[1].to: 10m0s is not after from, 10m0s",
			"a.yaml:9:36: phases[2].from: -1h0m0s is not between 0s and 876000h0m0s",
			"a.yaml:9:45: phases[2].to: 2000000h0m0s is not between 0s and 876000h0m0s",
			`a.yaml:10:36: phases[3].from: found string "5 minutes", want a duration such as 1h30m, or a number of seconds`}},
		{"names of the config", "phases: [{name: a, error_rate: 1, tools: [file_clam, ' '], divisions: handsett, scenarios: []}]\n", []string{
			`a.yaml:6:43: phases[0].tools[0]: unknown tool "file_clam"; did you mean "file_claim"?`,
			`a.yaml:6:54: phases[0].tools[1]: empty`,
			`a.yaml:6:71: phases[0].divisions: unknown division "handsett"; did you mean "handset"?`,
			"a.yaml:6:92: phases[0].scenarios: names nothing; leave the key out to mean all"}},
		{"names of scenarios", "phases: [{name: a, error_rate: 1, scenarios: [claim, visits], weights: {visit: 2}}]\n", []string{
			`a.yaml:6:47: phases[0].scenarios[0]: unknown scenario "claim"; did you mean "claims"? allowed: claims, visits`,
			`a.yaml:6:73: phases[0].weights: unknown scenario "visit"; did you mean "visits"? allowed: claims, visits`}},
		{"effects", "phases: [{name: a, latency_factor: 0, error_rate: 1.5, error_type: time_out, weights: {claims: -1, visits: often}}]\n", []string{
			"a.yaml:6:36: phases[0].latency_factor: 0 is not between 1e-06 and 1e+06",
			"a.yaml:6:51: phases[0].error_rate: 1.5 is not between 0 and 1",
			`a.yaml:6:68: phases[0].error_type: unknown value "time_out"; did you mean "timeout"? allowed: ` + errorTypeList,
			"a.yaml:6:96: phases[0].weights.claims: -1 is negative",
			`a.yaml:6:108: phases[0].weights.visits: found string "often", want a number`,
		}},
		{"nothing", "phases: [{name: a}, {name: a, latency_factor: 1, error_type: timeout, tools: file_claim, weights: {claims: 2}}]\n", []string{
			"a.yaml:6:10: warning: phases[0]: has no effect: it says no latency_factor, error_rate or weights",
			`a.yaml:6:28: duplicate phase "a"; the first is at a.yaml:6:17`,
			"a.yaml:6:62: warning: phases[1].error_type: has no effect without error_rate",
			"a.yaml:6:78: warning: phases[1].tools: has no effect: it is about latency_factor and error_rate"}},
		{"twice", "phases: [{name: a, error_rate: 1, tools: [file_claim, File_Claim]}]\n", []string{
			`a.yaml:6:55: phases[0].tools[1]: "file_claim" is there twice`}},
		{"how many there are", "cardinality: {users: 0, instances: 17, sessions: 5}\n", []string{
			"a.yaml:6:22: cardinality.users: 0 is not between 1 and 10000000",
			"a.yaml:6:36: cardinality.instances: 17 is not between 1 and 16",
			`a.yaml:6:40: unknown key "sessions"; allowed: instances, users`}},
	} {
		t.Run(row.why, func(t *testing.T) {
			_, got := withPhases(t, row.text, "claims", "visits")
			checkLines(t, got, row.want...)
		})
	}
}

// Phases name services and operations of the scenarios that there are.
func TestPhasesOfSystemsNameWhatThereIs(t *testing.T) {
	var p input.Problems
	c := ParseConfig(input.File{Name: "a.yaml", Data: []byte(small + `phases:
  - {name: a, services: [dbs, db], error_rate: 1, error_type: "40001"}
  - {name: b, operations: [web.GET /, web.GET], latency_factor: 2}
  - {name: c, services: db, tools: file_claim, latency_factor: 2}
`)}, &p)
	Parse([]input.File{{Name: "s.yaml", Data: []byte("services: {web: {operations: {GET /: {calls: [db.SELECT x]}}}, db: {protocol: db, operations: {SELECT x: {}}}}")}}, c, ParseOptions{}, &p)
	checkLines(t, lines(&p), "a.yaml:9:36: phases[2].tools: beside services or operations: a phase is about calls of agents, or about systems")
	p = input.Problems{}
	c = ParseConfig(input.File{Name: "a.yaml", Data: []byte(small + "phases:\n  - {name: a, services: [dbs, db], latency_factor: 2}\n  - {name: b, operations: [web.GET /, web.GET], latency_factor: 2}\n")}, &p)
	Parse([]input.File{{Name: "s.yaml", Data: []byte("services: {web: {operations: {GET /: {calls: [db.SELECT x]}}}, db: {protocol: db, operations: {SELECT x: {}}}}")}}, c, ParseOptions{}, &p)
	checkLines(t, lines(&p),
		`a.yaml:7:26: phases[0].services[0]: unknown service "dbs"; did you mean "db"? allowed: db, web`,
		`a.yaml:8:39: phases[1].operations[1]: unknown operation "web.GET"; did you mean "web.GET /"? allowed: db.SELECT x, web.GET /`)
	p = input.Problems{}
	c = ParseConfig(input.File{Name: "a.yaml", Data: []byte(small + "phases:\n  - {name: a, services: web, error_rate: 1, error_type: 503}\n  - {name: b, services: [web, db], error_rate: 1, error_type: 99}\n")}, &p)
	Parse([]input.File{{Name: "s.yaml", Data: []byte("services: {web: {operations: {GET /: {calls: [db.SELECT x]}}}, db: {protocol: db, operations: {SELECT x: {}}}}")}}, c, ParseOptions{}, &p)
	checkLines(t, lines(&p),
		`a.yaml:8:63: phases[1].error_type: 99 is no HTTP status of a failure, which are 400 to 599; the phase is about "web.GET /", of protocol http`)
}

func TestCardinality(t *testing.T) {
	c, problems := withPhases(t, "cardinality: {users: 10000000, instances: 16}\n")
	checkLines(t, problems)
	if c.Users != 10_000_000 || c.Instances != 16 {
		t.Errorf("got %d and %d", c.Users, c.Instances)
	}
	if c, _ = withPhases(t, ""); c.Users != 0 || c.Instances != 0 || c.Phases != nil {
		t.Errorf("got %d, %d and %v", c.Users, c.Instances, c.Phases)
	}
}

func TestParetosAndQuantiles(t *testing.T) {
	for _, row := range []struct {
		text string
		want dist.Spec
	}{
		{"pareto, alpha: 1.5", dist.Spec{Kind: dist.Pareto, Value: 100, Alpha: 1.5}},
		{"pareto, scale_ms: 20, alpha: 3, max_ms: 240", dist.Spec{Kind: dist.Pareto, Value: 20, Alpha: 3, High: 240}},
		{"Empirical, quantiles: [0, 5, 5, 80.5]", dist.Spec{Kind: dist.Empirical, Quantiles: []float64{0, 5, 5, 80.5}}},
		{"empirical, quantiles: [0, 5], whole: true", dist.Spec{Kind: dist.Empirical, Quantiles: []float64{0, 5}, Whole: true}},
	} {
		if got := child(t, "{type: planner, latency: {distribution: "+row.text+"}}").Latency; !reflect.DeepEqual(*got, row.want) {
			t.Errorf("%s: got %+v, want %+v", row.text, *got, row.want)
		}
	}
}
