package wire

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// nested puts items into a payload: field 2 of field 2 of field 1.
func nested(items ...string) (b []byte) {
	for _, it := range items {
		b = protowire.AppendBytes(protowire.AppendTag(b, 2, protowire.BytesType), unhex(it))
	}
	b = protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), b)
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), b)
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func TestItemsOfFewFieldsAreTold(t *testing.T) {
	const (
		traceID = "0a10 00f10203 04050607 08090a0b 0c0d0e0f "
		textID  = "0a10 61616161 61616161 61616161 61616161 "
		spanID  = "1208 01020304 05060708 "
		textSID = "1208 62626262 62626262 "
	)
	for _, row := range []struct {
		why   string
		items []string
		want  otlp.Signal
	}{
		{"a span of ids and a name", []string{traceID + spanID + "2a026f70"}, otlp.SignalTraces},
		{"a span of ids alone", []string{traceID + spanID}, otlp.SignalTraces},
		{"a span whose ids read as text", []string{textID + textSID + "2a026f70"}, otlp.SignalTraces},
		{"a span without a name or ids, with times", []string{"39 0100000000000000"}, otlp.SignalTraces},
		{"a span with a parent and attributes", []string{traceID + spanID + "2208 0807060504030201 4a050a016b1200"}, otlp.SignalTraces},
		{"a span with a short trace id, but times", []string{"0a02 0102 39 0100000000000000"}, otlp.SignalTraces},
		{"a gauge named as long as ids are", []string{textID + textSID + "2a0b 0a09 19 0100000000000000"}, otlp.SignalMetrics},
		{"a gauge", []string{"0a01 6d 2a0b 0a09 19 0100000000000000"}, otlp.SignalMetrics},
		{"a metric of a name", []string{"0a01 6d"}, otlp.SignalMetrics},
		{"a sum", []string{"0a01 6d 3a02 1002"}, otlp.SignalMetrics},
		{"a log record of a body", []string{"2a07 0a05 68656c6c6f"}, otlp.SignalLogs},
		{"a log record of a body and attributes", []string{"2a07 0a05 68656c6c6f 3205 0a016b1200"}, otlp.SignalLogs},
		{"a log record of ids", []string{"2a03 0a0168 4a10 00010203 04050607 08090a0b 0c0d0e0f 5208 01020304 05060708"}, otlp.SignalLogs},
		{"an empty log record, then one that tells", []string{"", "09 0100000000000000"}, otlp.SignalLogs},
		{"an unknown field of number 17", []string{traceID + spanID + "8a0100"}, otlp.SignalTraces},
	} {
		if got, err := Detect(nested(row.items...)); err != nil || got != row.want {
			t.Errorf("%s: got %v, %v; want %v", row.why, got, err, row.want)
		}
	}
	for _, items := range [][]string{{}, {""}, {"", ""}} {
		if _, err := Detect(nested(items...)); !errors.Is(err, ErrNoItems) {
			t.Errorf("%d items of nothing: got %v, want %v", len(items), err, ErrNoItems)
		}
	}
	if _, err := Detect(nested("0d 01020304")); !errors.Is(err, ErrMalformed) {
		t.Errorf("an item of no signal: got %v, want %v", err, ErrMalformed)
	}
}

func TestProfilesAreTold(t *testing.T) {
	// A profile by the names of its fields: sample type, sample, time, duration,
	// period type, period, id, indices of attributes.
	fields := []string{"0a04 08011002", "1202 0803", "19 0000faed51728618", "20e807", "2a02 0801", "3080ade204",
		"3a10 00010203 04050607 08090a0b 0c0d0e0f", "5a02 0102"}
	ascending := nested(strings.Join(fields, ""))
	slices.Reverse(fields)
	descending := nested(strings.Join(fields, ""))
	dictionary := unhex("1207 2a00 2a03 637075")
	for name, b := range map[string][]byte{
		"ascending":               slices.Concat(ascending, dictionary),
		"descending":              slices.Concat(dictionary, descending),
		"no dictionary":           ascending,
		"descending, none either": descending,
		"a dictionary alone":      dictionary,
	} {
		if sig, err := Detect(b); !errors.Is(err, ErrProfiles) {
			t.Errorf("%s: got %v, %v; want %v", name, sig, err, ErrProfiles)
		}
	}
	// As they were before: see opentelemetry-proto 1.7.
	old := nested("0a040801 1002 12020803 1a0101 20e807 28e807 32020801 3880ade204 4000 5210 00010203 04050607 08090a0b 0c0d0e0f")
	if sig, err := Detect(old); !errors.Is(err, ErrProfiles) {
		t.Errorf("before 1.8: got %v, %v; want %v", sig, err, ErrProfiles)
	}
	for _, line := range []string{`{"resourceProfiles":[]}`, `{"dictionary":{},"resourceProfiles":[{}]}`} {
		if sig, err := DetectJSON([]byte(line)); !errors.Is(err, ErrProfiles) {
			t.Errorf("%s: got %v, %v; want %v", line, sig, err, ErrProfiles)
		}
	}
}
