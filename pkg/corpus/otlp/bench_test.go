package otlp

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"
)

// typical returns a record of n spans like the generator's: a dozen attributes
// each, an event and a link now and then.
func typical(n int) *Traces {
	t := &Traces{Strings: NewStrings()}
	str := func(key, value string) Attr {
		return Attr{Key: t.Strings.ID(key), Word: uint64(t.Strings.ID(value))}
	}
	attrs := func(list ...Attr) Range {
		start := uint32(len(t.Attrs))
		t.Attrs = append(t.Attrs, list...)
		return Range{start, uint32(len(t.Attrs))}
	}
	t.Resources = []Resource{{Attrs: attrs(str("service.name", "shop-assistant"), str("service.version", "1.4.2"),
		str("deployment.environment.name", "production"), str("telemetry.sdk.language", "go"),
		str("vendor.tenant.id", "tenant-17"), str("session.id", "c0a8f3d2-19"))}}
	t.Scopes = []Scope{{Name: t.Strings.ID("otelsim/agent"), Version: t.Strings.ID("1")}}
	m := &modelMaker{t: t}
	for i := range n {
		trace, span := TraceID{1, 2, 3, 4, 5, 6, 7, 8, 9}, SpanID{9, byte(i >> 8), byte(i), 1}
		s := Span{TraceID: trace, SpanID: span, ParentID: SpanID{9, 1}, Flags: 0x101, Kind: SpanKindInternal,
			Start: 1_760_000_000_000_000_000 + uint64(i)*1000, End: 1_760_000_000_100_000_000 + uint64(i)*1000,
			Name: t.Strings.ID("vendor.llm.call")}
		s.Attrs = attrs(str("session.id", "c0a8f3d2-19"), str("vendor.tenant.id", "tenant-17"),
			str("vendor.request.id", fmt.Sprintf("req-%08d", i/7)), str("gen_ai.operation.name", "chat"),
			str("gen_ai.provider.name", "openai"), str("gen_ai.request.model", "gpt-4o-mini"),
			str("gen_ai.response.model", "gpt-4o-mini-2024-07-18"),
			Attr{Key: t.Strings.ID("gen_ai.usage.input_tokens"), Kind: KindInt, Word: 1234},
			Attr{Key: t.Strings.ID("gen_ai.usage.output_tokens"), Kind: KindInt, Word: 321},
			Attr{Key: t.Strings.ID("vendor.cache.hit"), Kind: KindBool, Word: 1},
			Attr{Key: t.Strings.ID("gen_ai.request.temperature"), Kind: KindDouble, Word: 0x3fe6666666666666},
			Attr{Key: t.Strings.ID("vendor.call.id"), Kind: KindText, Word: m.arena(fmt.Sprintf("call_%016x", i))},
			str("vendor.step.outcome", "success"))
		if i%4 == 0 {
			s.Attrs.End = attrs(Attr{Key: t.Strings.ID("gen_ai.input.messages"), Kind: KindText, Word: m.arena(
				`[{"role":"user","parts":[{"type":"text","content":"Where is the parcel that I ordered last Tuesday?"}]}]`)}).End
		}
		if i%16 == 0 {
			t.Events = append(t.Events, Event{Time: s.End, Name: t.Strings.ID("exception"), Attrs: attrs(
				str("exception.type", "timeout"), str("exception.message", "deadline exceeded after 30 s"))})
			s.Events = Range{uint32(len(t.Events) - 1), uint32(len(t.Events))}
			s.Status = StatusError
		}
		t.Spans = append(t.Spans, s)
	}
	return t
}

func benchmarkAppend(b *testing.B, f Format) {
	m := typical(40)
	buf := AppendTraces(nil, m, f)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendTraces(buf[:0], m, f)
	}
}

func BenchmarkAppendProto(b *testing.B) { benchmarkAppend(b, FormatProto) }

func BenchmarkAppendJSON(b *testing.B) { benchmarkAppend(b, FormatJSON) }

// BenchmarkBuildAndMarshalMessages is what AppendProto replaces: building the
// messages of the same spans and marshalling them.
func BenchmarkBuildAndMarshalMessages(b *testing.B) {
	m := typical(40)
	buf := AppendTraces(nil, m, FormatProto)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = (proto.MarshalOptions{}).MarshalAppend(buf[:0], messages(m)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMarshalBuiltMessages leaves the building out.
func BenchmarkMarshalBuiltMessages(b *testing.B) {
	m := typical(40)
	built := messages(m)
	buf := AppendTraces(nil, m, FormatProto)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = (proto.MarshalOptions{}).MarshalAppend(buf[:0], built); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendJSONString(b *testing.B) {
	s := "Where is the parcel that I ordered last Tuesday, and \"why\" is it late?\n"
	var buf []byte
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendJSONString(buf[:0], s)
	}
}
