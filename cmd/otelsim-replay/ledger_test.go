package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/ledger"
)

// agrees checks that a ledger has the sums of a report, and ended so: agrees
// LEDGER REPORT END. The reader holds the lines to the sums.
func agrees(ts *testscript.TestScript, _ bool, args []string) {
	var rep replay.Report
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &rep))
	r, err := ledger.NewReader(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(r.Each(func(*ledger.Entry) error { return nil }))
	f := r.Footer()
	for _, c := range []struct {
		got  ledger.Totals
		want replay.Ledger
	}{{f.Records, rep.Records}, {f.Items, rep.Items}} {
		w := ledger.Totals{Due: c.want.Due, Accepted: c.want.Accepted, Rejected: c.want.Rejected, Failed: c.want.Failed, Unknown: c.want.Unknown}
		if c.got != w {
			ts.Fatalf("the ledger has %+v, the report %+v", c.got, w)
		}
	}
	if string(f.End) != args[2] {
		ts.Fatalf("the ledger ended %s, want %s", f.End, args[2])
	}
}

// cut waits until a ledger that is not whole has lines: cut LEDGER.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	for range 500 {
		data, err := os.ReadFile(path)
		ts.Check(err)
		lines := 0
		r, err := ledger.NewReader(bytes.NewReader(data))
		if err == nil {
			err = r.Each(func(*ledger.Entry) error { lines++; return nil })
		}
		if !errors.Is(err, ledger.ErrCut) {
			ts.Fatalf("%s: %v, want ErrCut", args[0], err)
		}
		if lines > 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("%s has no lines", args[0])
}

// identity is the header of a corpus.
func identity(seed uint64) *corpus.Header {
	return &corpus.Header{Seed: seed, PlanDigest: strings.Repeat("0", 64), Options: corpus.Options{Count: 10, SegmentIterations: 5}}
}

// writeLedger writes the ledger of one shard of a corpus of that seed.
func writeLedger(t *testing.T, seed uint64, shard string, how ledger.Ending, all ...ledger.Entry) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "l.zst")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := ledger.NewWriter(f)
	if err != nil {
		t.Fatal(err)
	}
	of, err := ledger.CorpusOf(identity(seed))
	if err != nil {
		t.Fatal(err)
	}
	w.Begin(ledger.Header{Start: time.Unix(100, 1), Corpus: of, Format: "proto", Time: ledger.TimeNow, Exemplars: ledger.ExemplarsRequests, Shard: shard})
	for i := range all {
		w.Enter(&all[i])
	}
	if err := errors.Join(w.End(how, time.Unix(200, 0)), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func entriesOf(l *ledgers) (all []match.Entry, err error) {
	err = l.Each(context.Background(), func(e match.Entry) error { all = append(all, e); return nil })
	return all, err
}

func TestLedgersAreReadAsOne(t *testing.T) {
	one := ledger.Entry{Lap: 1, Segment: 2, Record: 3, Signal: otlp.SignalMetrics, Outcome: ledger.Rejected, Items: 9, Refused: 4,
		Retries: 5, First: 6, Last: 7, Shift: math.MinInt64, Time: 8, Start: 9, Prev: 10}
	two := ledger.Entry{Signal: otlp.SignalLogs, Outcome: ledger.Unknown, Items: 1}
	paths := []string{writeLedger(t, 42, "2/3", ledger.Interrupted, one), writeLedger(t, 42, "0/3", ledger.Complete, two)}
	l, err := openLedgers(paths, identity(42))
	if err != nil {
		t.Fatal(err)
	}
	got, err := entriesOf(l)
	if err != nil {
		t.Fatal(err)
	}
	want := []match.Entry{
		{Lap: 1, Segment: 2, Record: 3, Signal: otlp.SignalMetrics, Fate: match.Rejected, Items: 9, Refused: 4, Retries: 5, First: 6, Last: 7,
			Shift: math.MinInt64, Time: 8, Start: 9, Prev: 10, Exemplars: true, Run: 100e9 + 1},
		{Signal: otlp.SignalLogs, Fate: match.Unknown, Items: 1, Exemplars: true, Run: 100e9 + 1},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if n := l.notes(); len(n) != 2 || !strings.Contains(n[0], "interrupted") || !strings.Contains(n[1], "1 shard of") {
		t.Errorf("got notes %q", n)
	}
}

func TestWrongLedgersAreTold(t *testing.T) {
	whole := writeLedger(t, 42, "", ledger.Complete, ledger.Entry{})
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	write := func(data []byte) string {
		path := filepath.Join(t.TempDir(), "x.zst")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		paths []string
		says  string
		is    error
	}{
		{[]string{writeLedger(t, 7, "", ledger.Complete)}, "the ledger is of another corpus: seed 7, this one has 42", ledger.ErrOther},
		{[]string{whole, whole}, "ledgers 1 and 2 are both of shard 0/1", nil},
		{[]string{write([]byte("no ledger"))}, "not a ledger", ledger.ErrNone},
		{[]string{t.TempDir()}, "not a regular file", nil},
		{[]string{write(nil)}, "cut off", ledger.ErrCut},
		{[]string{write(data[:len(data)-1])}, "cut off", ledger.ErrCut},
	} {
		l, err := openLedgers(c.paths, identity(42))
		if err == nil {
			_, err = entriesOf(l)
		}
		if err == nil || !strings.Contains(err.Error(), c.says) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("got %v, want %q", err, c.says)
		}
	}
	l, err := openLedgers([]string{whole}, identity(42))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(whole, data[:0], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := entriesOf(l); !errors.Is(err, ledger.ErrCut) {
		t.Errorf("a file that has changed: got %v", err)
	}
}
