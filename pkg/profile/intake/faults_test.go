package intake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/internal/captures"
)

// spanLine is a message of one span in JSON.
func spanLine(trace, id, parent string, start, end int, more string) []byte {
	return fmt.Appendf(nil, `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"scopeSpans":[{"spans":[`+
		`{"traceId":"%s","spanId":"%s","parentSpanId":"%s","startTimeUnixNano":"%d","endTimeUnixNano":"%d","name":"n%s"%s}]}]}]}`,
		trace, id, parent, start, end, id, more)
}

func logLine(trace, span string, time int, body string) []byte {
	return fmt.Appendf(nil, `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"%s","spanId":"%s","timeUnixNano":"%d","severityText":"warn","body":{"stringValue":"%s"}}]}]}]}`,
		trace, span, time, body)
}

const (
	traceA = "0a000000000000000000000000000000"
	traceB = "0b000000000000000000000000000000"
	id1    = "0100000000000000"
	id2    = "0200000000000000"
	id3    = "0300000000000000"
	id4    = "0400000000000000"
)

// TestFaults plants each of them, and reads the input in several orders.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines [][]byte
		want  Faults
		spans int
		check func(*Trace) bool
	}{
		{"none", [][]byte{spanLine(traceA, id1, "", 10, 20, ""), spanLine(traceA, id2, id1, 12, 18, ""), logLine(traceA, id2, 15, "x")}, Faults{}, 2,
			func(t *Trace) bool {
				return t.Spans[1].Parent == 0 && t.Spans[0].Parent == -1 && t.Logs[0].Span == 1 && t.Logs[0].Severity == 13
			}},
		{"orphan", [][]byte{spanLine(traceA, id1, id3, 10, 20, "")}, Faults{Orphans: 1}, 1, func(t *Trace) bool { return t.Spans[0].Orphan && t.Spans[0].Parent == -1 }},
		{"cycle", [][]byte{spanLine(traceA, id1, id3, 10, 20, ""), spanLine(traceA, id2, id1, 11, 20, ""), spanLine(traceA, id3, id2, 12, 20, ""), spanLine(traceA, id4, id2, 13, 20, "")},
			Faults{Cycles: 1}, 4, func(t *Trace) bool { return t.Spans[0].Orphan && t.Spans[0].Parent == -1 && t.Spans[2].Parent == 1 }},
		{"two cycles", [][]byte{spanLine(traceA, id1, id2, 10, 20, ""), spanLine(traceA, id2, id1, 11, 20, ""), spanLine(traceA, id3, id4, 12, 20, ""), spanLine(traceA, id4, id3, 13, 20, "")},
			Faults{Cycles: 2}, 4, func(t *Trace) bool { return t.Spans[0].Orphan && t.Spans[2].Orphan }},
		{"its own parent", [][]byte{spanLine(traceA, id1, id1, 10, 20, "")}, Faults{Cycles: 1}, 1, func(t *Trace) bool { return t.Spans[0].Orphan }},
		{"duplicate", [][]byte{spanLine(traceA, id1, "", 10, 20, ""), spanLine(traceA, id1, "", 9, 20, ""), spanLine(traceA, id1, "", 9, 20, `,"kind":2`)}, Faults{Duplicates: 2}, 1,
			func(t *Trace) bool { return t.Spans[0].Start == 9 && t.Spans[0].Kind == 1 }},
		{"skewed", [][]byte{spanLine(traceA, id1, "", 10, 20, ""), spanLine(traceA, id2, id1, 5, 6, "")}, Faults{Skewed: 1}, 2, func(t *Trace) bool { return t.Spans[0].Parent == 1 }},
		{"backwards", [][]byte{spanLine(traceA, id1, "", 10, 9, "")}, Faults{Backwards: 1}, 1, func(t *Trace) bool { return t.Spans[0].End == 10 }},
		{"no ids", [][]byte{spanLine("", id1, "", 10, 20, ""), spanLine(traceA, "", "", 10, 20, ""), spanLine("aabb", id2, "", 1, 2, ""), spanLine(traceA, id3, "", 10, 20, "")}, Faults{NoIDs: 3}, 1, nil},
		{"no time", [][]byte{spanLine(traceA, id1, "", 0, 20, ""), spanLine(traceA, id3, "", 10, 20, "")}, Faults{NoTimes: 1}, 1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(4) {
				rand.New(rand.NewPCG(seed, 1)).Shuffle(len(c.lines), func(i, j int) { c.lines[i], c.lines[j] = c.lines[j], c.lines[i] })
				in, err := Open([]string{captures.File(t, captures.Lines(c.lines))}, Options{TempDir: t.TempDir()})
				if err != nil {
					t.Fatal(err)
				}
				v := &checker{check: c.check}
				if err := in.Each(t.Context(), v); err != nil {
					t.Fatal(err)
				}
				if v.traces != 1 || v.spans != c.spans || v.failed || in.Faults() != c.want {
					t.Errorf("seed %d: %d traces, %d spans, %+v, failed: %v", seed, v.traces, v.spans, in.Faults(), v.failed)
				}
			}
		})
	}
}

