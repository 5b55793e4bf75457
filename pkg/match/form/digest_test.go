package form

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestHabitsDoNotMatter encodes messages in every way that means the same.
func TestHabitsDoNotMatter(t *testing.T) {
	for _, m := range items {
		for seed := range uint64(10) {
			f := newFiller(seed)
			p := f.message(m)
			b := marshal(t, p)
			digest, fields := digestOf(t, m, b), fieldsOf(t, m, b)
			for name, h := range habits {
				other := again(t, f, b, p.ProtoReflect().Descriptor(), h)
				if got := digestOf(t, m, other); got != digest {
					t.Errorf("%v of seed %d has another digest when %s: %v", m, seed, name, Diff(fields, fieldsOf(t, m, other)))
				}
				if got := fieldsOf(t, m, other); !slices.Equal(got, fields) {
					t.Errorf("%v of seed %d has other fields when %s: %v", m, seed, name, Diff(fields, got))
				}
			}
		}
	}
}

// TestJSONIsTheSame reads messages that protobuf has written as JSON, in all of the
// ways that it may.
func TestJSONIsTheSame(t *testing.T) {
	options := []protojson.MarshalOptions{{}, {UseProtoNames: true}, {UseEnumNumbers: true}, {EmitUnpopulated: true}, {EmitDefaultValues: true}}
	for sig := range otlp.Signal(otlp.NumSignals) {
		m := rootOf(sig)
		for seed := range uint64(12) {
			p := newFiller(seed).message(m)
			want := marshal(t, p)
			for i, o := range options {
				object := asJSON(t, o, p)
				got, err := AppendProto([]byte("before"), sig, object)
				if err != nil {
					t.Fatalf("seed %d, options %d: %v in %s", seed, i, err, object)
				}
				got = got[len("before"):]
				if digestOf(t, m, got) != digestOf(t, m, want) {
					t.Errorf("seed %d, options %d: %v", seed, i, Diff(fieldsOf(t, m, want), fieldsOf(t, m, got)))
				}
				back := p.ProtoReflect().New().Interface()
				if err := proto.Unmarshal(got, back); err != nil {
					t.Errorf("seed %d, options %d: protobuf does not read it: %v", seed, i, err)
				}
			}
		}
	}
}

// TestEachChangeShows changes one value of messages after the other.
func TestEachChangeShows(t *testing.T) {
	seen := map[protoreflect.FullName]bool{}
	for _, m := range items {
		seeds := uint64(12)
		if m <= Logs {
			seeds = 3
		}
		for seed := range seeds {
			f := newFiller(seed)
			f.full, f.deep = true, 4
			p := f.message(m)
			b := marshal(t, p)
			digest, fields := digestOf(t, m, b), fieldsOf(t, m, b)
			eachChange(p.ProtoReflect(), func(name string, fd protoreflect.FieldDescriptor) {
				seen[fd.FullName()] = true
				changed := marshal(t, p)
				if digestOf(t, m, changed) == digest {
					t.Errorf("%v of seed %d: the digest does not show that %s of %s is another", m, seed, name, fd.FullName())
				}
				diff := Diff(fields, fieldsOf(t, m, changed))
				if len(diff) == 0 {
					t.Errorf("%v of seed %d: no field shows that %s of %s is another", m, seed, name, fd.FullName())
				}
				for _, c := range diff {
					empty := c.Before != nil && c.Before.Kind == otlp.KindEmpty || c.After != nil && c.After.Kind == otlp.KindEmpty
					if !names(c.Path, fd) && !empty {
						t.Errorf("%v of seed %d: %s is said to be another, want %s", m, seed, c.Path, fd.FullName())
					}
				}
			})
		}
	}
	for m := range numMessages {
		if describedBy[m] == nil {
			continue
		}
		for i := range descriptor(m).Fields().Len() {
			if name := descriptor(m).Fields().Get(i).FullName(); !seen[name] {
				t.Errorf("%s was never changed", name)
			}
		}
	}
}

// names reports whether a path can be that of a field: attributes go by their keys.
func names(path string, fd protoreflect.FieldDescriptor) bool {
	switch fd.Parent().Name() {
	case "KeyValue", "AnyValue", "ArrayValue", "KeyValueList":
		return strings.Contains(path, "attributes") || strings.Contains(path, "metadata") || strings.Contains(path, "body")
	case "NumberDataPoint", "Exemplar":
		if fd.ContainingOneof() != nil {
			return strings.HasSuffix(path, "value")
		}
	case "Metric":
		if fd.ContainingOneof() != nil {
			return strings.Contains(path, "data") || strings.Contains(path, "aggregation_temporality") || strings.Contains(path, "is_monotonic")
		}
	}
	return strings.Contains(path, string(fd.Name()))
}

// eachChange changes every value in m, one at a time, and calls visit while it is so.
func eachChange(m protoreflect.Message, visit func(change string, fd protoreflect.FieldDescriptor)) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if !m.Has(fd) {
			continue
		}
		old := m.Get(fd)
		switch {
		case fd.IsList():
			eachListChange(m, fd, visit)
		case fd.Message() != nil:
			eachChange(old.Message(), visit)
			if proto.Size(old.Message().Interface()) > 0 || fd.ContainingOneof() != nil {
				m.Clear(fd)
				visit("absence", fd)
				m.Set(fd, old)
			}
		default:
			m.Set(fd, other(fd, old))
			visit("value", fd)
			m.Set(fd, old)
			if isDefault(fd, old) && fd.ContainingOneof() == nil {
				continue
			}
			m.Clear(fd)
			visit("absence", fd)
			m.Set(fd, old)
		}
	}
}

