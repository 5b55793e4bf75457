package form

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// FuzzItems takes any payload apart. What protobuf reads has the digest of what
// protobuf writes, digests and fields agree, and undoing is its own inverse.
func FuzzItems(f *testing.F) {
	for sig := range otlp.Signal(otlp.NumSignals) {
		for seed := range uint64(6) {
			fill := newFiller(seed)
			fill.deep = 5
			p := fill.message(rootOf(sig))
			b := marshal(f, p)
			f.Add(uint8(sig), b)
			f.Add(uint8(sig), b[:len(b)*2/3])
			for _, h := range habits {
				f.Add(uint8(sig), again(f, fill, b, p.ProtoReflect().Descriptor(), h))
			}
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, b []byte) {
		sig := otlp.Signal(n % otlp.NumSignals)
		whole, wholeErr := Digest(rootOf(sig), b)
		fields, fieldsErr := AppendFields(nil, rootOf(sig), b)
		if (wholeErr == nil) != (fieldsErr == nil) && !errors.Is(fieldsErr, ErrTooLong) {
			t.Errorf("got %v for the digest, %v for the fields", wholeErr, fieldsErr)
		}
		p := describedBy[rootOf(sig)].ProtoReflect().New().Interface()
		if proto.Unmarshal(b, p) == nil && wholeErr == nil {
			clean := marshal(t, p)
			if h := digestOf(t, rootOf(sig), clean); h != whole && fieldsErr == nil {
				t.Errorf("another digest when protobuf writes it again: %+v", Diff(fields, fieldsOf(t, rootOf(sig), clean)))
			}
		}
		var s Splitter
		_ = s.Split(sig, b, func(r *Raw) error {
			fuzzItem(t, r.Message, r.Bytes)
			fuzzItem(t, ResourcePart, r.Resource)
			fuzzItem(t, ScopePart, r.Scope)
			if r.Metric != nil {
				fuzzItem(t, MetricPart, r.Metric)
			}
			return nil
		})
	})
}

func fuzzItem(t *testing.T, m Message, b []byte) {
	h, err := Digest(m, b)
	if err != nil {
		return
	}
	before := bytes.Clone(b)
	u := Undo{TraceXor: 5, SpanXor: 6, Shift: 7}
	if u.Apply(m, b) == nil {
		back := Undo{TraceXor: 5, SpanXor: 6, Shift: -7}
		if err := back.Apply(m, b); err != nil {
			t.Errorf("what was undone once cannot be again: %v", err)
		}
	}
	copy(b, before)
	fields, err := AppendFields(nil, m, b)
	if err != nil && !errors.Is(err, ErrTooLong) {
		t.Errorf("a digest and no fields: %v", err)
	}
	for i := 1; i < len(fields); i++ {
		if fields[i-1].Path >= fields[i].Path {
			t.Errorf("path %q after %q", fields[i].Path, fields[i-1].Path)
		}
	}
	if m >= Span && m <= SummaryPoint {
		checkScan(t, m, b)
	}
	// A change of any byte shows in both or in neither.
	if len(b) > 300 {
		return
	}
	for i := 0; i < len(b); i += 1 + len(b)/32 {
		b[i] ^= 1
		if other, err := Digest(m, b); err == nil {
			list, err := AppendFields(nil, m, b)
			if err == nil && (other == h) != (len(Diff(fields, list)) == 0) {
				t.Errorf("digests are equal: %t, and fields differ by %+v", other == h, Diff(fields, list))
			}
		}
		b[i] ^= 1
	}
}

// sameAsProtobuf compares what an object means with what protobuf's JSON takes it for,
// which has ids in Base64.
func sameAsProtobuf(t *testing.T, sig otlp.Signal, object []byte) {
	var v any
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	if !json.Valid(object) || d.Decode(&v) != nil {
		return
	}
	hexed, err := json.Marshal(v)
	if err != nil || !base64IDs(v) {
		return
	}
	based, err := json.Marshal(v)
	if err != nil {
		return
	}
	p := describedBy[rootOf(sig)].ProtoReflect().New().Interface()
	if protojson.Unmarshal(based, p) != nil {
		return
	}
	got, err := AppendProto(nil, sig, hexed)
	if err != nil {
		t.Errorf("got %v for what protobuf reads: %s", err, hexed)
		return
	}
	want, err := proto.Marshal(p)
	if err == nil && digestOf(t, rootOf(sig), got) != digestOf(t, rootOf(sig), want) {
		t.Errorf("protobuf reads it otherwise: %+v: %s", Diff(fieldsOf(t, rootOf(sig), want), fieldsOf(t, rootOf(sig), got)), hexed)
	}
}

// base64IDs turns the hex of ids into Base64; false where one is no hex.
func base64IDs(v any) bool {
	ok := true
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			ok = base64IDs(e) && ok
		}
	case map[string]any:
		for name, e := range v {
			switch name {
			case "traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id":
				if s, text := e.(string); text {
					b, err := hex.DecodeString(s)
					v[name], ok = base64.StdEncoding.EncodeToString(b), ok && err == nil
					continue
				}
			}
			ok = base64IDs(e) && ok
		}
	}
	return ok
}

// FuzzAppendProto reads anything as JSON: what protobuf reads as such means the same.
func FuzzAppendProto(f *testing.F) {
	for sig := range otlp.Signal(otlp.NumSignals) {
		for seed := range uint64(6) {
			fill := newFiller(seed)
			fill.deep = 5
			object := asJSON(f, protojson.MarshalOptions{}, fill.message(rootOf(sig)))
			f.Add(uint8(sig), object)
			f.Add(uint8(sig), object[:len(object)*2/3])
		}
	}
	f.Add(uint8(0), []byte(`{"resourceSpans":[{"new":[1,{"a":"\ud83d\ude00"}],"scopeSpans":[{"spans":[{"kind":"SPAN_KIND_NEW","name":"\u00e9"}]}]}]}`))
	f.Fuzz(func(t *testing.T, n uint8, b []byte) {
		sig := otlp.Signal(n % otlp.NumSignals)
		out, err := AppendProto(nil, sig, b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("got %v, want %v", err, ErrMalformed)
			}
			return
		}
		if len(out) > 2*len(b) {
			t.Errorf("%d bytes of JSON became %d", len(b), len(out))
		}
		if _, err := Digest(rootOf(sig), out); err != nil {
			t.Errorf("JSON became what cannot be read: %v", err)
		}
		sameAsProtobuf(t, sig, b)
		var s Splitter
		if err := s.Split(sig, out, func(*Raw) error { return nil }); err != nil {
			t.Errorf("JSON became what cannot be taken apart: %v", err)
		}
	})
}