// checker counts, and checks each trace.
type checker struct {
	nobody
	traces, logs int
	check        func(*Trace) bool
	failed       bool
}

func (c *checker) Trace(t *Trace) {
	c.nobody.Trace(t)
	c.traces++
	c.failed = c.failed || c.check != nil && !c.check(t)
}

func (c *checker) Log(*Log) { c.logs++ }

// TestLogs: records of no trace, and those of traces without a span, are handed over by
// themselves.
func TestLogs(t *testing.T) {
	k, _ := read(t, captures.File(t, captures.Lines([][]byte{
		logLine("", "", 5, "loose"), logLine(traceB, id1, 6, "alone"), spanLine(traceA, id1, "", 10, 20, ""),
		logLine(traceA, id1, 12, "b"), logLine(traceA, id2, 12, "a"), logLine(traceA, id1, 11, "c"),
	})))
	if len(k.logs) != 2 || !strings.Contains(k.logs[0], "loose") || !strings.Contains(k.logs[1], "alone") {
		t.Errorf("got %q", k.logs)
	}
	at := func(s string) int { return strings.Index(k.traces[0], `"`+s+`"`) }
	if len(k.traces) != 1 || at("c") < 0 || at("c") > at("b") || at("b") > at("a") {
		t.Errorf("got %s", k.traces)
	}
}

