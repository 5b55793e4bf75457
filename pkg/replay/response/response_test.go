package response

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

func marshal(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wirePartial writes an export response with the library's primitives, with
// the field numbers that the three signals share.
func wirePartial(p Partial) []byte {
	var m []byte
	m = protowire.AppendTag(m, 1, protowire.VarintType)
	m = protowire.AppendVarint(m, uint64(p.Rejected))
	m = protowire.AppendTag(m, 2, protowire.BytesType)
	m = protowire.AppendString(m, p.Message)
	m = protowire.AppendTag(m, 99, protowire.Fixed32Type) // a field of the future
	m = protowire.AppendFixed32(m, 1)
	b := protowire.AppendTag(nil, 7, protowire.Fixed64Type) // and another
	b = protowire.AppendFixed64(b, 1)
	b = protowire.AppendTag(b, 1, protowire.BytesType)
	return protowire.AppendBytes(b, m)
}

func TestParseReadsTheWire(t *testing.T) {
	for _, want := range []Partial{{}, {Rejected: 3}, {Message: "a warning"}, {Rejected: math.MaxInt64, Message: "too \u00e4rgerlich"}} {
		if got, err := Parse(wirePartial(want)); err != nil || got != want {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
}

func TestParseThenAppendIsIdentity(t *testing.T) {
	for _, want := range []Partial{{}, {Rejected: 300}, {Rejected: 1, Message: "why"}} {
		b := Append([]byte("prefix"), want)
		if full := want == (Partial{}); full != (len(b) == len("prefix")) {
			t.Errorf("partial_success must be unset exactly on full success: %+v gave %x", want, b)
		}
		if got, err := Parse(b[len("prefix"):]); err != nil || got != want {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
}

func TestStatusAgreesWithTheLibrary(t *testing.T) {
	for _, want := range []Status{
		{Code: 14, Message: "down"},
		{Code: 8, Message: "busy", RetryInfo: true},
		{Code: 8, RetryInfo: true, RetryDelay: 1500 * time.Millisecond},
	} {
		m := &status.Status{Code: want.Code, Message: want.Message}
		if want.RetryInfo {
			other, err := anypb.New(&errdetails.ErrorInfo{Reason: "other"})
			if err != nil {
				t.Fatal(err)
			}
			info, err := anypb.New(&errdetails.RetryInfo{RetryDelay: durationpb.New(want.RetryDelay)})
			if err != nil {
				t.Fatal(err)
			}
			m.Details = []*anypb.Any{other, info}
		}
		if got, err := ParseStatus(marshal(t, m)); err != nil || got != want {
			t.Errorf("parse: got %+v, %v; want %+v", got, err, want)
		}
		var back status.Status
		if err := proto.Unmarshal(AppendStatus(nil, want), &back); err != nil {
			t.Fatal(err)
		}
		if got, err := ParseStatus(marshal(t, &back)); err != nil || got != want {
			t.Errorf("append: the library reads %+v (%v), want %+v", got, err, want)
		}
		for _, a := range back.Details {
			var info errdetails.RetryInfo
			if err := a.UnmarshalTo(&info); err != nil || info.GetRetryDelay().AsDuration() != want.RetryDelay {
				t.Errorf("append: retry delay %v, %v; want %v", info.GetRetryDelay().AsDuration(), err, want.RetryDelay)
			}
		}
	}
}

func TestRetryDelayIsNeverNegativeNorOverflows(t *testing.T) {
	for _, d := range []*durationpb.Duration{{Seconds: -5}, {Nanos: -1}, {Seconds: math.MaxInt64}, {Seconds: math.MinInt64}} {
		got, err := ParseRetryInfo(marshal(t, &errdetails.RetryInfo{RetryDelay: d}))
		if err != nil || got < 0 {
			t.Errorf("%v: got %v, %v", d, got, err)
		}
	}
}

func TestJSONFormsOfPartialSuccess(t *testing.T) {
	rows := []struct {
		why, in string
		want    Partial
	}{
		{"full success", `{}`, Partial{}},
		{"nothing at all", ``, Partial{}},
		{"an explicit null", `{"partialSuccess":null}`, Partial{}},
		{"int64 as a string, as JSON protobuf writes it", `{"partialSuccess":{"rejectedSpans":"12","errorMessage":"why"}}`, Partial{12, "why"}},
		{"int64 as a number, as it may be read", `{"partialSuccess":{"rejectedLogRecords":7}}`, Partial{7, ""}},
		{"unknown fields are ignored", `{"x":[1],"partialSuccess":{"rejectedDataPoints":"1","y":{}}}`, Partial{1, ""}},
	}
	for _, r := range rows {
		if got, err := ParseJSON([]byte(r.in)); err != nil || got != r.want {
			t.Errorf("%s: got %+v, %v; want %+v", r.why, got, err, r.want)
		}
	}
	for sig := range otlp.Signal(otlp.NumSignals) {
		for _, want := range []Partial{{}, {3, ""}, {0, "a \"warning\""}, {4, "both"}} {
			b := AppendJSON(nil, sig, want)
			if got, err := ParseJSON(b); err != nil || got != want {
				t.Errorf("%v: %s: got %+v, %v; want %+v", sig, b, got, err, want)
			}
		}
	}
	if _, err := ParseJSON([]byte(`{"partialSuccess":{"rejectedSpans":"x"}}`)); !errors.Is(err, ErrMalformed) {
		t.Errorf("a count that is no number: got %v", err)
	}
	s := Status{Code: 3, Message: "bad <data>"}
	if got, err := ParseStatusJSON(AppendStatusJSON(nil, s)); err != nil || got != s {
		t.Errorf("status: got %+v, %v", got, err)
	}
}

func TestMalformedMessagesAreErrors(t *testing.T) {
	rows := []struct{ why, in string }{
		{"a tag that ends early", "\x80"},
		{"field number 0", "\x02\x00"},
		{"a length beyond the end", "\x0a\x05ab"},
		{"a length that overflows", "\x0a" + strings.Repeat("\xff", 9) + "\x01"},
		{"a varint without value", "\x08"},
		{"a fixed64 cut short", "\x09abc"},
		{"a fixed32 cut short", "\x0dab"},
		{"a group", "\x0b\x0c"},
		{"damage inside", "\x0a\x01\x80"},
	}
	for _, r := range rows {
		if _, err := Parse([]byte(r.in)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v", r.why, err)
		}
	}
	if _, err := ParseStatus([]byte("\x1a\x01\x80")); !errors.Is(err, ErrMalformed) {
		t.Errorf("damaged detail: got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Append(nil, Partial{5, "why"}))
	f.Add(AppendStatus(nil, Status{8, "busy", true, time.Second}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := Parse(b); err == nil {
			if back, err := Parse(Append(nil, p)); err != nil || back != p {
				t.Errorf("got %+v, %v; want %+v", back, err, p)
			}
		}
		if s, err := ParseStatus(b); err == nil && s.RetryDelay < 0 {
			t.Errorf("negative delay %v", s.RetryDelay)
		}
		_, _ = ParseJSON(b)
	})
}

// Seconds and nanoseconds each fit where their sum does not.
func TestTheLongestDelayIsLong(t *testing.T) {
	var d []byte
	d = appendVarint(d, 1, math.MaxInt64)
	d = appendVarint(d, 2, math.MaxInt32)
	got, err := ParseRetryInfo(appendBytes(nil, 1, string(d)))
	if err != nil || got < 292*365*24*time.Hour {
		t.Errorf("got %v, %v; want centuries", got, err)
	}
}

func TestWhatIsSaidIsFitForATerminal(t *testing.T) {
	for in, want := range map[string]string{
		" a\x1b[31m\u009b\x9b\n ": `a\x1b[31m\u009b\x9b`,
		"why: %!w(<nil>)":         "why: no reason given",
		strings.Repeat("x", 500):  strings.Repeat("x", maxSaid) + "...",
	} {
		if got := Said(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
