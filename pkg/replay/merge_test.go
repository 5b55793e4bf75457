package replay

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// event is what became of one record, at instants of the wall clock.
type event struct {
	outcome
	due, sent, done int64 // nanoseconds since the Unix epoch
	retries         int
}

// events are what a run of that start and length may meet.
func events(r *rand.Rand, start, length int64, n int) []event {
	all := make([]event, n)
	for i := range all {
		e := &all[i]
		e.due = start + r.Int64N(length)
		e.sent = e.due + int64(r.ExpFloat64()*3e6)
		e.done = e.sent + int64(r.ExpFloat64()*r.ExpFloat64()*50e6)
		e.signal, e.items, e.bytes = otlp.Signal(r.IntN(otlp.NumSignals)), r.Uint64N(50), r.Uint64N(9000)
		e.Class = Class(r.IntN(4))
		if r.IntN(3) > 0 {
			e.Class = Accepted
		}
		e.Rejected, e.throttled, e.retries = int64(r.IntN(5)), r.IntN(9) == 0, r.IntN(3)
		e.Reason, e.Message = fmt.Sprint("reason ", r.IntN(4)), []string{"", "no", "later", "\u0085 odd \xff"}[r.IntN(4)]
	}
	return all
}

// rehearsal is a run that met some events.
type rehearsal struct {
	shard   Shard
	of      string // what a shard has: records or segments
	rate    Rate
	start   int64
	end     int64
	events  []event
	stopped bool
}

// report is what the run would have said.
func (p *rehearsal) report() *Report {
	src := &corpusSource{manifest: &corpus.Manifest{Header: corpus.Header{Seed: 7, Options: corpus.Options{Format: "proto"}}}, dir: "corpus"}
	o := &Options{Pacer: Constant{p.rate, UnitRecords}, Series: true, LateAfter: 5e6, Tool: "otelsim-replay test"}
	if p.of == shardsOfSegments {
		src.shard = p.shard
	} else {
		o.Shard = p.shard
	}
	r := &run{Options: o, source: src, start: time.Unix(0, p.start), wall: p.start}
	for i := range p.events {
		e := p.events[i]
		o := e.outcome
		o.due, o.sent, o.done = time.Duration(e.due-p.start), time.Duration(e.sent-p.start), time.Duration(e.done-p.start)
		s := &r.counters[i%numCounters]
		for range e.retries {
			s.retry(&o)
			o.retries++
		}
		s.record(&o, r.Options, r.wall)
	}
	return r.report(time.Duration(p.end-p.start), !p.stopped, nil)
}

// reread writes reports into a log and reads them from there.
func reread(t *testing.T, reports ...*Report) []Named {
	t.Helper()
	var log bytes.Buffer
	for i, r := range reports {
		log.WriteString("waiting for the start, in 5s\n{\"level\":\"info\"}\n[pod/replay-1/replay] 2026-01-01T00:00:00Z ")
		write := r.WriteJSONLine
		if i%2 == 1 {
			write = r.WriteJSON
		}
		if err := write(&log); err != nil {
			t.Fatal(err)
		}
	}
	log.WriteString("the end { of it")
	all, err := ReadReports("log", log.Bytes())
	if err != nil || len(all) != len(reports) {
		t.Fatalf("%d reports of %d: %v", len(all), len(reports), err)
	}
	return all
}

// inAnyOrder merges reports two at a time, in an order and a grouping by chance.
func inAnyOrder(t *testing.T, r *rand.Rand, reports []*Report) *Report {
	t.Helper()
	all := slices.Clone(reports)
	for len(all) > 1 {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		n := 2 + r.IntN(min(len(all)-1, 3))
		m, err := Merge(reread(t, all[:n]...))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all[n:], m)
	}
	return all[0]
}

func asJSON(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(b.String(), `\ufffd`, "\ufffd") // which is how it stands in what was read
}

