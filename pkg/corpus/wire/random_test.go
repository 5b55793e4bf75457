package wire

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// The tests know the messages from their descriptors, and so see every time
// and id that OTLP has, whatever the schema of this package lists.

func newMessage(sig otlp.Signal) proto.Message {
	return []proto.Message{&tracepb.TracesData{}, &metricspb.MetricsData{}, &logspb.LogsData{}}[sig]
}

// filler fills messages with random content.
type filler struct{ r *rand.Rand }

func newFiller(seed uint64) filler { return filler{rand.New(rand.NewPCG(seed, 3))} }

// message returns a random message of sig with at least one item.
func (f filler) message(sig otlp.Signal) proto.Message {
	for {
		m := newMessage(sig)
		f.fill(m.ProtoReflect(), 0)
		if items(m) > 0 {
			return m
		}
	}
}

// traps are strings that look like what the package changes.
var traps = []string{
	`"timeUnixNano":"1760000000000000000"`, `\`, `\"`, `"traceId":"0102030405060708090a0b0c0d0e0f10"`, `}]}`, `{"key":"`,
	"0102030405060708090a0b0c0d0e0f10", "0102030405060708090A0B0C0D0E0F10", "timeUnixNano", "traceId", "stringValue",
}

var keys = []string{"vendor.dp.trace_id", "cp.outgoing_trace_id", "trace_id", "traceId", "timeUnixNano", "k", "x_trace_id ", "_trace_id"}

func (f filler) text() string {
	if f.r.IntN(3) == 0 {
		return traps[f.r.IntN(len(traps))]
	}
	return strings.Repeat("v", f.r.IntN(200))
}

func (f filler) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(f.r.Uint32())
	}
	return b
}

func (f filler) fill(m protoreflect.Message, depth int) {
	list := m.Descriptor().Fields()
	for i := range list.Len() {
		fd := list.Get(i)
		if one := fd.ContainingOneof(); one != nil && !one.IsSynthetic() {
			// Each member of a oneof as likely as the others, not the last one.
			if f.r.IntN(one.Fields().Len()) != 0 || m.WhichOneof(one) != nil {
				continue
			}
		} else if f.r.IntN(4) == 0 {
			continue
		}
		if depth > 14 {
			continue
		}
		switch {
		case fd.IsList() && fd.Message() != nil:
			for range 1 + f.r.IntN(2) {
				f.fill(m.Mutable(fd).List().AppendMutable().Message(), depth+1)
			}
		case fd.IsList():
			for range f.r.IntN(4) {
				m.Mutable(fd).List().Append(f.scalar(fd))
			}
		case fd.Message() != nil:
			f.fill(m.Mutable(fd).Message(), depth+1)
		default:
			m.Set(fd, f.scalar(fd))
		}
	}
}

func (f filler) scalar(fd protoreflect.FieldDescriptor) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.StringKind:
		if fd.Name() == "string_value" && f.r.IntN(2) == 0 {
			return protoreflect.ValueOfString("0102030405060708090a0b0c0d0e0f10")
		}
		if fd.Name() == "key" {
			return protoreflect.ValueOfString(keys[f.r.IntN(len(keys))])
		}
		return protoreflect.ValueOfString(f.text())
	case protoreflect.BytesKind:
		n := map[protoreflect.Name]int{"trace_id": 16, "span_id": 8, "parent_span_id": 8}[fd.Name()]
		if n == 0 {
			n = f.r.IntN(20)
		}
		return protoreflect.ValueOfBytes(f.bytes(n))
	case protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(1_700_000_000_000_000_000 + f.r.Uint64N(1e17))
	case protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(int64(f.r.Uint64()))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(int64(f.r.Uint64()))
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(f.r.Uint64())
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(f.r.Uint32())
	case protoreflect.Int32Kind, protoreflect.Sint32Kind:
		return protoreflect.ValueOfInt32(int32(f.r.Uint32()))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(f.r.NormFloat64())
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(f.r.IntN(2) == 0)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(f.r.IntN(3)))
	}
	panic("no random value for " + fd.FullName())
}

// each calls visit with every field that is set, however deep.
func each(m protoreflect.Message, visit func(m protoreflect.Message, fd protoreflect.FieldDescriptor, v protoreflect.Value)) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		visit(m, fd, v)
		switch {
		case fd.Message() == nil:
		case fd.IsList():
			for i := range v.List().Len() {
				each(v.List().Get(i).Message(), visit)
			}
		default:
			each(v.Message(), visit)
		}
		return true
	})
}

// items counts spans, log records and data points.
func items(m proto.Message) (n uint64) {
	each(m.ProtoReflect(), func(_ protoreflect.Message, fd protoreflect.FieldDescriptor, v protoreflect.Value) {
		if fd.Name() == "spans" || fd.Name() == "log_records" || fd.Name() == "data_points" {
			n += uint64(v.List().Len())
		}
	})
	return n
}

// shifted returns m with all times moved.
func shifted(m proto.Message, delta int64) proto.Message {
	m = proto.Clone(m)
	each(m.ProtoReflect(), func(m protoreflect.Message, fd protoreflect.FieldDescriptor, v protoreflect.Value) {
		if strings.HasSuffix(string(fd.Name()), "_unix_nano") {
			m.Set(fd, protoreflect.ValueOfUint64(v.Uint()+uint64(delta)))
		}
	})
	return m
}

// reKeyed returns m with all ids changed.
func reKeyed(m proto.Message, traceXor, spanXor []byte) proto.Message {
	m = proto.Clone(m)
	xor := func(id, with []byte) []byte {
		id = slices.Clone(id)
		for i := range with {
			id[len(id)-8+i] ^= with[i]
		}
		return id
	}
	each(m.ProtoReflect(), func(m protoreflect.Message, fd protoreflect.FieldDescriptor, v protoreflect.Value) {
		switch fd.Name() {
		case "trace_id":
			m.Set(fd, protoreflect.ValueOfBytes(xor(v.Bytes(), traceXor)))
		case "span_id", "parent_span_id":
			m.Set(fd, protoreflect.ValueOfBytes(xor(v.Bytes(), spanXor)))
		}
		if kv, ok := m.Interface().(*commonpb.KeyValue); ok && fd.Name() == "value" {
			text, isText := kv.Value.GetValue().(*commonpb.AnyValue_StringValue)
			if isText && text.StringValue == "0102030405060708090a0b0c0d0e0f10" &&
				(kv.Key == "trace_id" || strings.HasSuffix(kv.Key, "_trace_id") || strings.HasSuffix(kv.Key, ".trace_id")) {
				id := xor([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, traceXor)
				text.StringValue = hexOf(id)
			}
		}
	})
	return m
}

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reverse returns b with the fields of every message in descending order, as
// the Collector writes them; elements of a list keep their order, and messages
// named in whole stay as they are.
func reverse(t testing.TB, b []byte, desc protoreflect.MessageDescriptor, whole ...protoreflect.Name) []byte {
	t.Helper()
	type part struct {
		number protowire.Number
		raw    []byte
	}
	var parts []part
	for len(b) > 0 {
		number, _, n := protowire.ConsumeField(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		raw := b[:n]
		fd := desc.Fields().ByNumber(number)
		if fd != nil && fd.Message() != nil && !slices.Contains(whole, fd.Message().Name()) {
			_, _, tag := protowire.ConsumeTag(raw)
			value, _ := protowire.ConsumeBytes(raw[tag:])
			raw = protowire.AppendBytes(slices.Clone(raw[:tag]), reverse(t, value, fd.Message(), whole...))
		}
		parts = append(parts, part{number, raw})
		b = b[n:]
	}
	slices.SortStableFunc(parts, func(a, b part) int { return int(b.number) - int(a.number) })
	var out []byte
	for _, p := range parts {
		out = append(out, p.raw...)
	}
	return out
}
