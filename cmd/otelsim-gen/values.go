package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/otelsim/otelsim/internal/numbers"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// The flags that are more than a string or a number.
var (
	_ pflag.Value = (*timeValue)(nil)
	_ pflag.Value = (*shardValue)(nil)
	_ pflag.Value = (*signalsValue)(nil)
	_ pflag.Value = (*rangeValue)(nil)
	_ pflag.Value = (*traceIDValue)(nil)
	_ pflag.Value = (*enumValue[int])(nil)
)

// timeValue is a flag that holds a point in time.
type timeValue struct{ time.Time }

func (v *timeValue) Type() string   { return "TIME" }
func (v *timeValue) String() string { return v.Format(time.RFC3339Nano) }

// lastYear leaves room for the length of a run in nanoseconds of 64 bits.
const lastYear = 2200

func (v *timeValue) Set(s string) error {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return errors.New("want a time such as 2026-01-01T00:00:00Z (RFC 3339)")
	}
	if t = t.UTC(); t.Before(build.FirstStart) || t.Year() > lastYear {
		return fmt.Errorf("want a time from %s to the year %d", build.FirstStart.Format(time.RFC3339), lastYear)
	}
	v.Time = t
	return nil
}

// shardValue is a flag that holds a share of the segments: index of of. The
// zero value means all of them.
type shardValue struct{ index, of uint64 }

func (v *shardValue) Type() string { return "I/N" }
func (v *shardValue) String() string {
	if v.of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", v.index, v.of)
}

func (v *shardValue) Set(s string) error {
	const want = "want I/N with 0 <= I < N, such as 0/4"
	left, right, ok := strings.Cut(s, "/")
	if !ok {
		return errors.New(want)
	}
	index, err1 := numbers.Whole(left)
	of, err2 := numbers.Whole(right)
	if err1 != nil || err2 != nil || index >= of || of > math.MaxUint32 {
		return errors.New(want)
	}
	v.index, v.of = index, of
	return nil
}

// signalsValue is a flag that holds signals, in their order.
type signalsValue []otlp.Signal

func (v *signalsValue) Type() string   { return "LIST" }
func (v *signalsValue) String() string { return strings.Join(v.names(), ",") }

func (v *signalsValue) names() (names []string) {
	for _, s := range *v {
		names = append(names, s.String())
	}
	return names
}

func (v *signalsValue) has(s otlp.Signal) bool { return slices.Contains(*v, s) }

func (v *signalsValue) Set(s string) error {
	var given [otlp.NumSignals]bool
	for name := range strings.SplitSeq(s, ",") {
		sig, known := otlp.ParseSignal(strings.TrimSpace(name))
		if !known || given[sig] {
			return errors.New("want some of traces, metrics, logs, each once, such as traces,logs")
		}
		given[sig] = true
	}
	*v = nil
	for sig, ok := range given {
		if ok {
			*v = append(*v, otlp.Signal(sig))
		}
	}
	return nil
}

// rangeValue is a flag that holds iterations: from first to last, or with open
// to the last that there is. The zero value is iteration 0.
type rangeValue struct {
	first, last uint64
	open        bool
}

func (v *rangeValue) Type() string { return "N[-M]" }
func (v *rangeValue) String() string {
	switch {
	case v.open:
		return fmt.Sprintf("%d-", v.first)
	case v.first == v.last:
		return fmt.Sprint(v.first)
	}
	return fmt.Sprintf("%d-%d", v.first, v.last)
}

func (v *rangeValue) Set(s string) error {
	n, err := numbers.Whole(s)
	switch {
	case err == nil:
		*v = rangeValue{first: n, last: n}
		return nil
	case errors.Is(err, numbers.ErrZero):
		return err
	case s == "all":
		*v = rangeValue{open: true}
		return nil
	}
	left, right, ok := strings.Cut(s, "-")
	first, err1 := numbers.Whole(left)
	last, err2 := numbers.Whole(right)
	switch {
	case ok && err1 == nil && right == "":
		*v = rangeValue{first: first, open: true}
	case !ok || err1 != nil || err2 != nil || first > last:
		return errors.New("want N, a range N-M with N <= M, N- or all")
	default:
		*v = rangeValue{first: first, last: last}
	}
	return nil
}

// one reports whether the range is a single iteration.
func (v *rangeValue) one() bool { return !v.open && v.first == v.last }

// traceIDValue is a flag that holds a trace id.
type traceIDValue struct {
	otlp.TraceID
	given bool
}

func (v *traceIDValue) Type() string { return "HEX" }
func (v *traceIDValue) String() string {
	if !v.given {
		return ""
	}
	return hex.EncodeToString(v.TraceID[:])
}

func (v *traceIDValue) Set(s string) error {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(v.TraceID) {
		return errors.New("want 32 hexadecimal digits")
	}
	copy(v.TraceID[:], b)
	if v.TraceID == (otlp.TraceID{}) {
		return errors.New("no trace has the id of zeros")
	}
	v.given = true
	return nil
}

// enumValue is a flag that takes one of a few names.
type enumValue[T comparable] struct {
	value  T
	names  []string
	values []T
}

func (v *enumValue[T]) Type() string { return strings.Join(v.names, "|") }
func (v *enumValue[T]) String() string {
	for i, value := range v.values {
		if value == v.value {
			return v.names[i]
		}
	}
	return ""
}

func (v *enumValue[T]) Set(s string) error {
	for i, name := range v.names {
		if name == s {
			v.value = v.values[i]
			return nil
		}
	}
	last := len(v.names) - 1
	return fmt.Errorf("want %s or %s", strings.Join(v.names[:last], ", "), v.names[last])
}

// words is a flag that takes one of the words; the first is the default.
func words(names ...string) enumValue[string] {
	return enumValue[string]{value: names[0], names: names, values: names}
}

func formatValue() enumValue[otlp.Format] {
	return enumValue[otlp.Format]{
		value:  otlp.FormatProto,
		names:  []string{"proto", "json"},
		values: []otlp.Format{otlp.FormatProto, otlp.FormatJSON},
	}
}

func temporalityValue() enumValue[otlp.Temporality] {
	return enumValue[otlp.Temporality]{
		value:  otlp.TemporalityCumulative,
		names:  []string{"cumulative", "delta"},
		values: []otlp.Temporality{otlp.TemporalityCumulative, otlp.TemporalityDelta},
	}
}

func compressionValue() enumValue[corpus.Compression] {
	return enumValue[corpus.Compression]{
		value:  corpus.CompressionZstd,
		names:  []string{"zstd", "gzip", "none"},
		values: []corpus.Compression{corpus.CompressionZstd, corpus.CompressionGzip, corpus.CompressionNone},
	}
}

func levelValue() enumValue[corpus.Level] {
	return enumValue[corpus.Level]{
		value:  corpus.LevelFastest,
		names:  []string{"fastest", "default", "better"},
		values: []corpus.Level{corpus.LevelFastest, corpus.LevelDefault, corpus.LevelBetter},
	}
}

// reportValue is --report: of learn the file of the report, else the form of findings.
type reportValue struct{ o *options }

func (v *reportValue) Type() string {
	return v.o.reportAs.Type()
}

func (v *reportValue) String() string {
	if v.o == nil {
		return ""
	}
	return v.o.reportAs.String()
}

func (v *reportValue) Set(s string) error {
	if v.o.verb == verbLearn {
		v.o.reportFile = s
		return nil
	}
	return v.o.reportAs.Set(s)
}
