package show

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// dumped returns a record that has one of everything.
func dumped() *otlp.Traces {
	s := otlp.NewStrings()
	t := &otlp.Traces{Strings: s, Text: []byte("caf\xc3\xa9 \"x\"\n\x00\xff")}
	str := func(key, value string) otlp.Attr {
		return otlp.Attr{Key: s.ID(key), Kind: otlp.KindString, Word: uint64(s.ID(value))}
	}
	word := func(key string, k otlp.Kind, w uint64) otlp.Attr { return otlp.Attr{Key: s.ID(key), Kind: k, Word: w} }
	r := func(a, b uint32) uint64 { return otlp.PackRange(otlp.Range{Start: a, End: b}) }
	t.Attrs = []otlp.Attr{
		str("service.name", "orchestrator"), // 0
		str("service.name", "mcp"),          // 1
		str("error.type", "timeout"),        // 2
		word("n", otlp.KindInt, ^uint64(0)), // 3
		word("yes", otlp.KindBool, 1),
		word("half", otlp.KindDouble, 0x3fe0000000000000),
		word("two", otlp.KindDouble, 0x4000000000000000),
		word("text", otlp.KindText, r(0, 10)),
		word("raw", otlp.KindBytes, r(10, 12)),
		word("list", otlp.KindArray, r(2, 4)),
		word("map", otlp.KindMap, r(2, 4)),
		word("none", otlp.KindEmpty, 0),
		str("odd key", ""), // 12
		str("retry", "1"),  // 13
	}
	t.Resources = []otlp.Resource{{Attrs: otlp.Range{Start: 0, End: 1}}, {Attrs: otlp.Range{Start: 1, End: 2}}}
	t.Scopes = []otlp.Scope{{Name: s.ID("otelsim/agent"), Version: s.ID("1")}}
	const base = 1767225600_000000000
	t.Events = []otlp.Event{{Time: base + 5_000_000, Name: s.ID("exception"), Attrs: otlp.Range{Start: 13, End: 14}}}
	t.Links = []otlp.Link{{TraceID: otlp.TraceID{9}, SpanID: otlp.SpanID{8}, Flags: 1}}
	a, b := otlp.TraceID{0xaa}, otlp.TraceID{0xbb}
	id := func(n byte) otlp.SpanID { return otlp.SpanID{n} }
	t.Spans = []otlp.Span{
		{TraceID: a, SpanID: id(1), Start: base, End: base + 150_200_000, Name: s.ID("a2a.orchestrate"), Kind: otlp.SpanKindServer, Flags: 0x101},
		{TraceID: b, SpanID: id(7), Start: base + 1, End: base + 1, Name: s.ID("alone"), Kind: 9, Status: 7},
		{TraceID: a, SpanID: id(3), ParentID: id(1), Start: base + 90_000_000, End: base + 150_000_000, Name: s.ID("answer"), Kind: otlp.SpanKindInternal, Status: otlp.StatusOK},
		{TraceID: a, SpanID: id(2), ParentID: id(1), Start: base + 4_345_678, End: base + 80_000_000, Name: s.ID("plan"), Kind: otlp.SpanKindInternal},
		{TraceID: a, SpanID: id(4), ParentID: id(2), Start: base + 4_345_999, End: base + 5_000_000, Name: s.ID("mcp.call"), Kind: otlp.SpanKindClient,
			Status: otlp.StatusError, Message: s.ID("no \"answer\""), Resource: 1,
			Attrs: otlp.Range{Start: 2, End: 13}, Events: otlp.Range{Start: 0, End: 1}, Links: otlp.Range{Start: 0, End: 1}},
		{TraceID: a, SpanID: id(5), ParentID: id(0x55), Start: base + 1000, End: base + 1999, Name: s.ID("orphan"), Kind: otlp.SpanKindConsumer},
		{TraceID: a, SpanID: id(5), ParentID: id(2), Start: base + 1_000_000, End: base + 500_000, Name: s.ID("twin"), Kind: otlp.SpanKindProducer},
		{TraceID: a, SpanID: id(6), ParentID: id(6), Start: base, End: base, Name: s.ID("ouroboros")},
	}
	return t
}

