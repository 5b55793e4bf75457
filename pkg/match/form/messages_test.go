package form

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// The tests know the messages from their descriptors, and so see every field that OTLP
// has, whatever the schema of this package lists.

// filler fills messages with random content.
type filler struct {
	r    *rand.Rand
	full bool // leave no field out
	deep int  // how deep messages nest
}

func newFiller(seed uint64) *filler { return &filler{r: rand.New(rand.NewPCG(seed, 3)), deep: 9} }

// message returns a random message.
func (f *filler) message(m Message) proto.Message {
	p := describedBy[m].ProtoReflect().New()
	f.fill(p, 0)
	return p.Interface()
}

var oddTexts = []string{"", "a", "http.route", "odd key", `"`, `\`, "a\"b\\c\n\t\u2028\x01", "héllo 世界 😀", "k#2", "k[0]", "unknown[17]",
	strings.Repeat("x", 125), strings.Repeat("x", 126), strings.Repeat("y", 127), strings.Repeat("z", 128), strings.Repeat("z", 300)}

func (f *filler) text() string {
	if f.r.IntN(2) == 0 {
		return oddTexts[f.r.IntN(len(oddTexts))]
	}
	return "k" + string(rune('a'+f.r.IntN(26)))
}

func (f *filler) fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if one := fd.ContainingOneof(); one != nil && !one.IsSynthetic() {
			if f.r.IntN(one.Fields().Len()) != 0 || m.WhichOneof(one) != nil {
				continue
			}
		} else if !f.full && f.r.IntN(4) == 0 {
			continue
		}
		if depth > f.deep && fd.Message() != nil {
			continue
		}
		switch {
		case fd.IsList() && fd.Message() != nil:
			for range 1 + f.r.IntN(3) {
				f.fill(m.Mutable(fd).List().AppendMutable().Message(), depth+1)
			}
		case fd.IsList():
			for range 1 + f.r.IntN(4) {
				m.Mutable(fd).List().Append(f.scalar(fd))
			}
		case fd.Message() != nil:
			f.fill(m.Mutable(fd).Message(), depth+1)
		default:
			m.Set(fd, f.scalar(fd))
		}
	}
}

func (f *filler) word() uint64 {
	return []uint64{0, 1, 2, 127, 128, 1 << 31, 1 << 32, 1 << 63, math.MaxUint64, f.r.Uint64(), f.r.Uint64N(1000)}[f.r.IntN(11)]
}

func (f *filler) scalar(fd protoreflect.FieldDescriptor) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(f.text())
	case protoreflect.BytesKind:
		n := map[protoreflect.Name]int{"trace_id": 16, "span_id": 8, "parent_span_id": 8}[fd.Name()]
		if n == 0 {
			n = f.r.IntN(20)
		}
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(f.r.Uint32())
		}
		return protoreflect.ValueOfBytes(b)
	case protoreflect.Fixed64Kind, protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(f.word())
	case protoreflect.Sfixed64Kind, protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(int64(f.word()))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(f.word()))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind:
		return protoreflect.ValueOfInt32(int32(f.word()))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64([]float64{0, math.Copysign(0, -1), 1, -1.5, 1e300, 5e-324, math.NaN(), math.Inf(1), math.Inf(-1), f.r.NormFloat64()}[f.r.IntN(10)])
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(f.r.IntN(2) == 0)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(f.r.IntN(4)))
	}
	panic("no random value for " + fd.FullName())
}

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// habit is a way to encode what another encodes otherwise.
type habit func(f *filler, fields []encoded, d protoreflect.MessageDescriptor) []encoded

// encoded is one field of a message.
type encoded struct {
	fd  protoreflect.FieldDescriptor // nil: unknown
	raw []byte
}

func (e encoded) value() []byte {
	_, _, n := protowire.ConsumeTag(e.raw)
	v, _ := protowire.ConsumeBytes(e.raw[n:])
	return v
}

// again encodes a message by a habit, and all in it.
func again(t testing.TB, f *filler, b []byte, d protoreflect.MessageDescriptor, h habit) []byte {
	t.Helper()
	var fields []encoded
	for len(b) > 0 {
		number, _, n := protowire.ConsumeField(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		e := encoded{d.Fields().ByNumber(number), b[:n:n]}
		if e.fd != nil && e.fd.Message() != nil {
			e.raw = protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), again(t, f, e.value(), e.fd.Message(), h))
		}
		fields = append(fields, e)
		b = b[n:]
	}
	out := []byte{}
	for _, e := range h(f, fields, d) {
		out = append(out, e.raw...)
	}
	return out
}

// reversed has fields in descending order, as the Collector writes them; elements of
// a list keep theirs.
func reversed(_ *filler, fields []encoded, _ protoreflect.MessageDescriptor) []encoded {
	slices.SortStableFunc(fields, func(a, b encoded) int { return int(b.fd.Number()) - int(a.fd.Number()) })
	return fields
}

// shuffled has fields in any order, and attributes too.
func shuffled(f *filler, fields []encoded, _ protoreflect.MessageDescriptor) []encoded {
	place := map[protoreflect.FieldNumber]int{}
	ranks := make([]int, len(fields))
	for i, e := range fields {
		n := e.fd.Number()
		if _, ok := place[n]; !ok {
			place[n] = f.r.Int() / 2
		}
		ranks[i] = place[n] + i
		if e.fd.Message() != nil && e.fd.Message().Name() == "KeyValue" {
			ranks[i] = f.r.Int()
		}
	}
	order := make([]int, len(fields))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return ranks[a] - ranks[b] })
	out := make([]encoded, len(fields))
	for i, o := range order {
		out[i] = fields[o]
	}
	return out
}

// unpacked has each number of a list in a field of its own.
func unpacked(_ *filler, fields []encoded, _ protoreflect.MessageDescriptor) (out []encoded) {
	for _, e := range fields {
		if !e.fd.IsPacked() {
			out = append(out, e)
			continue
		}
		for b := e.value(); len(b) > 0; {
			typ := protowire.VarintType
			if e.fd.Kind() == protoreflect.Fixed64Kind || e.fd.Kind() == protoreflect.DoubleKind {
				typ = protowire.Fixed64Type
			}
			n := protowire.ConsumeFieldValue(e.fd.Number(), typ, b)
			out = append(out, encoded{e.fd, append(protowire.AppendTag(nil, e.fd.Number(), typ), b[:n]...)})
			b = b[n:]
		}
	}
	return out
}

// wordy writes defaults and empty messages where there is nothing, and writes fields
// before that do not count since others come later.
func wordy(f *filler, fields []encoded, d protoreflect.MessageDescriptor) []encoded {
	there := map[protoreflect.FieldNumber]bool{}
	var before []encoded
	for _, e := range fields {
		there[e.fd.Number()] = true
		if e.fd.Message() == nil && !e.fd.IsList() && f.r.IntN(2) == 0 {
			before = append(before, encoded{e.fd, zero(e.fd)})
		}
	}
	for i := range d.Fields().Len() {
		if fd := d.Fields().Get(i); !there[fd.Number()] && !fd.IsList() && fd.ContainingOneof() == nil {
			before = append(before, encoded{fd, zero(fd)})
		}
	}
	return append(before, fields...)
}

// zero is a field with the zero of its type.
func zero(fd protoreflect.FieldDescriptor) []byte {
	n := fd.Number()
	switch fd.Kind() {
	case protoreflect.MessageKind, protoreflect.StringKind:
		return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), nil)
	case protoreflect.BytesKind: // an id of zeros means none
		size := map[protoreflect.Name]int{"trace_id": 16, "span_id": 8, "parent_span_id": 8}[fd.Name()]
		return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), make([]byte, size))
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		return protowire.AppendFixed64(protowire.AppendTag(nil, n, protowire.Fixed64Type), 0)
	case protoreflect.Fixed32Kind:
		return protowire.AppendFixed32(protowire.AppendTag(nil, n, protowire.Fixed32Type), 0)
	}
	// As long as a varint may be.
	return append(protowire.AppendTag(nil, n, protowire.VarintType), 0x80, 0x80, 0x00)
}

// halved writes each message as two, which protobuf reads as one.
func halved(_ *filler, fields []encoded, _ protoreflect.MessageDescriptor) (out []encoded) {
	for _, e := range fields {
		if e.fd.Message() == nil || e.fd.IsList() || len(e.value()) == 0 {
			out = append(out, e)
			continue
		}
		v := e.value()
		_, _, n := protowire.ConsumeField(v)
		for _, half := range [][]byte{v[:n], v[n:]} {
			out = append(out, encoded{e.fd, protowire.AppendBytes(protowire.AppendTag(nil, e.fd.Number(), protowire.BytesType), half)})
		}
	}
	return out
}

// long writes numbers, and for some messages lengths too, in more bytes than they need.
func long(f *filler, fields []encoded, _ protoreflect.MessageDescriptor) []encoded {
	pad := func(n uint64) []byte {
		b := protowire.AppendVarint(nil, n)
		if len(b) < 10 {
			b[len(b)-1] |= 0x80
			b = append(b, 0)
		}
		return b
	}
	lengths := f.r.IntN(4) == 0
	for i, e := range fields {
		_, typ, n := protowire.ConsumeTag(e.raw)
		switch {
		case typ == protowire.VarintType:
			v, _ := protowire.ConsumeVarint(e.raw[n:])
			fields[i].raw = append(e.raw[:n:n], pad(v)...)
		case typ == protowire.BytesType && lengths:
			v := e.value()
			fields[i].raw = append(append(e.raw[:n:n], pad(uint64(len(v)))...), v...)
		}
	}
	return fields
}

var habits = map[string]habit{"long": long, "reversed": reversed, "shuffled": shuffled, "unpacked": unpacked, "wordy": wordy, "halved": halved}

// asJSON is a payload in OTLP/JSON, by the JSON of protobuf.
func asJSON(t testing.TB, o protojson.MarshalOptions, m proto.Message) []byte {
	t.Helper()
	b, err := o.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	hexIDs(t, v)
	if b, err = json.Marshal(v); err != nil {
		t.Fatal(err)
	}
	return b
}

// hexIDs turns the Base64 of ids into hex.
func hexIDs(t testing.TB, v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			hexIDs(t, e)
		}
	case map[string]any:
		for name, e := range v {
			switch name {
			case "traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id":
				if s, ok := e.(string); ok {
					b, err := base64.StdEncoding.DecodeString(s)
					if err != nil {
						t.Fatal(err)
					}
					v[name] = hex.EncodeToString(b)
					continue
				}
			}
			hexIDs(t, e)
		}
	}
}

func digestOf(t testing.TB, m Message, b []byte) uint64 {
	t.Helper()
	h, err := Digest(m, b)
	if err != nil {
		t.Fatalf("%v: %v", m, err)
	}
	return h
}

func fieldsOf(t testing.TB, m Message, b []byte) []Field {
	t.Helper()
	f, err := AppendFields(nil, m, b)
	if err != nil {
		t.Fatalf("%v: %v", m, err)
	}
	return f
}

// items are the messages that have a descriptor of their own.
var items = []Message{Traces, Metrics, Logs, Span, LogRecord, NumberPoint, HistogramPoint, ExpHistogramPoint, SummaryPoint, MetricPart}

// rootOf is the message that payloads of a signal are.
func rootOf(sig otlp.Signal) Message { return Message(sig) }
