package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
	"github.com/otelsim/otelsim/pkg/match"
)

// What is replayed in the identity test is later by an odd number of
// nanoseconds, some 32 years, and of another lap.
const (
	goldenShift = 1_000_000_000_000_000_007
	goldenTrace = 0x1122334455667788
	goldenSpan  = 0x99aabbccddeeff01
)

// TestRetimeThenUnretimeIsIdentityOnTheGoldenCorpora changes every record of
// every golden case as a replay does, and takes the change back.
func TestRetimeThenUnretimeIsIdentityOnTheGoldenCorpora(t *testing.T) {
	generator := generatorOf(t)
	cases, err := filepath.Glob("../../golden/*/cmd")
	if err != nil || len(cases) == 0 {
		t.Fatalf("list golden cases: %d found, %v", len(cases), err)
	}
	for _, file := range cases {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			line, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(t.TempDir(), "corpus")
			c := exec.Command(generator, append(strings.Fields(string(line))[1:], "--quiet", "-o", dir)...)
			c.Dir = filepath.Dir(file)
			c.Env = append(os.Environ(), "VENDOR=", "SEMCONV=", "SCENARIOS_DIR=")
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", line, err, out)
			}
			checkIdentity(t, dir)
		})
	}
}

func checkIdentity(t *testing.T, dir string) {
	records := 0
	eachRecord(t, dir, func(m *match.Message) {
		checkRecord(t, m.Signal, m.Format, m.Payload)
		records++
	})
	if records == 0 {
		t.Error("no records")
	}
}

// rewrites are the ways to change a record, forth (sign 1) and back (-1).
var rewrites = map[otlp.Format]map[string]func(sig otlp.Signal, b []byte, sign int64) error{
	otlp.FormatProto: {
		"by walk": func(sig otlp.Signal, b []byte, sign int64) error {
			return wire.Rewrite(sig, b, &wire.Times{Delta: sign * goldenShift}, goldenTrace, goldenSpan)
		},
		"by index": func(sig otlp.Signal, b []byte, sign int64) error {
			if sig == otlp.SignalMetrics {
				return nil // the starts of its points are set, which cannot be taken back
			}
			var x wire.Index
			if err := x.Read(sig, b, true); err != nil {
				return err
			}
			return x.Places.Apply(b, x.Bounds, &wire.Change{Shift: sign * goldenShift, TraceXor: goldenTrace, SpanXor: goldenSpan})
		},
	},
	otlp.FormatJSON: {
		"in JSON": func(sig otlp.Signal, b []byte, sign int64) error {
			moved := &wire.Times{Delta: sign * goldenShift}
			return errors.Join(moved.ApplyJSON(sig, b), wire.ReKeyJSON(sig, b, goldenTrace, goldenSpan))
		},
	},
}

func checkRecord(t *testing.T, sig otlp.Signal, f otlp.Format, payload []byte) {
	t.Helper()
	var first []byte
	for name, rewrite := range rewrites[f] {
		b := bytes.Clone(payload)
		if err := rewrite(sig, b, 1); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if sig == otlp.SignalTraces && bytes.Equal(b, payload) {
			t.Fatalf("%s: nothing was changed", name)
		}
		if first == nil || sig == otlp.SignalMetrics {
			first = bytes.Clone(b)
		} else if !bytes.Equal(b, first) {
			t.Fatalf("%s: another change than by the other way", name)
		}
		if err := rewrite(sig, b, -1); err != nil {
			t.Fatalf("%s, back: %v", name, err)
		}
		if !bytes.Equal(b, payload) {
			t.Fatalf("%s: not what it was after undoing", name)
		}
	}
}