const wantTrees = `trace aa000000000000000000000000000000  7 spans  150.2ms  from 2026-01-01T00:00:00Z
  service.name="orchestrator", "mcp"
         +0s    150.2ms  a2a.orchestrate  server  "orchestrator"
    +4.345ms   75.654ms  |- plan  internal  "orchestrator"
        +1ms     -500us  |  |- twin  producer  "orchestrator"
    +4.345ms  654.001us  |  ` + "`" + `- mcp.call  client  "mcp"  ERROR error.type="timeout" "no \"answer\""
       +90ms       60ms  ` + "`" + `- answer  internal  "orchestrator"  ok
        +1us      999ns  orphan  consumer  "orchestrator"  (parent 5500000000000000 is not here)
         +0s         0s  ouroboros  unspecified  "orchestrator"  (its own ancestor)
trace bb000000000000000000000000000000  1 spans  0s  from 2026-01-01T00:00:00.000000001Z
  service.name="orchestrator"
         +0s         0s  alone  kind 9  status 7
`

const wantDetails = `    +4.345ms  654.001us  |  ` + "`" + `- mcp.call  client  resource 2  ERROR error.type="timeout" "no \"answer\""
                         |        span 0400000000000000  scope otelsim/agent 1  flags 0x0
                         |        error.type="timeout"
                         |        n=-1
                         |        yes=true
                         |        half=0.5
                         |        two=2.0
                         |        text="caf\u00e9 \"x\"\n"
                         |        raw=0x00ff
                         |        list=["timeout", -1]
                         |        map={error.type="timeout", n=-1}
                         |        none=(empty)
                         |        "odd key"=""
                         |        event +5ms exception
                         |          retry="1"
                         |        link 09000000000000000000000000000000 0800000000000000  flags 0x1
`

func TestTreesPrintWhatIsThere(t *testing.T) {
	got := string(AppendRequest([]byte("before\n"), dumped(), new(otlp.Logs), false))
	if got != "before\n"+wantTrees {
		t.Errorf("got\n%s\nwant\n%s", got, wantTrees)
	}
}

func TestFullTreesHaveAllOfASpan(t *testing.T) {
	got := string(AppendRequest(nil, dumped(), new(otlp.Logs), true))
	for _, want := range []string{wantDetails, "  resource 1\n    service.name=\"orchestrator\"\n", "flags 0x101\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant in it\n%s", got, want)
		}
	}
}

// dumpedLogs returns log records of dumped, and of nothing there.
func dumpedLogs() *otlp.Logs {
	s := otlp.NewStrings()
	s.ID("so that ids are others than those of the spans")
	l := &otlp.Logs{Strings: s, Text: []byte("Answered.")}
	l.Resources, l.Scopes = make([]otlp.Resource, 1), make([]otlp.Scope, 1)
	l.Attrs = []otlp.Attr{{Key: s.ID("tool"), Kind: otlp.KindString, Word: uint64(s.ID("search"))}}
	const base = 1767225600_000000000
	text := otlp.Attr{Kind: otlp.KindText, Word: otlp.PackRange(otlp.Range{End: 9})}
	none := otlp.Attr{Kind: otlp.KindEmpty}
	a := otlp.TraceID{0xaa}
	l.Records = []otlp.LogRecord{
		{TraceID: a, SpanID: otlp.SpanID{1}, Time: base + 150_000_000, Observed: base + 151_000_000, Severity: otlp.SeverityInfo, SeverityText: s.ID("INFO"),
			EventName: s.ID("turn.end"), Body: text, Attrs: otlp.Range{End: 1}, Flags: 1},
		{TraceID: a, SpanID: otlp.SpanID{1}, Time: base + 4_345_678, Severity: 18, Body: none},
		{TraceID: a, SpanID: otlp.SpanID{4}, Time: base + 5_000_000, SeverityText: s.ID("ERROR"), EventName: s.ID("tool.failed"), Body: none},
		{TraceID: a, SpanID: otlp.SpanID{0x44}, Time: base, EventName: s.ID("lost"), Body: none},
		{TraceID: otlp.TraceID{0xcc}, SpanID: otlp.SpanID{1}, Time: base + 1, EventName: s.ID("stray"), Body: none},
	}
	return l
}

