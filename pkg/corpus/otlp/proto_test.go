package otlp

import (
	"bytes"
	"strings"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// marshal returns the deterministic bytes of the reference implementation.
func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// checkProto checks the bytes of model against the reference implementation.
func checkProto(t *testing.T, name string, model *Traces) {
	t.Helper()
	want := messages(model)
	got := AppendTraces([]byte("prefix"), model, FormatProto)
	if !bytes.HasPrefix(got, []byte("prefix")) {
		t.Fatalf("%s: the prefix changed", name)
	}
	got = got[len("prefix"):]
	if wire := marshal(t, want); !bytes.Equal(got, wire) {
		t.Fatalf("%s: got %d bytes, want %d; they differ at %d", name, len(got), len(wire), firstDifference(got, wire))
	}
	var back tracepb.TracesData
	if err := proto.Unmarshal(got, &back); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if !proto.Equal(&back, want) {
		t.Fatalf("%s: what was read back is not what was meant", name)
	}
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func TestProtoEqualsReferenceMarshaller(t *testing.T) {
	m := newMaker(1)
	for i := range 400 {
		checkProto(t, "random", m.fill(i%40))
	}
}

// one returns a model of a single span with the attributes of build.
func one(build func(t *Traces) Range) *Traces {
	t := &Traces{Strings: NewStrings(), Resources: make([]Resource, 1), Scopes: make([]Scope, 1)}
	t.Spans = []Span{{TraceID: TraceID{1}, Attrs: build(t)}}
	return t
}

func TestProtoEdges(t *testing.T) {
	textOf := func(n int) func(*Traces) Range {
		return func(t *Traces) Range {
			t.Text = append(t.Text, strings.Repeat("x", n)...)
			t.Attrs = []Attr{{Kind: KindText, Word: PackRange(Range{0, uint32(n)})}}
			return Range{0, 1}
		}
	}
	checkProto(t, "no spans", &Traces{Strings: NewStrings()})
	checkProto(t, "nothing set", one(func(*Traces) Range { return Range{} }))
	// Every length near a varint boundary moves the length of some message that
	// holds the text over the boundary: attribute, span, scope, resource.
	for _, edge := range []int{1 << 7, 1 << 14, 1 << 21} {
		for n := edge - 64; n <= edge+4; n++ {
			checkProto(t, "text length", one(textOf(n)))
		}
	}
	checkProto(t, "nested lists", one(func(t *Traces) Range {
		// Thirty lists within each other, arrays and maps by turns.
		t.Attrs = append(t.Attrs, Attr{Kind: KindEmpty, Key: t.Strings.ID("k")})
		for i := range uint32(30) {
			t.Attrs = append(t.Attrs, Attr{Kind: KindArray + Kind(i%2), Word: PackRange(Range{i, i + 1}), Key: t.Strings.ID("k")})
		}
		return Range{30, 31}
	}))
}

func TestGroupsComeInOrderOfFirstAppearance(t *testing.T) {
	m := &Traces{Strings: NewStrings(), Resources: make([]Resource, 40), Scopes: make([]Scope, 40)}
	for i := range m.Scopes {
		m.Scopes[i].Name = m.Strings.ID(string(rune('A' + i)))
		m.Resources[i].SchemaURL = m.Strings.ID(string(rune('a' + i)))
	}
	// Steps that are coprime to 40 visit the scopes out of order, and again.
	for i := range uint32(400) {
		m.Spans = append(m.Spans, Span{TraceID: TraceID{byte(i)}, Resource: i * 7 % 40, Scope: i * i * 3 % 40})
	}
	checkProto(t, "shuffled groups", m)
}

func TestInvalidUTF8BecomesReplacementCharacter(t *testing.T) {
	s := NewStrings()
	id := s.ID("a\xffb\xc3")
	if got, want := s.String(id), "a\ufffdb\ufffd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if again := s.ID("a\xffb\xc3"); again != id {
		t.Errorf("the same invalid string has ids %d and %d", id, again)
	}
	if valid := s.ID("a\ufffdb\ufffd"); valid != id {
		t.Errorf("the string it stands for has id %d, want %d", valid, id)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	m := newMaker(2).fill(50)
	for _, f := range []Format{FormatProto, FormatJSON} {
		buf := AppendTraces(nil, m, f)
		if n := testing.AllocsPerRun(20, func() { buf = AppendTraces(buf[:0], m, f) }); n != 0 {
			t.Errorf("%v: got %v allocations a record, want 0", f, n)
		}
		e := Encoder{Format: f}
		var b Block
		for range 3 {
			if err := e.AppendRecord(&b, m); err != nil {
				t.Fatal(err)
			}
		}
		if n := testing.AllocsPerRun(20, func() {
			b.Reset()
			_ = e.AppendRecord(&b, m)
		}); n != 0 {
			t.Errorf("%v: got %v allocations a framed record, want 0", f, n)
		}
	}
}
