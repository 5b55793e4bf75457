package golden

// A second opinion on the corpora. What the generator emits is decided by
// tables and code in pkg/build, and its tests know them. The files opinion*_test.go
// were written from the description of the conventions instead, and share
// nothing with pkg/build: a misunderstanding there shows here. So a complaint
// is to be answered in the generator, or by a rule that is wrong by the
// conventions; what the generator happens to emit is no argument.

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// evidence is what is judged: the traces of a corpus, and what it says of
// itself.
type evidence struct {
	messages []*tracepb.TracesData
	prefix   string // of the vendor's names
	unified  bool   // one trace a request
	genai    bool   // in OpenTelemetry's words for agents, and not the vendor's
	content  string // scenario, none, raw or redacted
}

// more are commands beside those of the cases: for rules that only many
// iterations, or pairs of options, put to the test.
var more = []string{
	"otelsim-gen --seed 9 -n 800",
	"otelsim-gen --seed 10 --each-once --trace-shape unified",
	"otelsim-gen --seed 11 --each-once --trace-shape unified --content redacted --vendor acme",
	"otelsim-gen --seed 12 --each-once --content raw",
	"otelsim-gen --seed 13 --each-once --content none --format json",
	"otelsim-gen --seed 15 -n 600 --semconv genai",
	"otelsim-gen --seed 16 --each-once --semconv genai --trace-shape unified --content raw --vendor acme",
	"otelsim-gen --seed 17 --each-once --semconv genai --content redacted --format json",
	"otelsim-gen --seed 18 --each-once --semconv genai --content none --trace-shape unified",
}

func TestSecondOpinion(t *testing.T) {
	dependOnTree(t)
	words := generator(t)
	if len(words) > 1 {
		t.Skip("a generator under an emulator writes the same bytes, or TestGolden fails")
	}
	lines := slices.Clone(more)
	for _, name := range ofAgents(t) {
		lines = append(lines, read(t, name, "cmd"))
	}
	seen := make(map[string]int)
	for _, line := range lines {
		t.Run(line, func(t *testing.T) {
			found := judge(collect(t, words, line), seen)
			for _, f := range summary(found) {
				t.Error(f)
			}
		})
	}
	// A rule about something that no corpus has would hold by itself.
	subjects := []string{"raw content", "redacted content", "later turns"}
	for _, k := range kinds {
		subjects = append(subjects, k.name)
	}
	for _, s := range subjects {
		if seen[s] == 0 {
			t.Errorf("no corpus has any %s", s)
		}
	}
}

// summary returns one line for each rule that was broken: how often, and where
// first.
func summary(found []complaint) []string {
	var rules []string
	count := make(map[string]int)
	first := make(map[string]complaint)
	for _, c := range found {
		if count[c.rule]++; count[c.rule] == 1 {
			rules = append(rules, c.rule)
			first[c.rule] = c
		}
	}
	for i, r := range rules {
		rules[i] = fmt.Sprintf("%d times: %s; first %s", count[r], r, first[r].where)
	}
	return rules
}

// collect returns what the command of a case wrote, which nobody may change.
func collect(t *testing.T, words []string, line string) *evidence {
	t.Helper()
	from, err := corpus.Open(filepath.Join(written(t, words, line, "").dir, "corpus"))
	if err != nil {
		t.Fatal(err)
	}
	m := from.Manifest()
	e := &evidence{prefix: m.Prefix, unified: m.Options.TraceShape == "unified", content: m.Options.Content, genai: strings.Contains(line, "--semconv genai")}
	for i := range m.Segments {
		b, err := from.ReadSegment(uint64(i), otlp.SignalTraces)
		if err != nil {
			t.Fatal(err)
		}
		e.messages = append(e.messages, decode(t, b, m.Options.Format)...)
	}
	return e
}

// decode decodes the records of a segment.
func decode(t *testing.T, b []byte, format string) (messages []*tracepb.TracesData) {
	t.Helper()
	if format == "json" {
		for line := range bytes.Lines(b) {
			m := new(tracepb.TracesData)
			if err := protojson.Unmarshal(baseIDs(t, line), m); err != nil {
				t.Fatal(err)
			}
			messages = append(messages, m)
		}
		return messages
	}
	for len(b) > 0 {
		n := int(binary.BigEndian.Uint32(b))
		m := new(tracepb.TracesData)
		if err := proto.Unmarshal(b[4:4+n], m); err != nil {
			t.Fatal(err)
		}
		messages, b = append(messages, m), b[4+n:]
	}
	return messages
}

// baseIDs turns the ids of OTLP/JSON, which are hex, into what the JSON of
// protobuf has.
func baseIDs(t *testing.T, line []byte) []byte {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for k, e := range v {
				if id, ok := e.(string); ok && (k == "traceId" || k == "spanId" || k == "parentSpanId") {
					raw, err := hex.DecodeString(id)
					if err != nil {
						t.Fatal(err)
					}
					v[k] = base64.StdEncoding.EncodeToString(raw)
				}
				walk(e)
			}
		}
	}
	walk(v)
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// attributes is a list of attributes: string, bool, int64, float64 or []string.
type attributes map[string]any

// str returns a string attribute, or nothing.
func (a attributes) str(key string) string {
	s, _ := a[key].(string)
	return s
}

// span is one span with what it hangs on.
type span struct {
	*tracepb.Span
	kind     *kind      // nil if the name is of none
	attrs    attributes // names of the vendor begin with "*"
	resource attributes // as well
	scope    string
	parent   *span
	children []*span // by start
	at       string  // where it is, for people
}

// get returns a string attribute of the vendor.
func (s *span) get(name string) string { return s.attrs.str("*." + name) }

// named returns the children of a kind.
func (s *span) named(name string) (out []*span) {
	for _, c := range s.children {
		if c.is(name) {
			out = append(out, c)
		}
	}
	return out
}

func (s *span) is(name string) bool { return s != nil && s.kind != nil && s.kind.name == name }

func (s *span) failed() bool { return s.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR }

// readAttributes returns the attributes of a list, and how many of them are no
// attributes of today or occur twice.
func readAttributes(list []*commonpb.KeyValue, prefix string) (a attributes, bad int) {
	a = make(attributes, len(list))
	for _, kv := range list {
		k := kv.Key
		if rest, ok := strings.CutPrefix(k, prefix+"."); ok {
			k = "*." + rest
		}
		if _, twice := a[k]; twice {
			bad++
		}
		switch v := kv.GetValue().GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			a[k] = v.StringValue
		case *commonpb.AnyValue_BoolValue:
			a[k] = v.BoolValue
		case *commonpb.AnyValue_IntValue:
			a[k] = v.IntValue
		case *commonpb.AnyValue_DoubleValue:
			a[k] = v.DoubleValue
		case *commonpb.AnyValue_ArrayValue:
			var list []string
			for _, e := range v.ArrayValue.GetValues() {
				list = append(list, e.GetStringValue())
			}
			a[k] = list
		default:
			a[k] = nil
			bad++
		}
	}
	return a, bad
}