const wantRequest = `trace aa000000000000000000000000000000  7 spans  4 logs  150.2ms  from 2026-01-01T00:00:00Z
  service.name="orchestrator", "mcp"
         +0s    150.2ms  a2a.orchestrate  server  "orchestrator"
    +4.345ms             |- log 18
    +4.345ms   75.654ms  |- plan  internal  "orchestrator"
        +1ms     -500us  |  |- twin  producer  "orchestrator"
    +4.345ms  654.001us  |  ` + "`" + `- mcp.call  client  "mcp"  ERROR error.type="timeout" "no \"answer\""
        +5ms             |     ` + "`" + `- log ERROR  tool.failed
       +90ms       60ms  |- answer  internal  "orchestrator"  ok
      +150ms             ` + "`" + `- log INFO  turn.end  "Answered."
        +1us      999ns  orphan  consumer  "orchestrator"  (parent 5500000000000000 is not here)
         +0s         0s  ouroboros  unspecified  "orchestrator"  (its own ancestor)
         +0s             log 0  lost  (span 4400000000000000 is not here)
trace bb000000000000000000000000000000  1 spans  0s  from 2026-01-01T00:00:00.000000001Z
  service.name="orchestrator"
         +0s         0s  alone  kind 9  status 7
trace cc000000000000000000000000000000  0 spans  1 logs  0s  from 2026-01-01T00:00:00.000000001Z
         +0s             log 0  stray  (span 0100000000000000 is not here)
`

const wantLogDetails = `      +150ms             ` + "`" + `- log INFO  turn.end  "Answered."
                               severity 9  observed +151ms  flags 0x1
                               tool="search"
`

func TestLogsStandInTheTrees(t *testing.T) {
	if got := string(AppendRequest([]byte("before\n"), dumped(), dumpedLogs(), false)); got != "before\n"+wantRequest {
		t.Errorf("got\n%s\nwant\n%s", got, wantRequest)
	}
	if got := string(AppendRequest(nil, dumped(), dumpedLogs(), true)); !strings.Contains(got, wantLogDetails) {
		t.Errorf("got\n%s\nwant in it\n%s", got, wantLogDetails)
	}
}

// A chain of many spans prints in memory that its length explains.
func TestDeepTreePrints(t *testing.T) {
	r := &otlp.Traces{Strings: otlp.NewStrings()}
	const n = 20_000
	for i := range uint64(n) {
		id := func(i uint64) (id otlp.SpanID) {
			id[0], id[1], id[2], id[3] = byte(i>>24), byte(i>>16), byte(i>>8), byte(i)
			return id
		}
		sp := otlp.Span{TraceID: otlp.TraceID{1}, SpanID: id(i + 1), ParentID: id(i)}
		r.Spans = append(r.Spans, sp)
	}
	text := AppendRequest(nil, r, new(otlp.Logs), true)
	if lines := strings.Count(string(text), "\n"); lines != 2*n+1 || len(text) > n*600 {
		t.Errorf("%d lines, %d bytes for %d spans", lines, len(text), n)
	}
}

func TestDurationsAreExact(t *testing.T) {
	for d, want := range map[uint64]string{
		0: "0s", 1: "1ns", 999: "999ns", 1000: "1us", 1001: "1.001us", 12_345_678: "12.345ms", 150_200_000: "150.2ms",
		999_999_999: "999.999ms", 1e9: "1s", 61_500_000_000: "61.5s", 1<<64 - 1: "18446744073.709s",
	} {
		if got := Duration(0, d); got != want {
			t.Errorf("%d: got %s, want %s", d, got, want)
		}
		if got := Duration(d, 0); d > 0 && got != "-"+want {
			t.Errorf("-%d: got %s", d, got)
		}
	}
}

// What a conventions file makes of names reads as in a backend; a foreign name
// cannot pass for a branch, a log record or the end of its line.
func TestNamesOfSpansReadAsTheyAre(t *testing.T) {
	for _, row := range []struct{ name, want string }{
		{"vendor.llm.call", "vendor.llm.call"},
		{"chat gpt-4.1", "chat gpt-4.1"},
		{"POST /agents/{agent}", "POST /agents/{agent}"},
		{"GET", "GET"},
		{"", `""`},
		{" ", `" "`},
		{"chat ", `"chat "`},
		{" chat", `" chat"`},
		{"chat  client  ERROR", `"chat  client  ERROR"`},
		{"log INFO", `"log INFO"`},
		{"|- chat", `"|- chat"`},
		{"`- chat", `"` + "`" + `- chat"`},
		{"+5ms 3ms", `"+5ms 3ms"`},
		{"(parent 01 is not here)", `"(parent 01 is not here)"`},
		{`say "x"`, `"say \"x\""`},
		{"a b=c", `"a b=c"`},
		{"chat caf\u00e9", `"chat caf\u00e9"`},
		{"chat\tx", `"chat\tx"`},
		{"chat \x1b[31m", `"chat \x1b[31m"`},
	} {
		p := new(textPrinter)
		if p.title(row.name); string(p.dst) != row.want {
			t.Errorf("%q: got %s, want %s", row.name, p.dst, row.want)
		}
	}
}
