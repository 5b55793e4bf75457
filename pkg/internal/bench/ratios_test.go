//go:build unix

package bench

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	rounds   = flag.Int("rounds", 0, "measure what the two commands cost against each other in `N` rounds; 0: not at all")
	sessions = flag.Int("sessions", 5000, "`N` sessions of the corpora of that")
	only     = flag.String("only", "", "measure rows with `TEXT` in their names alone")
)

// row is a ratio of costs, measured anew in each round.
type row struct {
	name    string
	bound   float64 // 0: none, as of what the machine is
	atLeast bool    // whether the bound is the least, not the most
	measure func() float64
}

// TestRatios prints what the commands cost against each other and against the least that
// their work takes, as ratios: all rows in turn, and that for each round, so that what else
// the machine does meets all of them alike. It never fails for a number: docs/performance.md
// says what the numbers are and what limits them.
func TestRatios(t *testing.T) {
	if *rounds == 0 {
		t.Skip("no -rounds given: make bench gives it")
	}
	rows := slices.DeleteFunc(allRows(newPlace(t)), func(r row) bool { return !strings.Contains(r.name, *only) })
	got := make([][]float64, len(rows))
	for range *rounds {
		for i, r := range rows {
			got[i] = append(got[i], r.measure())
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%-60s %9s %8s %18s\n", "ratio, the median of "+strconv.Itoa(*rounds), "bound", "median", "least to most")
	for i, r := range rows {
		slices.Sort(got[i])
		fmt.Fprintf(&out, "%-60s %s\n", r.name, r.told(got[i]))
	}
	fmt.Fprint(os.Stdout, out.String())
}

// told is what a row came to beside its bound: the median, the least and the most.
func (r *row) told(sorted []float64) string {
	median := sorted[len(sorted)/2]
	word, over := "<=", median > r.bound
	if r.atLeast {
		word, over = ">=", median < r.bound
	}
	bound, note := fmt.Sprintf("%s %6.2f", word, r.bound), ""
	switch {
	case r.bound == 0:
		bound = fmt.Sprintf("%9s", "none")
	case over:
		note = "  missed"
	}
	return fmt.Sprintf("%s %8.3f %8.3f to %6.3f%s", bound, median, sorted[0], sorted[len(sorted)-1], note)
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

// allRows are the rows of the table, over corpora of the default scenarios.
func allRows(p *place) []row {
	n := strconv.Itoa(*sessions)
	generate := func(name string, flags ...string) cost {
		return p.run("otelsim-gen", append(flags, "--seed", "1", "-n", n, "--force", "--quiet", "-o", p.path(name))...)
	}
	corpus := p.corpus("default", "-n", n)
	plain := p.corpus("plain", "-n", n, "--compression", "none")
	verify := func(flags ...string) cost { return p.run("otelsim-gen", append(flags, "verify", "--quiet", corpus)...) }
	all := []row{
		{name: "verify : generate, CPU, all signals", bound: 1.5, measure: func() float64 {
			return ratio(verify().cpu, generate("made").cpu)
		}},
		{name: "verify, 2 workers : 1, wall", bound: 0.55, measure: func() float64 {
			return ratio(verify("--workers", "2").wall, verify("--workers", "1").wall)
		}},
		{name: "EncodeAll of the same bytes : generate, CPU, 1 worker", bound: 0.75, atLeast: true, measure: func() float64 {
			return ratio(encoding(p, plain), generate("made", "--workers", "1").cpu)
		}},
		{name: "generate, 1 worker : 2, wall", bound: 1.85, atLeast: true, measure: func() float64 {
			return ratio(generate("made", "--workers", "1").wall, generate("made", "--workers", "2").wall)
		}},
		{name: "one process : two at once, work by wall: the machine's limit", measure: func() float64 {
			alone, both := p.together(1, n), p.together(2, n)
			return 2 * ratio(alone, both)
		}},
		{name: "metrics and logs : traces, generate, CPU a byte", bound: 1, measure: func() float64 {
			return perByte(p, "made", generate("made", "--signals", "metrics,logs")) / perByte(p, "made", generate("made", "--signals", "traces"))
		}},
	}
	return append(all, replayRows(p, n, corpus)...)
}

// encoding is the processor time of compressing a corpus, and of nothing else.
func encoding(p *place, dir string) time.Duration {
	nanos, err := strconv.ParseInt(strings.TrimSpace(p.mode("encode", dir).out), 10, 64)
	if err != nil {
		p.t.Fatal(err)
	}
	return time.Duration(nanos)
}

// replayRows hold replays to clients that read the same corpus and send it as it is.
func replayRows(p *place, n, corpus string) []row {
	overGRPC, overHTTP := p.receiver()
	large := p.corpus("large", "-n", n, "--batch-items", "512")
	json := p.corpus("json", "-n", n, "--format", "json")
	replay := func(endpoint, protocol, dir string) cost {
		return p.run("otelsim-replay", "--max", "--quiet", "--protocol", protocol, "--endpoint", "http://"+endpoint, dir)
	}
	against := func(endpoint, protocol, bare, dir string) func() float64 {
		return func() float64 {
			return ratio(replay(endpoint, protocol, dir).cpu, p.mode("send", bare, endpoint, dir).cpu)
		}
	}
	return append(paceRows(p, overGRPC, corpus), []row{
		{name: "replay : bare client, gRPC, 512 items a record, CPU", bound: 1.25, measure: against(overGRPC, "grpc", "grpc", large)},
		{name: "replay : bare client, gRPC, a request a record, CPU", bound: 1.3, measure: against(overGRPC, "grpc", "grpc", corpus)},
		{name: "replay : bare client, HTTP/protobuf, CPU", bound: 1.4, measure: against(overHTTP, "http/protobuf", "http", corpus)},
		{name: "replay : bare client, HTTP/JSON, CPU", bound: 2, measure: against(overHTTP, "http/json", "json", json)},
		{name: "sink : replay, gRPC, CPU", bound: 1, measure: func() float64 { return sinkRatio(p, "grpc", corpus) }},
		{name: "sink : replay, HTTP/JSON, CPU", bound: 1, measure: func() float64 { return sinkRatio(p, "http/json", json) }},
		{name: "memory of a replay, of 256 MB", bound: 1, measure: func() float64 {
			return float64(replay(overGRPC, "grpc", corpus).memory) / 256e6
		}},
	}...)
}
