package match_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

func diff(t *testing.T, a, b []message) (*tally, *match.Summary) {
	t.Helper()
	j := new(tally)
	s, err := match.Diff(t.Context(), match.DiffOptions{
		A: []match.Output{output("a", a)}, B: []match.Output{output("b", b)}, Workers: 2, TempDir: t.TempDir(),
	}, j)
	if err != nil {
		t.Fatal(err)
	}
	return j, s
}

func TestACorpusIsThatInTheOtherFormat(t *testing.T) {
	a := messages(t, made(t, otelsim.Options{SegmentIterations: 1000}))
	b := messages(t, made(t, otelsim.Options{SegmentIterations: 1000, Format: otelsim.JSON}))
	j, s := diff(t, a, b)
	if want := (counts{exact: int(s.Sent[0] + s.Sent[1] + s.Sent[2])}); j.counts != want || s.Sent != s.Received {
		t.Errorf("got %+v, want %+v\n%.400v", j.counts, want, j.lines)
	}
}

// Whichever side cannot be read, its error is the answer.
func TestASideThatCannotBeRead(t *testing.T) {
	bad := errors.New("cannot be read")
	broken := match.Output{Name: "broken", Each: func(context.Context, func(*match.Message) error) error { return bad }}
	for _, o := range []match.DiffOptions{
		{A: []match.Output{broken}, B: []match.Output{output("b", nil)}},
		{A: []match.Output{output("a", nil)}, B: []match.Output{broken}},
	} {
		o.TempDir, o.Workers = t.TempDir(), 1
		if s, err := match.Diff(t.Context(), o, new(tally)); !errors.Is(err, bad) || s != nil {
			t.Errorf("got %v, %v", s, err)
		}
	}
}

// Log records of no trace go by their time, and equal ones find each other, however
// many there are.
func TestManyLogRecordsOfNoTrace(t *testing.T) {
	logs := func(edit func(*otlp.Logs)) []message {
		x := &otlp.Logs{Strings: otlp.NewStrings(), Resources: make([]otlp.Resource, 1), Scopes: make([]otlp.Scope, 1)}
		for i := range 3000 {
			x.Records = append(x.Records, otlp.LogRecord{Time: 1e9 + uint64(i%3), Severity: uint8(1 + i%20), SpanID: otlp.SpanID{byte(i % 2)}})
		}
		edit(x)
		return []message{{otlp.SignalLogs, otlp.FormatProto, otlp.AppendLogs(nil, x, otlp.FormatProto)}}
	}
	a := logs(func(*otlp.Logs) {})
	b := logs(func(x *otlp.Logs) {
		x.Records[7].Severity = 23                            // altered
		x.Records[8].Time = 5                                 // and one of another time
		x.Records = append(x.Records[20:], x.Records[:18]...) // two lost, the rest in another order
		slices.Reverse(x.Records[:1000])
	})
	j, s := diff(t, a, b)
	if want := (counts{lost: 3, altered: 1, madeUp: 1, exact: 2996}); j.counts != want || s.Sent[2] != 3000 {
		t.Errorf("got %+v of %d, want %+v\n%.400v", j.counts, s.Sent[2], want, j.lines)
	}
}