// isDefault reports whether a value means the same as none.
func isDefault(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
	return !fd.HasPresence() && v.Equal(fd.Default())
}

func eachListChange(m protoreflect.Message, fd protoreflect.FieldDescriptor, visit func(string, protoreflect.FieldDescriptor)) {
	l := m.Mutable(fd).List()
	for i := range l.Len() {
		old := l.Get(i)
		if fd.Message() != nil {
			eachChange(old.Message(), visit)
			continue
		}
		l.Set(i, other(fd, old))
		visit(fmt.Sprintf("value %d", i), fd)
		l.Set(i, old)
	}
	if n := l.Len(); n > 0 {
		last := l.Get(n - 1)
		l.Truncate(n - 1)
		visit("length", fd)
		l.Append(last)
		if fd.Message() == nil || fd.Message().Name() == "KeyValue" || n < 2 {
			return
		}
		first := l.Get(0)
		if proto.Equal(first.Message().Interface(), last.Message().Interface()) {
			return
		}
		l.Set(0, last)
		l.Set(n-1, first)
		visit("order", fd)
		l.Set(0, first)
		l.Set(n-1, last)
	}
}

// other returns a value that is not v.
func other(fd protoreflect.FieldDescriptor, v protoreflect.Value) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(v.String() + "!")
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(append(slices.Clone(v.Bytes()), 1))
	case protoreflect.Fixed64Kind, protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(v.Uint() ^ 1<<40)
	case protoreflect.Sfixed64Kind, protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(v.Int() ^ 1<<40)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(v.Uint()) ^ 1<<20)
	case protoreflect.Int32Kind, protoreflect.Sint32Kind:
		return protoreflect.ValueOfInt32(int32(v.Int()) ^ 1<<20)
	case protoreflect.DoubleKind:
		if v.Float() == 0 { // also of zero to minus zero
			return protoreflect.ValueOfFloat64(1 / v.Float() * 0.5)
		}
		return protoreflect.ValueOfFloat64(0)
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(!v.Bool())
	}
	return protoreflect.ValueOfEnum(v.Enum() ^ 1)
}

// TestUnknownFieldsCount adds fields that OTLP does not have, of each wire type, to
// each message.
func TestUnknownFieldsCount(t *testing.T) {
	unknowns := [][]byte{
		protowire.AppendVarint(protowire.AppendTag(nil, 27, protowire.VarintType), 0),
		protowire.AppendVarint(protowire.AppendTag(nil, 27, protowire.VarintType), 5),
		protowire.AppendVarint(protowire.AppendTag(nil, 28, protowire.VarintType), 5),
		protowire.AppendFixed64(protowire.AppendTag(nil, 27, protowire.Fixed64Type), 5),
		protowire.AppendFixed32(protowire.AppendTag(nil, 27, protowire.Fixed32Type), 5),
		protowire.AppendBytes(protowire.AppendTag(nil, 27, protowire.BytesType), nil),
		protowire.AppendBytes(protowire.AppendTag(nil, 27, protowire.BytesType), []byte("abc")),
		protowire.AppendBytes(protowire.AppendTag(nil, strangeNumber, protowire.BytesType), []byte("abc")),
		protowire.AppendVarint(protowire.AppendTag(nil, 1<<29-1, protowire.VarintType), 5),
		{}, // none
	}
	for _, m := range items {
		f := newFiller(7)
		if f.full, f.deep = true, 4; m <= Logs {
			f.deep = 2
		}
		p := f.message(m)
		fields := fieldsOf(t, m, marshal(t, p))
		seen := map[uint64]int{}
		for i, u := range unknowns {
			paths := 0
			all(p.ProtoReflect(), func(in protoreflect.Message) {
				in.SetUnknown(u)
				b := marshal(t, p)
				in.SetUnknown(nil)
				h := digestOf(t, m, b)
				if n, ok := seen[h]; ok && n != len(u)<<20+paths {
					t.Errorf("%v: unknown field %d in %s has the digest of another", m, i, in.Descriptor().FullName())
				}
				seen[h] = len(u)<<20 + paths
				if len(u) > 0 {
					paths++
				}
				diff := Diff(fields, fieldsOf(t, m, b))
				found := slices.ContainsFunc(diff, func(c Change) bool { return c.Before == nil && strings.Contains(c.Path, "unknown[") })
				if found != (len(u) > 0) {
					t.Errorf("%v: unknown field %d in %s shows as %v", m, i, in.Descriptor().FullName(), diff)
				}
			})
		}
	}
}

// all calls visit with m and every message in it.
func all(m protoreflect.Message, visit func(protoreflect.Message)) {
	visit(m)
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case fd.Message() == nil:
		case fd.IsList():
			for i := range v.List().Len() {
				all(v.List().Get(i).Message(), visit)
			}
		default:
			all(v.Message(), visit)
		}
		return true
	})
}
