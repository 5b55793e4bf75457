package replay

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

func sampleReport() *Report {
	return &Report{
		Target: "1000 records/s", TargetRPS: 1000, AchievedRPS: 999,
		Records: Ledger{Due: 200, Accepted: 196, Rejected: 1, Failed: 3, Late: 10, Retried: 5, Throttled: 4},
		Items:   Ledger{Due: 2000, Accepted: 1965, Rejected: 5, Failed: 30},
		FromDue: Latency{Count: 197, P50: 1e6, P90: 5e6, P99: 50e6, P999: 90e6, Max: 91e6},
	}
}

func TestConditions(t *testing.T) {
	for _, row := range []struct {
		expr  string
		holds bool
	}{
		{"p99>50ms", false}, {"p99>=50ms", true}, {"p99 > 49.9ms", true}, {"p50<1ms", false}, {"p90<=5ms", true},
		{"p999>1m", false}, {"max>90ms", true}, {"max!=91ms", false},
		{"late>5%", false}, {"late>=5%", true}, {"late>4.9%", true}, {"late>9", true}, {"late>10", false},
		{"failed>0", true}, {"failed==3", true}, {"failed>1.5%", false}, {"rejected>0", true}, {"rejected>1", false},
		{"retried>=5", true}, {"throttled<4", false},
		{"rate<1000", true}, {"rate<99.9%", false}, {"rate<=99.9%", true}, {"rate<998.5", false},
	} {
		c, err := ParseCondition(row.expr)
		if err != nil {
			t.Errorf("%s: %v", row.expr, err)
			continue
		}
		if got, what := c.Holds(sampleReport()); got != row.holds {
			t.Errorf("%s: got %v (%s), want %v", row.expr, got, what, row.holds)
		}
	}
	for _, bad := range []string{"", "p99", "p99>", "p99>50", "p99>5%", "p98>1ms", "late>1ms", "late=1", "late>>1",
		"late>-1", "failed > x%", "p99>-1ms", ">1", "rate~1", "late=>1"} {
		if c, err := ParseCondition(bad); err == nil {
			t.Errorf("ParseCondition(%q): got %+v, want an error", bad, c)
		}
	}
}

func TestWhatWasNotMeasuredFails(t *testing.T) {
	for _, expr := range []string{"p99>1h", "late>50%", "rate<1%"} {
		c, err := ParseCondition(expr)
		if err != nil {
			t.Fatal(err)
		}
		if holds, _ := c.Holds(&Report{}); !holds {
			t.Errorf("%s passes without a measurement", expr)
		}
	}
}

func TestFailures(t *testing.T) {
	late, _ := ParseCondition("late>50%")
	p50, _ := ParseCondition("p50>1us")
	for _, row := range []struct {
		why  string
		r    *Report
		c    []Condition
		want []string
	}{
		{"a lost record by default", sampleReport(), nil, nil},
		{"nothing lost", &Report{Records: Ledger{Due: 5, Accepted: 5, Late: 5}}, nil, []string{}},
		{"conditions replace the default", sampleReport(), []Condition{late}, []string{}},
		{"every condition that holds", sampleReport(), []Condition{late, p50}, []string{"p50 is 1ms (p50>1us)"}},
	} {
		row.r.LostRecords = row.r.Records.Rejected + row.r.Records.Failed
		row.r.LostItems = row.r.Items.Rejected + row.r.Items.Failed
		if row.want == nil {
			row.want = []string{"4 of 200 records lost (35 items)"}
		}
		if got := row.r.Failures(row.c); !slices.Equal(got, row.want) {
			t.Errorf("%s: got %q, want %q", row.why, got, row.want)
		}
	}
}

// realReport is the report of a run in fake time with every outcome in it.
func realReport(t *testing.T) *Report {
	f := newFake(func(n uint64, attempt int) (Result, time.Duration) {
		switch {
		case n == 3:
			return Result{Class: Permanent, Reason: "http 400", Message: "bad \x1b[31m request"}, time.Millisecond
		case n == 4:
			return Result{Class: Partial, Rejected: 2, Reason: "partial success"}, time.Millisecond
		case n == 5 && attempt == 0:
			return Result{Class: Retryable, Throttled: true, Reason: "http 429"}, time.Millisecond
		}
		return Result{}, time.Millisecond
	})
	return replay(t, t.Context(), &fakeSource{records: 10, batch: 3,
		items:  func(int) uint64 { return 3 },
		signal: func(i int) otlp.Signal { return otlp.Signal(i % 3) },
	}, Options{Pacer: perSecond(100), Transport: f})
}

func TestJSONReportHasItsFields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		if err := realReport(t).WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		var got struct {
			AchievedRPS float64           `json:"achieved_rps"`
			Target      string            `json:"target"`
			Records     map[string]uint64 `json:"records"`
			Items       map[string]uint64 `json:"items"`
			LostItems   uint64            `json:"lost_items"`
			FromDue     map[string]int64  `json:"latency_from_due_ns"`
			FromSend    map[string]int64  `json:"latency_from_send_ns"`
			Lateness    map[string]int64  `json:"lateness_ns"`
			Bytes       uint64            `json:"bytes"`
			Duration    float64           `json:"duration_seconds"`
			Start, End  time.Time
			Signals     map[string]any
			Reasons     []Reason
		}
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		wantItems := map[string]uint64{"due": 30, "accepted": 25, "rejected": 2, "failed": 3, "late": 0, "retried": 3, "throttled": 3}
		for k, v := range wantItems {
			if n, ok := got.Items[k]; !ok || n != v {
				t.Errorf("items.%s: got %d, %v, want %d", k, n, ok, v)
			}
			if _, ok := got.Records[k]; !ok {
				t.Errorf("records.%s is missing", k)
			}
		}
		if got.AchievedRPS != 100 || got.Target != "100 records/s" || got.LostItems != 5 || got.Bytes != 11*9 ||
			len(got.Signals) != 3 || len(got.Reasons) != 3 || !got.End.After(got.Start) || got.Duration <= 0 {
			t.Errorf("got %+v", got)
		}
		for _, h := range []map[string]int64{got.FromDue, got.FromSend, got.Lateness} {
			for _, k := range []string{"p50", "p90", "p99", "p999", "max"} {
				if _, ok := h[k]; !ok {
					t.Errorf("%s is missing", k)
				}
			}
		}
		if p50 := got.FromSend["p50"]; p50 < 999_000 || p50 > 1_001_000 {
			t.Errorf("median latency from send: got %d ns, want 1 ms", p50)
		}
	})
}

func TestTextReportSaysWhatHappened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		if err := realReport(t).WriteText(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"100 records/s", "achieved   100 records/s", "lost: 2 records, 5 items",
			"http 400", "partial success", "http 429", "log records", "p99.9", "lateness"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("no %q in:\n%s", want, &b)
			}
		}
		if strings.Contains(b.String(), "\x1b") {
			t.Error("a receiver's message reaches the terminal as it is")
		}
	})
}