// Events are divided among shards by chance: whatever the order and the grouping in
// which their reports are merged, what comes out is the report of one run that met
// them all.
func TestMergedReportsAreTheReportOfOneRun(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 1))
	for round := range 20 {
		length := int64(time.Millisecond) << r.IntN(30) // up to some days
		start := time.Date(2026, 1, 1, 0, 0, 0, r.IntN(1e9), time.UTC).UnixNano()
		k := uint64(2 + r.IntN(6))
		of := []string{shardsOfRecords, shardsOfSegments}[round%2]
		whole := &rehearsal{rate: PerSecond(1000 * k), start: start, end: start + length, events: events(r, start, length, r.IntN(1500))}
		parts := make([]rehearsal, k)
		for i := range parts {
			parts[i] = rehearsal{shard: Shard{uint64(i), k}, of: of, rate: whole.rate, start: start, end: start + length}
			if of == shardsOfSegments {
				parts[i].rate = PerSecond(1000)
			}
		}
		first := r.IntN(len(parts)) // the others may start later, but not after what they meet
		for _, e := range whole.events {
			p := &parts[r.IntN(len(parts))]
			p.events = append(p.events, e)
			whole.end, p.end = max(whole.end, e.done), max(p.end, e.done)
		}
		var reports []*Report
		for i := range parts {
			p := &parts[i]
			late := int64(r.IntN(int(time.Second)))
			for _, e := range p.events {
				late = min(late, e.due-start)
			}
			if i != first {
				p.start = min(start+late, p.end)
			}
			reports = append(reports, p.report())
		}
		want, got := whole.report(), inAnyOrder(t, r, reports)
		if again := inAnyOrder(t, r, reports); asJSON(t, again) != asJSON(t, got) {
			t.Fatalf("round %d: another order of %d shards of %s merges to another report", round, k, of)
		}
		drawn, of1 := got.Series, want.Series
		if !equalSeries(drawn, of1) {
			t.Errorf("round %d: the drawn series is another than that of one run", round)
		}
		if len(got.Exact.Parts) != int(k) || got.Exact.Settings.Of != k || got.MissingShards != nil || got.Shard != "" {
			t.Errorf("round %d: %d parts of %d, missing %q", round, len(got.Exact.Parts), k, got.MissingShards)
		}
		got.PartsRPS = 0 // which one run does not have
		got.Exact.Settings, got.Exact.Parts = want.Exact.Settings, want.Exact.Parts
		if g, w := asJSON(t, got), asJSON(t, want); g != w {
			t.Fatalf("round %d, %d shards of %s, %d events: merged\n%s", round, k, of, len(whole.events), difference(g, w))
		}
	}
}

func equalSeries(a, b *Series) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, y := *a, *b
	x.Buckets, x.FromDue, x.FromSend, x.Lateness = nil, nil, nil, nil
	y.Buckets, y.FromDue, y.FromSend, y.Lateness = nil, nil, nil, nil
	return fmt.Sprint(x) == fmt.Sprint(y) && slices.Equal(a.Buckets, b.Buckets) && slices.Equal(a.FromDue, b.FromDue) &&
		slices.Equal(a.FromSend, b.FromSend) && slices.Equal(a.Lateness, b.Lateness)
}

// difference returns the first lines that differ.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			from := max(i-8, 0)
			return strings.Join(x[from:i+1], "\n") + "\n  want\n" + y[i]
		}
	}
	return "one is longer"
}

// sampleParts are the reports of three shards of one replay.
func sampleParts(of string) []*Report {
	var all []*Report
	for i := range uint64(3) {
		r := rand.New(rand.NewPCG(i, 0))
		p := rehearsal{shard: Shard{i, 3}, of: of, rate: PerSecond(100), start: 1.7e18, end: 1.7e18 + 1e10, events: events(r, 1.7e18, 9e9, 100)}
		all = append(all, p.report())
	}
	return all
}

func TestMergeNamesWhatIsMissing(t *testing.T) {
	parts := sampleParts(shardsOfRecords)
	m, err := Merge(reread(t, parts[2], parts[0]))
	if err != nil || !slices.Equal(m.MissingShards, []string{"1"}) || m.Records.Due != 200 || m.TargetRPS != 200./3 {
		t.Errorf("missing %q, %d due, target %v, %v", m.MissingShards, m.Records.Due, m.TargetRPS, err)
	}
	if m, err = Merge(reread(t, m, parts[1])); err != nil || m.MissingShards != nil || m.TargetRPS != 100 {
		t.Errorf("missing %q, %v", m.MissingShards, err)
	}
	e := &Exact{Settings: ExactSettings{Of: 1e15}, Parts: []Part{{Shard: 3}, {Shard: 4}, {Shard: 6}}}
	if got := e.missing(); !slices.Equal(got, []string{"0-2", "5", "7-999999999999999"}) {
		t.Errorf("missing %q", got)
	}
}

