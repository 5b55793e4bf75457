package form

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestScansAndSums looks at random items as protobuf writes them and as others do.
func TestScansAndSums(t *testing.T) {
	attributes, told := 0, 0
	for _, m := range items {
		if m > SummaryPoint {
			continue
		}
		for seed := range uint64(30) {
			f := newFiller(seed)
			p := f.message(m)
			b := marshal(t, p)
			all := [][]byte{b}
			for _, h := range habits {
				all = append(all, again(t, f, b, p.ProtoReflect().Descriptor(), h))
			}
			for _, b := range all {
				a, n := checkScan(t, m, b)
				attributes, told = attributes+a, told+n
			}
		}
	}
	if attributes < 50 || told < 1000 {
		t.Errorf("%d attributes and %d fields were looked at", attributes, told)
	}
}

// checkScan holds a Scan and a Sum of an item against its fields and digests, and
// returns how many attributes and fields they told.
func checkScan(t testing.TB, m Message, b []byte) (attributes, told int) {
	t.Helper()
	digest, err := Digest(m, b)
	if err != nil {
		return 0, 0
	}
	list, err := AppendFields(nil, m, b)
	if err != nil {
		return 0, 0
	}
	var s Scan
	if err := s.Read(m, b); err != nil {
		t.Errorf("a digest and no outside: %v", err)
		return 0, 0
	}
	at := func(path string) *Value {
		i := slices.IndexFunc(list, func(f Field) bool { return f.Path == path })
		if i < 0 {
			return nil
		}
		return &list[i].Value
	}
	for i := range s.Attributes {
		a := &s.Attributes[i]
		path := AttributePath("attributes", string(a.Key))
		place, ok := s.Find(string(a.Key))
		text, kind, scalar := a.Append(nil)
		if !ok || !scalar {
			continue
		}
		attributes++
		if v := at(path); place != i || v == nil || *v != (Value{kind, string(text)}) {
			t.Errorf("%s at %d of %d is %v %q, the field is %+v", path, place, i, kind, text, v)
		}
	}
	if i, ok := s.Find("no such key"); ok && i >= 0 {
		t.Errorf("an attribute that is not there is at %d", i)
	}
	for _, name := range scanned {
		text, kind, there, ok := s.Append(nil, name)
		if !ok {
			continue
		}
		told++
		if v := at(name); there != (v != nil) || there && *v != (Value{kind, string(text)}) {
			t.Errorf("%s of %v is %t, %v %q, the field is %+v", name, m, there, kind, text, v)
		}
	}
	checkSum(t, m, b, digest, &s)
	return attributes, told
}

var scanned = []string{"name", "kind", "status.code", "status.message", "body", "severity_number", "severity_text", "event_name", "trace_state",
	"start_time_unix_nano", "end_time_unix_nano", "flags", "sum", "count", "value", "parent_span_id"}

// checkSum takes out of a sum what is there, all at once and one by one.
func checkSum(t testing.TB, m Message, b []byte, digest uint64, s *Scan) {
	t.Helper()
	sum := NewSum(m, digest)
	for i := range s.Attributes {
		h, err := AttributeSum(s.Attributes[i].Raw)
		if err != nil {
			t.Error(err)
		}
		sum.Take(h)
	}
	if rest, err := RestDigest(m, b); err != nil || rest != sum.Digest() {
		t.Errorf("the digest without attributes is not that of the rest: %v", err)
	}
	for i := range s.Attributes {
		h, _ := AttributeSum(s.Attributes[i].Raw)
		sum.Put(h)
	}
	if sum.Digest() != digest {
		t.Error("what was taken and put back is not the same")
	}
	for _, name := range scanned {
		h, there, ok := s.FieldSum(name)
		if !ok {
			continue
		}
		sum := NewSum(m, digest)
		sum.TakeField(h)
		without := withoutField(m, b, name)
		if want, err := Digest(m, without); err != nil || want != sum.Digest() || there != (want != digest) {
			t.Errorf("without %s of %v the digest is another: %v", name, m, err)
		}
		if text, kind, _, _ := s.Append(nil, name); there {
			if put, ok := FieldSum(m, name, Value{kind, string(text)}); ok && put != h {
				t.Errorf("%s of %v adds %x, with the same value %x", name, m, h, put)
			}
		}
	}
}

// withoutField returns a message without one of its fields.
func withoutField(m Message, b []byte, name string) (out []byte) {
	for i := 0; i < len(b); {
		tag, _, _, after := read(b, i)
		if n := named(m, name).number; tag>>3 != uint64(n) || tag&7 != uint64(byNumber[m][n].wire) {
			out = append(out, b[i:after]...)
		}
		i = after
	}
	return out
}

// TestFieldSums: fields that an item may be given are those that protobuf would write.
func TestFieldSums(t *testing.T) {
	for _, c := range []struct {
		m     Message
		name  string
		value Value
		ok    bool
	}{
		{Span, "name", Value{otlp.KindText, "x"}, true}, {Span, "kind", Value{otlp.KindInt, "SERVER"}, true},
		{LogRecord, "severity_number", Value{otlp.KindInt, "WARN2"}, true},
		{Span, "name", Value{otlp.KindText, ""}, false}, {Span, "kind", Value{otlp.KindInt, "UNSPECIFIED"}, false},
		{Span, "kind", Value{otlp.KindInt, "NONE"}, false}, {Span, "body", Value{otlp.KindText, "x"}, false},
		{LogRecord, "body", Value{otlp.KindText, "x"}, false}, {Span, "name", Value{otlp.KindInt, "1"}, false},
	} {
		if _, ok := FieldSum(c.m, c.name, c.value); ok != c.ok {
			t.Errorf("%s of %v: %t, want %t", c.name, c.m, ok, c.ok)
		}
	}
}

func TestNewKeyValues(t *testing.T) {
	for _, v := range []Value{{otlp.KindText, ""}, {otlp.KindText, strings.Repeat("x", 300)}, {otlp.KindInt, "-5"}, {otlp.KindBool, "true"},
		{otlp.KindBool, "false"}, {otlp.KindDouble, "1.5"}} {
		for _, key := range []string{"", "k", strings.Repeat("k", 200)} {
			value, ok := AppendAnyValue(nil, v)
			_, a := NewKeyValue([]byte("before"), []byte(key), value)
			read := keyValue(a.Raw)
			text, kind, scalar := read.Append(nil)
			if !ok || !scalar || !read.Plain || !bytes.Equal(read.Key, a.Key) || !bytes.Equal(read.Value, a.Value) || string(a.Key) != key ||
				(Value{kind, string(text)}) != v {
				t.Errorf("%q with %+v: %+v is %v %q", key, v, a, kind, text)
			}
		}
	}
	for _, v := range []Value{{otlp.KindArray, "[]"}, {otlp.KindInt, "x"}, {otlp.KindBool, ""}, {otlp.KindDouble, "?"}} {
		if _, ok := AppendAnyValue(nil, v); ok {
			t.Errorf("%+v is a value", v)
		}
	}
}
