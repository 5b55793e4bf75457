package replay

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// names writes pieces as "T0.1@5": signal, iteration, turn, latest time.
func names(pieces []piece) string {
	var out []string
	for _, p := range pieces {
		if p.signal == otlp.SignalMetrics {
			out = append(out, fmt.Sprintf("M@%d", p.last))
			continue
		}
		out = append(out, fmt.Sprintf("%c%d.%d@%d", "TML"[p.signal], p.iteration, p.turn, p.last))
	}
	return strings.Join(out, " ")
}

func trace(iteration uint64, turn uint32, last uint64) piece {
	return piece{shape: shape{last: last}, iteration: iteration, turn: turn, signal: otlp.SignalTraces}
}

func log(iteration uint64, turn uint32, last uint64) piece {
	p := trace(iteration, turn, last)
	p.signal = otlp.SignalLogs
	return p
}

func tick(last uint64) piece {
	return piece{shape: shape{last: last}, signal: otlp.SignalMetrics}
}

// A session of two turns whose second ends long after the next session.
var sessions = []piece{
	trace(0, 0, 10), trace(0, 1, 90), trace(1, 0, 20), trace(2, 0, 30), trace(2, 0, 35),
	tick(15), tick(30), tick(100),
	log(0, 0, 9), log(0, 1, 88), log(1, 0, 20), log(2, 0, 29),
}

func TestOrder(t *testing.T) {
	for _, row := range []struct {
		why    string
		byTime bool
		want   string
	}{
		{"by iteration, turn, traces before logs; ticks before what ended after them", false,
			"T0.0@10 L0.0@9 M@15 M@30 T0.1@90 L0.1@88 T1.0@20 L1.0@20 T2.0@30 T2.0@35 L2.0@29 M@100"},
		{"by time: the long session's second turn comes last", true,
			"T0.0@10 L0.0@9 M@15 T1.0@20 L1.0@20 M@30 T2.0@30 T2.0@35 L2.0@29 T0.1@90 L0.1@88 M@100"},
	} {
		got := names(arrange(slices.Clone(sessions), row.byTime, nil))
		if got != row.want {
			t.Errorf("%s:\n got %s\nwant %s", row.why, got, row.want)
		}
	}
}

// A request's records share the shift of its first, which moves the request's
// end, not only that of its first record.
func TestARequestMovesTogether(t *testing.T) {
	for _, byTime := range []bool{false, true} {
		var b Batch
		arranged := arrange(slices.Clone(sessions), byTime, nil)
		fill(&b, arranged)
		for i, r := range b.Records {
			p, lead := arranged[i], arranged[r.Lead]
			if r.Lead > i || r.Lead != i && !p.sameRequest(&lead) {
				t.Errorf("byTime %v: %s leads %s", byTime, names([]piece{lead}), names([]piece{p}))
			}
			if i > 0 && p.sameRequest(&arranged[i-1]) && r.Lead == i {
				t.Errorf("byTime %v: %s has a shift of its own", byTime, names([]piece{p}))
			}
			if p.iteration == 2 && r.End != 35 {
				t.Errorf("byTime %v: %s ends at %d, want 35", byTime, names([]piece{p}), r.End)
			}
		}
	}
}

// Logs without their traces are a request too.
func TestLogsAlone(t *testing.T) {
	var b Batch
	fill(&b, arrange([]piece{log(0, 0, 9), log(0, 0, 12), log(1, 0, 20)}, false, nil))
	if r := b.Records; len(r) != 3 || r[0].End != 12 || r[1].Lead != 0 || r[2].Lead != 2 || r[2].End != 20 {
		t.Errorf("got %+v", r)
	}
}
