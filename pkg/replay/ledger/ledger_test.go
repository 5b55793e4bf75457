package ledger

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

var header = Header{
	Tool: "otelsim-replay test", Source: "corpus", Start: time.Unix(1767225600, 123456789).UTC(),
	Corpus: &Corpus{Seed: math.MaxUint64, Revision: 4, PlanDigest: strings.Repeat("ab", 32), Iterations: 100, SegmentIterations: 16, Header: strings.Repeat("cd", 32)},
	Format: "proto", Signals: []string{"traces", "metrics"}, Laps: 2, Duration: 5, Time: TimeNow, Shard: "1/3", Exemplars: ExemplarsRequests,
}

// entries returns entries that hold what entries can.
func entries(n int) []Entry {
	r := rand.New(rand.NewPCG(1, 2))
	all := []Entry{
		{Lap: math.MaxUint64, Segment: math.MaxUint64, Record: math.MaxUint64, Signal: otlp.SignalMetrics, Outcome: Rejected, Items: math.MaxUint64,
			Refused: math.MaxUint64, Retries: math.MaxUint64, First: math.MinInt64, Last: math.MaxInt64, Shift: math.MinInt64,
			Time: math.MaxUint64, Start: math.MaxUint64, Prev: math.MaxUint64},
		{},
	}
	for len(all) < n {
		e := Entry{Lap: r.Uint64N(3), Segment: r.Uint64N(9), Record: r.Uint64N(1000), Items: 1 + r.Uint64N(50), Retries: r.Uint64N(2),
			Signal: otlp.Signal(r.IntN(3)), Outcome: Outcome(r.IntN(4)), First: 1767225600e9 + r.Int64N(1e12), Shift: r.Int64() - r.Int64()}
		e.Last = e.First + r.Int64N(2)*r.Int64N(1e9)
		if e.Outcome == Rejected {
			e.Refused = 1 + r.Uint64N(e.Items)
		}
		if e.Signal == otlp.SignalMetrics {
			e.Time, e.Start, e.Prev = r.Uint64(), r.Uint64(), r.Uint64()
		}
		all = append(all, e)
	}
	return all
}

// written returns the file of a ledger of these entries.
func written(t testing.TB, all []Entry, how Ending) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	w.Begin(header)
	for i := range all {
		w.Enter(&all[i])
	}
	if err := w.End(how, header.Start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// read reads a file to its end.
func read(file []byte) (h *Header, f *Footer, all []Entry, err error) {
	r, err := NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, nil, nil, err
	}
	err = r.Each(func(e *Entry) error { all = append(all, *e); return nil })
	return r.Header(), r.Footer(), all, errors.Join(err, r.Close())
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, n := range []int{0, 2, 20_000} { // several chunks
		all := entries(max(n, 2))[:n]
		h, f, got, err := read(written(t, all, Interrupted))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, all) {
			t.Errorf("%d entries came back, other than the %d that were written", len(got), n)
		}
		if *h.Corpus != *header.Corpus || !h.Start.Equal(header.Start) || h.Shard != header.Shard || h.Laps != 2 || h.Tool != header.Tool {
			t.Errorf("got header %+v, want %+v", h, header)
		}
		if f.End != Interrupted || f.Records.Due != uint64(n) {
			t.Errorf("got %+v of %d records", f, n)
		}
	}
}

