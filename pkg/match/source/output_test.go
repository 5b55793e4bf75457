package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/small"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

const line = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"%d"}]}]}]}` + "\n"

func write(t *testing.T, path, content string) string {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o777)
	if err == nil {
		err = os.WriteFile(path, []byte(content), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// read returns the payloads of an output.
func read(t *testing.T, o *Output) (all []string) {
	t.Helper()
	err := o.Each(context.Background(), func(m *match.Message) error {
		all = append(all, string(m.Payload))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFilesAndFolders(t *testing.T) {
	dir := t.TempDir()
	one := write(t, filepath.Join(dir, "one.jsonl"), fmt.Sprintf(line, 1)+fmt.Sprintf(line, 2))
	write(t, filepath.Join(dir, "out", "b.jsonl"), fmt.Sprintf(line, 4))
	write(t, filepath.Join(dir, "out", "a.jsonl"), fmt.Sprintf(line, 3))
	all, err := Open([]string{one, filepath.Join(dir, "out")})
	if err != nil {
		t.Fatal(err)
	}
	if all[0].Name != "one.jsonl" || all[1].Name != "out" {
		t.Errorf("got %s and %s", all[0].Name, all[1].Name)
	}
	if got := read(t, all[0]); len(got) != 2 || !strings.Contains(got[1], `"2"`) {
		t.Errorf("got %q", got)
	}
	if got := read(t, all[1]); len(got) != 2 || !strings.Contains(got[0], `"3"`) {
		t.Errorf("got %q", got)
	}
	if m := Match(all); len(m) != 2 || m[1].Name != "out" || m[1].Each == nil {
		t.Errorf("got %+v", m)
	}
}

// TestNames: outputs whose paths end alike are told apart.
func TestNames(t *testing.T) {
	dir := t.TempDir()
	a, b := write(t, filepath.Join(dir, "a", "x.jsonl"), "1"), write(t, filepath.Join(dir, "b", "x.jsonl"), "22")
	all, err := Open([]string{a, b})
	if err != nil || all[0].Name != a || all[1].Name != b {
		t.Errorf("got %v, %v", all, err)
	}
}

// TestCut: what ends within a message is told, and all before it is there.
func TestCut(t *testing.T) {
	whole := fmt.Sprintf(line, 1)
	path := write(t, filepath.Join(t.TempDir(), "cut.jsonl"), whole+whole[:len(whole)/2])
	all, err := Open([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := read(t, all[0]); len(got) != 1 || len(all[0].Cut()) != 1 || !strings.Contains(all[0].Cut()[0], "cut.jsonl") {
			t.Errorf("got %q, %q", got, all[0].Cut())
		}
	}
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	one := write(t, filepath.Join(dir, "one.jsonl"), fmt.Sprintf(line, 1))
	link := filepath.Join(dir, "link.jsonl")
	if err := errors.Join(os.Link(one, link), os.Mkdir(filepath.Join(dir, "empty"), 0o777)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "half", "partial.json"), "{}")
	for _, row := range []struct {
		paths []string
		want  string
	}{
		{[]string{one, one}, "read once"},
		{[]string{one, link}, "read once"},
		{[]string{dir, one}, "read once"},
		{[]string{filepath.Join(dir, "empty")}, "no files"},
		{[]string{filepath.Join(dir, "gone"), filepath.Join(dir, "away")}, "away"},
		{[]string{filepath.Join(dir, "half")}, "corpus"},
	} {
		if _, err := Open(row.paths); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q: got %v", row.paths, err)
		}
	}
}

// TestCorpus: a corpus is an output: every record of it, by segment and signal.
func TestCorpus(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "c")
	plan, err := otelsim.New(otelsim.Options{Seed: 1, Count: 20, SegmentIterations: 8})
	if err == nil {
		_, err = plan.Write(t.Context(), otelsim.WriteOptions{Dir: dir})
	}
	if err != nil {
		t.Fatal(err)
	}
	all, err := Open([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	var want, got []byte
	for _, r := range small.Records(t, all[0].dir) {
		want = append(want, r.Payload...)
	}
	for _, p := range read(t, all[0]) {
		got = append(got, p...)
	}
	if !bytes.Equal(got, want) || len(want) == 0 {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := all[0].Each(ctx, func(*match.Message) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// The times that a sink keeps beside a file are those of its messages, and no output
// of their own.
func TestArrivals(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "traces.jsonl"), fmt.Sprintf(line, 1)+fmt.Sprintf(line, 2))
	write(t, filepath.Join(dir, "traces.jsonl.arrivals"), "1767225600000000001\n1767225600000000002\n")
	all, err := Open([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	if err := all[0].Each(t.Context(), func(m *match.Message) error {
		got = append(got, m.Arrived)
		return nil
	}); err != nil || fmt.Sprint(got) != "[1767225600000000001 1767225600000000002]" {
		t.Errorf("got %d, %v", got, err)
	}
}

// TestRecords: what is skipped is read and not visited, and an error of who visits is
// none of the corpus.
func TestRecords(t *testing.T) {
	plan, err := otelsim.New(otelsim.Options{Count: 20, SegmentIterations: 10})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "c")
	if _, err := plan.Write(t.Context(), otelsim.WriteOptions{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	c, err := corpus.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var seen [otlp.NumSignals]int
	done := 0
	r := Records{Corpus: c, Done: func() { done++ }, Skip: func(segment uint64, sig otlp.Signal) bool { return segment == 1 || sig == otlp.SignalLogs }}
	err = r.Each(t.Context(), func(m *match.Message) error { seen[m.Signal]++; return nil })
	if err != nil || seen[otlp.SignalTraces] == 0 || seen[otlp.SignalMetrics] == 0 || seen[otlp.SignalLogs] != 0 || done != 2 {
		t.Errorf("got %v, %d segments, %v", seen, done, err)
	}
	enough := errors.New("enough")
	if err := r.Each(t.Context(), func(*match.Message) error { return enough }); !errors.Is(err, enough) || errors.As(err, new(Error)) {
		t.Errorf("got %v", err)
	}
	name := filepath.Join(dir, "logs", "000001.pb")
	if err := os.WriteFile(name, []byte("damage"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := r.Each(t.Context(), func(*match.Message) error { return nil }); !errors.As(err, new(Error)) {
		t.Errorf("got %v", err)
	}
}

// TestErrorsOfOutputs: what is wrong with what is read is an Error, and what goes wrong
// with what was read is not.
func TestErrorsOfOutputs(t *testing.T) {
	dir := t.TempDir()
	for path, content := range map[string]string{"text": "hello\n", "damaged": fmt.Sprintf(line, 1) + "{name: 2}\n" + fmt.Sprintf(line, 3)} {
		all, err := Open([]string{write(t, filepath.Join(dir, path), content)})
		if err != nil {
			t.Fatal(err)
		}
		if err := all[0].Each(t.Context(), func(*match.Message) error { return nil }); !errors.As(err, new(Error)) {
			t.Errorf("%s: got %v, want an Error", path, err)
		}
	}
	all, err := Open([]string{write(t, filepath.Join(dir, "good"), fmt.Sprintf(line, 1))})
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := all[0].Each(t.Context(), func(*match.Message) error { return broken }); !errors.Is(err, broken) || errors.As(err, new(Error)) {
		t.Errorf("got %v, want the visitor's", err)
	}
}