// TestDamagedWithin: what cannot be read of a span is left out, and the rest is there.
func TestDamagedWithin(t *testing.T) {
	attribute := "\x0a\x03key\x12\x05\x0a\x03abc"
	good := "\x4a" + string(rune(len(attribute))) + attribute
	span := "\x0a\x10" + strings.Repeat("\x01", 16) + "\x12\x08" + strings.Repeat("\x02", 8) + "\x2a\x01n" + "\x39\x01\x00\x00\x00\x00\x00\x00\x00" +
		good + "\x4a\x05\x0a\x03ke2" /* no value */ + "\x4a\x04\x0a\x7fke" /* cut */
	message := "\x0a" + string(rune(len(span)+4)) + "\x12" + string(rune(len(span)+2)) + "\x12" + string(rune(len(span))) + span
	in, err := Open([]string{captures.File(t, captures.Framed([][]byte{[]byte(message)}))}, Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	v := &checker{check: func(t *Trace) bool {
		a := t.Spans[0].Attributes
		return len(a) == 2 && string(a[0].Text) == "abc" && string(a[1].Key) == "ke2" && string(t.Spans[0].Name) == "n"
	}}
	if err := in.Each(t.Context(), v); err != nil || v.failed || in.Faults() != (Faults{Damaged: 1, Backwards: 1}) {
		t.Errorf("%v, %+v, failed: %v", err, in.Faults(), v.failed)
	}
}

// TestKeysTwice: of a key that is there twice the last value counts.
func TestKeysTwice(t *testing.T) {
	var attributes []string
	for i := range 40 {
		attributes = append(attributes, fmt.Sprintf(`{"key":"k%d","value":{"intValue":%d}}`, i%25, i))
	}
	line := spanLine(traceA, id1, "", 10, 20, `,"attributes":[`+strings.Join(attributes, ",")+`]`)
	in, err := Open([]string{captures.File(t, captures.Lines([][]byte{line}))}, Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	v := &checker{check: func(t *Trace) bool {
		ok := len(t.Spans[0].Attributes) == 25
		for i, a := range t.Spans[0].Attributes {
			want := i
			if i < 15 {
				want += 25
			}
			ok = ok && string(a.Key) == fmt.Sprintf("k%d", i) && a.Word == uint64(want)
		}
		return ok
	}}
	if err := in.Each(t.Context(), v); err != nil || v.failed {
		t.Errorf("%v, failed: %v", err, v.failed)
	}
}

// TestCut: of traces that are too long the same spans stay whatever the order, and
// whatever the memory.
func TestCut(t *testing.T) {
	var lines [][]byte
	for i := range 600 {
		trace := traceA
		if i%3 == 0 {
			trace = fmt.Sprintf("%032x", 1+i%90)
		}
		lines = append(lines, spanLine(trace, fmt.Sprintf("%016x", 1+i), "", 1000+i*7%50, 2000+i%2, ""), logLine(trace, "", 1000+i*7%50, fmt.Sprint(i)))
	}
	var want *kept
	for seed := range uint64(6) {
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		in, err := Open([]string{captures.File(t, captures.Lines(lines))}, Options{TempDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		in.limits = limits{partition: 1 << 30, loaded: 1 << 30, spans: 100, bytes: 5000}
		if seed%3 > 0 {
			in.limits.loaded = 100
		}
		if seed > 2 {
			in.limits.partition = 100
		}
		k := new(kept)
		if err := in.Each(t.Context(), k); err != nil {
			t.Fatal(err)
		}
		k.sort()
		if in.Faults().Huge != 1 || len(k.traces) != 31 || k.spans >= 300 {
			t.Fatalf("%+v, %d traces, %d spans", in.Faults(), len(k.traces), k.spans)
		}
		if want == nil {
			want = k
		}
		k.same(t, want)
	}
}

// TestWorkers: with several visitors each trace is there once, and what they have
// together is the same.
func TestWorkers(t *testing.T) {
	var lines [][]byte
	for i := range 300 {
		lines = append(lines, spanLine(fmt.Sprintf("%032x", 1+i%100), fmt.Sprintf("%016x", 1+i), "", 10+i, 1000, ""))
	}
	path := captures.File(t, captures.Lines(lines))
	want, in := read(t, path)
	var share float64
	in.o.Progress = func(p Progress) { share = p.Share }
	a, b, c := new(kept), new(kept), new(kept)
	if err := in.Each(t.Context(), a, b, c); err != nil {
		t.Fatal(err)
	}
	if share != 1 {
		t.Errorf("ended at %g", share)
	}
	a.traces, a.spans = append(append(a.traces, b.traces...), c.traces...), a.spans+b.spans+c.spans
	a.sort()
	a.same(t, want)
}

// TestManyResources: those that there is no room for are there all the same.
func TestManyResources(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "lines")
	var lines [][]byte
	for i := range 50 {
		lines = append(lines, []byte(strings.Replace(string(spanLine(traceA, fmt.Sprintf("%016x", 1+i), "", 10, 20, "")), `"s"`, fmt.Sprintf(`"s%d"`, i), 1)))
		lines = append(lines, []byte(strings.Replace(string(logLine("", "", 10, "x")), `{"scopeLogs":[{`, fmt.Sprintf(`{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"l%d"}}]},"scopeLogs":[{"scope":{"name":"%d"},`, i, i), 1)))
	}
	if err := os.WriteFile(path, captures.Lines(lines), 0o666); err != nil {
		t.Fatal(err)
	}
	want, in := read(t, path)
	in.mostParts = 3
	k := new(kept)
	if err := in.Each(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	k.sort()
	k.same(t, want)
	for i := range 50 {
		if !strings.Contains(k.traces[0], fmt.Sprintf(" s%d ", i)) || !strings.Contains(strings.Join(k.logs, ""), fmt.Sprintf(" l%d %d\n", i, i)) {
			t.Errorf("no service %d", i)
		}
	}
}

// TestInterrupt: it ends soon after its context does, and leaves no file.
func TestInterrupt(t *testing.T) {
	path := captures.File(t, captures.Lines([][]byte{spanLine(traceA, id1, "", 10, 20, ""), spanLine(traceB, id1, "", 10, 20, "")}))
	temp := t.TempDir()
	in, err := Open([]string{path}, Options{TempDir: temp})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := in.Each(ctx, new(nobody)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	if err := in.Each(ctx, &checker{check: func(*Trace) bool { cancel(); return true }}); !errors.Is(err, context.Canceled) {
		t.Errorf("in the second pass: got %v", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