// lines returns a ledger's lines.
func lines(t testing.TB, file []byte) []string {
	t.Helper()
	r, err := codec.NewReader(bytes.NewReader(file), codec.Zstd)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// file returns the file of lines.
func file(t testing.TB, lines []string) []byte {
	t.Helper()
	e, err := codec.NewEncoder(codec.Zstd, codec.Fastest)
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Append(nil, []byte(strings.Join(lines, "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The text is the format: it does not change within a version.
func TestTheLinesAreThoseOfTheVersion(t *testing.T) {
	all := []Entry{
		{Lap: 1, Segment: 2, Record: 3, Signal: otlp.SignalLogs, Items: 7, Outcome: Rejected, Refused: 2, Retries: 1,
			First: 1767225600000000001, Last: 1767225600100000001, Shift: -5},
		{Segment: 2, Signal: otlp.SignalMetrics, Items: 9, Outcome: Unknown, First: 5, Last: 5, Time: 6, Start: 7, Prev: 8},
	}
	want := []string{
		`{"ledger":"otelsim-replay","version":1,"columns":["lap","segment","record","signal","items","outcome","refused","retries","first","last","shift","time","start","prev"],` +
			`"tool":"otelsim-replay test","source":"corpus","start":"2026-01-01T00:00:00.123456789Z","corpus":{"seed":18446744073709551615,"revision":4,"plan_digest":"` +
			strings.Repeat("ab", 32) + `","iterations":100,"segment_iterations":16,"header":"` + strings.Repeat("cd", 32) +
			`"},"format":"proto","signals":["traces","metrics"],"laps":2,"duration_ns":5,"time":"now","shard":"1/3","exemplars":"request"}`,
		"1 2 3 logs 7 rejected 2 1 1767225600000000001 1767225600100000001 -5",
		"0 2 0 metrics 9 unknown 0 0 5 5 0 6 7 8",
		`{"end":"complete","at":"2026-01-01T01:00:00.123456789Z","records":{"due":2,"accepted":0,"rejected":1,"failed":0,"unknown":1},` +
			`"items":{"due":16,"accepted":5,"rejected":2,"failed":0,"unknown":9}}`,
	}
	if got := lines(t, written(t, all, Complete)); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// However a file was cut, that is told, and what stands before is read.
func TestACutLedgerIsTold(t *testing.T) {
	all := entries(50)
	whole := written(t, all, Complete)
	most := 0
	for n := range len(whole) {
		_, _, got, err := read(whole[:n])
		if !errors.Is(err, ErrCut) {
			t.Fatalf("cut at byte %d of %d: got %v, want ErrCut", n, len(whole), err)
		}
		if !slices.Equal(got, all[:len(got)]) {
			t.Fatalf("cut at byte %d: other entries than were written", n)
		}
		most = max(most, len(got))
	}
	if most != len(all) {
		t.Errorf("%d entries at most were read without the last line, want %d", most, len(all))
	}
	text := lines(t, whole)
	if _, _, got, err := read(file(t, text[:len(text)-1])); !errors.Is(err, ErrCut) || len(got) != len(all) {
		t.Errorf("without its last line: %v, %d entries", err, len(got))
	}
}

func TestWhatIsNoLedgerIsRefused(t *testing.T) {
	all := entries(4)[2:]
	good := lines(t, written(t, all, Complete))
	with := func(n int, line string) []byte {
		text := slices.Clone(good)
		text[n] = line
		return file(t, text)
	}
	swap := func(n int, old, repl string) []byte {
		if !strings.Contains(good[n], old) {
			t.Fatalf("%q is not in %s", old, good[n])
		}
		return with(n, strings.Replace(good[n], old, repl, 1))
	}
	flipped := written(t, all, Complete)
	flipped[len(flipped)/2] ^= 4
	for _, c := range []struct {
		why  string
		file []byte
		want error
		says string
	}{
		{"text", []byte("hello\n"), ErrNone, "no zstd"},
		{"zstd of something else", file(t, []string{"hello"}), ErrNone, "first line"},
		{"of lines without end", file(t, []string{strings.Repeat("x", 1<<20)}), ErrNone, ""},
		{"of other JSON", file(t, []string{`{"version":1}`}), ErrNone, "first line"},
		{"a version to come", swap(0, `"version":1`, `"version":2`), ErrVersion, "2, this program reads 1"},
		{"other columns", swap(0, `"lap",`, ``), ErrMalformed, "line 1"},
		{"another time", swap(0, `"now"`, `"then"`), ErrMalformed, "line 1"},
		{"another shard", swap(0, `"1/3"`, `"3/3"`), ErrMalformed, "line 1"},
		{"another signal", swap(0, `["traces"`, `["profiles"`), ErrMalformed, "line 1"},
		{"an empty line", with(2, ""), ErrMalformed, "line 3: malformed ledger: lap is \"\""},
		{"a column too few", with(1, "0 1 2 traces 4 accepted 0 0 5 5"), ErrMalformed, "line 2: malformed ledger: no shift"},
		{"metrics without theirs", with(1, "0 1 2 metrics 4 accepted 0 0 5 5 0"), ErrMalformed, "no time"},
		{"a column too many", with(1, "0 1 2 traces 4 accepted 0 0 5 5 0 1 2 3"), ErrMalformed, "more columns"},
		{"another spelling", with(1, "0 01 2 traces 4 accepted 0 0 5 5 0"), ErrMalformed, "segment is"},
		{"two spaces", with(1, "0 1  2 traces 4 accepted 0 0 5 5 0"), ErrMalformed, "record is"},
		{"minus zero", with(1, "0 1 2 traces 4 accepted 0 0 5 5 -0"), ErrMalformed, "shift is"},
		{"a number of 65 bits", with(1, "18446744073709551616 1 2 traces 4 accepted 0 0 5 5 0"), ErrMalformed, "lap is"},
		{"one of 64 with a sign", with(1, "0 1 2 traces 4 accepted 0 0 5 9223372036854775808 0"), ErrMalformed, "last is"},
		{"another outcome", with(1, "0 1 2 traces 4 lost 0 0 5 5 0"), ErrMalformed, "outcome is"},
		{"refused and accepted", with(1, "0 1 2 traces 4 accepted 1 0 5 5 0"), ErrMalformed, "1 items refused"},
		{"rejected and not refused", with(1, "0 1 2 traces 4 rejected 0 0 5 5 0"), ErrMalformed, "0 items refused"},
		{"too many refused", with(1, "0 1 2 traces 4 rejected 5 0 5 5 0"), ErrMalformed, "more items"},
		{"time that goes back", with(1, "0 1 2 traces 4 accepted 0 0 5 4 0"), ErrMalformed, "before the first"},
		{"a line that is missing", file(t, slices.Delete(slices.Clone(good), 1, 2)), ErrSums, "records due 2, but the lines have 1"},
		{"a line that is there twice", file(t, slices.Insert(slices.Clone(good), 1, good[1])), ErrSums, "records due 2, but the lines have 3"},
		{"no such end", swap(3, `"complete"`, `"well"`), ErrMalformed, "line 4"},
		{"no JSON", with(3, "{"), ErrMalformed, "line 4"},
		{"two ledgers", append(written(t, all, Complete), written(t, all, Complete)...), ErrMalformed, "behind its last line"},
		{"damage", flipped, ErrMalformed, ""},
	} {
		_, f, _, err := read(c.file)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || f != nil {
			t.Errorf("%s: got %v, want %v with %q", c.why, err, c.want, c.says)
		}
	}
}

// What is known is in the file within two seconds, whatever becomes of the rest.
func TestTheFileIsWrittenAsTheRunGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		w, err := NewWriter(&out)
		if err != nil {
			t.Fatal(err)
		}
		w.Begin(header)
		if h, _, _, err := read(out.Bytes()); !errors.Is(err, ErrCut) || h == nil {
			t.Errorf("at once: got %v, want the header", err)
		}
		all := entries(10)
		for i := range all {
			w.Enter(&all[i])
		}
		time.Sleep(2 * every)
		synctest.Wait()
		if _, _, got, err := read(out.Bytes()); !errors.Is(err, ErrCut) || !slices.Equal(got, all) {
			t.Errorf("got %d entries, %v, want %d and ErrCut", len(got), err, len(all))
		}
		if err := w.End(Complete, time.Now()); err != nil {
			t.Error(err)
		}
		if _, _, got, err := read(out.Bytes()); err != nil || len(got) != len(all) {
			t.Errorf("at the end: %d entries, %v", len(got), err)
		}
	})
}

// fullDisk takes so many bytes.
type fullDisk struct {
	room int
	bytes.Buffer
}

var errFull = errors.New("no space left on device")

func (d *fullDisk) Write(p []byte) (int, error) {
	n := min(len(p), d.room)
	d.room -= n
	d.Buffer.Write(p[:n])
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestAFullDiskIsToldAndHoldsNobodyUp(t *testing.T) {
	all := entries(50_000)
	whole := len(written(t, all, Complete))
	for _, room := range []int{0, 10, whole / 2, whole - 1} {
		d := &fullDisk{room: room}
		w, err := NewWriter(d)
		if err != nil {
			t.Fatal(err)
		}
		w.Begin(header)
		for i := range all {
			w.Enter(&all[i])
		}
		if err := w.End(Complete, header.Start.Add(time.Hour)); !errors.Is(err, errFull) {
			t.Errorf("room for %d bytes: got %v", room, err)
		}
		if _, _, _, err := read(d.Bytes()); !errors.Is(err, ErrCut) {
			t.Errorf("room for %d bytes: got %v, want ErrCut", room, err)
		}
	}
}

// A disk that is slow is waited for in memory that does not grow.
func TestASlowDiskIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := entries(100_000)
		var out bytes.Buffer
		w, err := NewWriter(slow{&out})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		w.Begin(header)
		for i := range all {
			w.Enter(&all[i])
		}
		if time.Since(began) < 10*time.Second {
			t.Errorf("%v for more chunks than there is room for", time.Since(began))
		}
		if err := w.End(Complete, time.Now()); err != nil {
			t.Error(err)
		}
		if _, _, got, err := read(out.Bytes()); err != nil || !slices.Equal(got, all) {
			t.Errorf("got %d entries, %v", len(got), err)
		}
	})
}

type slow struct{ io.Writer }

func (s slow) Write(p []byte) (int, error) {
	time.Sleep(5 * time.Second)
	return s.Writer.Write(p)
}

func TestEnterAllocatesNothing(t *testing.T) {
	w, err := NewWriter(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	w.Begin(header)
	e := entries(3)[2]
	w.Enter(&e)
	w.lines = make([]byte, 0, chunk+lineMost)
	if n := testing.AllocsPerRun(500, func() { w.Enter(&e) }); n > 0 {
		t.Errorf("%v allocations a line", n)
	}
	if err := w.End(Complete, time.Now()); err != nil {
		t.Error(err)
	}
}