func TestMergeRefuses(t *testing.T) {
	for _, row := range []struct {
		why    string
		change func(r *Report)
		say    string
	}{
		{"the same shard", func(r *Report) { r.Exact.Parts[0].Shard = 0; r.Shard = "0/3" }, "of shard 0/3, as is one before"},
		{"another number of shards", func(r *Report) { r.Exact.Settings.Of = 4; r.Shard = "1/4"; r.TargetRPS = 100 }, "number of shards"},
		{"another version", func(r *Report) { r.Tool = "otelsim-replay v9" }, "want one version"},
		{"another seed", func(r *Report) { r.Exact.Corpus.Seed = 8 }, "of another corpus than those before, which are of one with seed 7, this one has 8"},
		{"another corpus in something", func(r *Report) { r.Exact.Corpus.Header = "1" }, "with other options"},
		{"files", func(r *Report) { r.Exact.Corpus = nil }, "of files"},
		{"other laps", func(r *Report) { r.Exact.Settings.Laps = 9 }, "its laps is"},
		{"other times", func(r *Report) { r.Exact.Settings.Time = "original" }, "its times is"},
		{"other signals", func(r *Report) { r.Exact.Settings.Signals = []string{"logs"} }, "its signals is"},
		{"another planned start", func(r *Report) { r.StartPlanned = time.Unix(1.7e9, 0).UTC() }, "its planned start is"},
		{"another threshold", func(r *Report) { r.LateAfter++ }, "its late after is"},
		{"a count of its own", func(r *Report) { r.Records.Accepted++ }, "do not agree"},
		{"a percentile of its own", func(r *Report) { r.FromDue.P99++ }, "do not agree"},
		{"a record less", func(r *Report) { r.Exact.Lateness[0][1]++ }, "do not agree"},
		{"a bucket twice", func(r *Report) { r.Exact.Lateness = append(r.Exact.Lateness, r.Exact.Lateness[0]) }, "a distribution that is none"},
		{"a width of its own", func(r *Report) { r.Exact.Series.Width++ }, "that is none"},
		{"a series of its own", func(r *Report) { r.Exact.Series.Buckets[0].Due++ }, "do not agree"},
		{"a signal of its own", func(r *Report) { r.Signals["profiles"] = SignalReport{} }, "do not agree"},
		{"an outcome of its own", func(r *Report) { r.Reasons = append(r.Reasons, Reason{Outcome: "fa\x1b[31miled"}) }, "do not agree"},
		{"nothing exact", func(r *Report) { r.Exact = nil }, "from which reports are joined"},
		{"a schedule of its own", func(r *Report) { r.Exact.Settings.Schedule = "often" }, "do not agree"},
	} {
		parts := sampleParts(shardsOfSegments)
		row.change(parts[1])
		_, err := Merge(reread(t, parts...))
		if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), row.say) || !strings.HasPrefix(err.Error(), "log:") {
			t.Errorf("%s: got %v, want bad input that says %q", row.why, err, row.say)
		}
	}
	one := (&rehearsal{rate: PerSecond(100), start: 1.7e18, end: 1.7e18 + 1}).report()
	if _, err := Merge(reread(t, one, one)); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "of all records, as is one before") {
		t.Errorf("two runs of all: got %v", err)
	}
}

func TestReadReportsTellsWhatItDoesNotFind(t *testing.T) {
	var b bytes.Buffer
	if err := sampleParts(shardsOfRecords)[0].WriteJSONLine(&b); err != nil {
		t.Fatal(err)
	}
	for data, say := range map[string]string{
		"":                                   "log: no report is in it",
		"{\"source\":\"x\"}\nmore\n":         "log: no report is in it",
		"one\ntwo " + b.String()[:b.Len()/2]: "log:2:5: a report that cannot be read to its end",
		`{"tool":"otelsim-replay 1","records":[]}`: "log:1:1: a report that cannot be read",
	} {
		if _, err := ReadReports("log", []byte(data)); !errors.Is(err, ErrInput) || !strings.HasPrefix(err.Error(), say) {
			t.Errorf("%.40q: got %v, want %q", data, err, say)
		}
	}
}

// What stands before many reports is not looked through again for each of them, and
// each has its own line and column.
func TestReadReportsOfAHugeLog(t *testing.T) {
	const report, n = `{"tool":"otelsim-replay 1"}`, 20_000
	log := slices.Concat(bytes.Repeat([]byte("0123456789abcde\n"), 1<<21), []byte("  "+report+" "), bytes.Repeat([]byte(report+"\n"), n-1))
	begun := time.Now()
	all, err := ReadReports("log", log)
	if took := time.Since(begun); err != nil || len(all) != n || took > 10*time.Second {
		t.Fatalf("%d reports of %d in %v: %v", len(all), n, took, err)
	}
	for i, want := range map[int]string{0: "log:2097153:3", 1: "log:2097153:31", 2: "log:2097154:1", n - 1: "log:2117151:1"} {
		if all[i].Name != want {
			t.Errorf("report %d is at %s, want %s", i, all[i].Name, want)
		}
	}
}

// No digit of a report changes unseen, and whatever else becomes of its bytes,
// merging ends with a report or with bad input.
func TestADamagedReportIsRefused(t *testing.T) {
	parts := sampleParts(shardsOfRecords)
	var good, line bytes.Buffer
	if err := errors.Join(parts[0].WriteJSONLine(&good), parts[1].WriteJSONLine(&line)); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 5))
	digits, noticed := 0, 0
	for range 400 {
		data := bytes.Clone(line.Bytes())
		at := r.IntN(len(data))
		digit := data[at] >= '0' && data[at] <= '9'
		data[at] = "0123456789-,[]{}\"e."[r.IntN(19)]
		if data[at] == line.Bytes()[at] {
			continue
		}
		all, err := ReadReports("damaged", append(data, good.Bytes()...))
		if err == nil {
			_, err = Merge(all)
		}
		if err != nil && !errors.Is(err, ErrInput) {
			t.Fatalf("byte %d as %q: %v", at, data[at], err)
		}
		if digit {
			digits++
			if err != nil {
				noticed++
			}
		}
	}
	if digits < 50 || noticed < digits {
		t.Errorf("%d of %d changed digits are noticed", noticed, digits)
	}
}
