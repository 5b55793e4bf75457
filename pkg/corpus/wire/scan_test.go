package wire

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

const spanLine = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00000000000000000000000000000001","spanId":"0000000000000001",` +
	`"startTimeUnixNano":"5","endTimeUnixNano":99,"links":[{"traceId":"00000000000000000000000000000002","spanId":"0000000000000003"}]}]}]}]}`

func TestScanLooksAtIDs(t *testing.T) {
	if c, err := ScanJSON(otlp.SignalTraces, []byte(spanLine)); err != nil || c != (Counts{1, 5, 99}) {
		t.Errorf("got %+v, %v", c, err)
	}
	for _, row := range []struct{ old, by string }{
		{`"00000000000000000000000000000001"`, `"AAAAAAAAAAAAAAAAAAAAAQ=="`}, // base64, as other JSON of protobuf has it
		{`"00000000000000000000000000000001"`, `"0000000000000000000000000000000x"`},
		{`"00000000000000000000000000000001"`, `"1"`},
		{`"00000000000000000000000000000001"`, `17`},
		{`"0000000000000001"`, `"01"`},
		{`"00000000000000000000000000000002"`, `"zz"`},
		{`"0000000000000003"`, `"zz"`},
	} {
		line := strings.Replace(spanLine, row.old, row.by, 1)
		if _, err := ScanJSON(otlp.SignalTraces, []byte(line)); !errors.Is(err, ErrID) || !errors.Is(err, ErrMalformed) {
			t.Errorf("%s for %s: got %v, want %v", row.by, row.old, err, ErrID)
		}
		if _, err := CountJSON(otlp.SignalTraces, []byte(line)); err != nil {
			t.Errorf("counting %s: %v", row.by, err)
		}
	}
	for _, by := range []string{`""`, `null`} {
		line := strings.Replace(spanLine, `"0000000000000001"`, by, 1)
		if _, err := ScanJSON(otlp.SignalTraces, []byte(line)); err != nil {
			t.Errorf("%s, no id: got %v", by, err)
		}
	}
}

func TestAppendJSONWritesAnyNumberOfDigits(t *testing.T) {
	for _, row := range []struct {
		why    string
		change Times
		want   string
	}{
		{"more digits, in a string and a number", Times{Delta: 1000}, strings.NewReplacer(`"5"`, `"1005"`, `:99,`, `:1099,`).Replace(spanLine)},
		{"fewer digits", Times{Delta: -4, Keep: true}, strings.NewReplacer(`"5"`, `"1"`, `:99,`, `:95,`).Replace(spanLine)},
		{"one that has no result stays", Times{Delta: -50, Keep: true}, strings.NewReplacer(`:99,`, `:49,`).Replace(spanLine)},
		{"no change", Times{}, spanLine},
	} {
		object := []byte(spanLine)
		got, err := row.change.AppendJSON([]byte("x"), otlp.SignalTraces, object)
		if err != nil || string(got) != "x"+row.want || string(object) != spanLine {
			t.Errorf("%s: got %s, %v, want %s", row.why, got, err, row.want)
		}
	}
	bad := Times{Delta: -50}
	if got, err := bad.AppendJSON([]byte("x"), otlp.SignalTraces, []byte(spanLine)); !errors.Is(err, ErrRange) || string(got) != "x" {
		t.Errorf("a time below zero: got %q, %v", got, err)
	}
	more := Times{Delta: 1000}
	if err := more.ApplyJSON(otlp.SignalTraces, []byte(spanLine)); !errors.Is(err, ErrDigits) || !errors.Is(err, ErrRange) {
		t.Errorf("in place: got %v, want %v", err, ErrDigits)
	}
}

func TestEachTimeAgreesWithTheCounts(t *testing.T) {
	eachRandom(31, 200, func(sig otlp.Signal, m proto.Message) {
		for f, b := range [][]byte{marshal(t, m), asJSON(t, m)} {
			var got []uint64
			if err := EachTime(sig, otlp.Format(f), b, func(v uint64) { got = append(got, v) }); err != nil {
				t.Fatal(err)
			}
			c, err := CountJSON(sig, asJSON(t, m))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []uint64{c.First, c.Last} {
				if want > 0 && !slices.Contains(got, want) {
					t.Fatalf("%v: got %d times without %d", sig, len(got), want)
				}
			}
		}
	})
}
