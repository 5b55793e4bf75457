package intake

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// jaegerSpan is a span as Jaeger's HTTP API and its pages have it.
type jaegerSpan struct {
	TraceID    string         `json:"traceID"`
	SpanID     string         `json:"spanID"`
	ParentID   string         `json:"parentSpanID"` // of old
	References []jaegerRef    `json:"references"`
	Name       string         `json:"operationName"`
	Start      micros         `json:"startTime"`
	Duration   micros         `json:"duration"`
	Tags       []jaegerTag    `json:"tags"`
	Logs       []jaegerLog    `json:"logs"`
	ProcessID  string         `json:"processID"`
	Process    *jaegerProcess `json:"process"` // where there is no ProcessID
}

type jaegerRef struct {
	Type    string `json:"refType"` // CHILD_OF or FOLLOWS_FROM
	TraceID string `json:"traceID"`
	SpanID  string `json:"spanID"`
}

type jaegerProcess struct {
	Service string      `json:"serviceName"`
	Tags    []jaegerTag `json:"tags"`
}

type jaegerLog struct {
	Time   micros      `json:"timestamp"`
	Fields []jaegerTag `json:"fields"`
}

type jaegerTag struct {
	Key   string          `json:"key"`
	Type  string          `json:"type"` // string, bool, int64, float64, binary
	Value json.RawMessage `json:"value"`
}

// micros is a time or duration in microseconds.
type micros uint64

// UnmarshalJSON reads a number, be it with a fraction or as a string.
func (m *micros) UnmarshalJSON(b []byte) error {
	b = bytes.Trim(b, `"`)
	if string(b) == "null" || len(b) == 0 {
		return nil
	}
	if n, err := strconv.ParseUint(string(b), 10, 64); err == nil {
		*m = micros(n)
		return nil
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || math.IsNaN(f) || f >= 1<<63 {
		return fmt.Errorf("no time or duration in microseconds: %s", text.Quote(string(b), 40))
	}
	*m = micros(max(f, 0))
	return nil
}

// nanos returns m in nanoseconds, at most what a time can say.
func (m micros) nanos() uint64 { return min(uint64(m), math.MaxUint64/1000/2) * 1000 }

// jaeger turns traces of Jaeger into OTLP, as the Collector's translation does.
type jaeger struct {
	order []int // places of spans, those of a process together
	b     []byte
}

// append appends a trace as the protobuf of OTLP.
func (j *jaeger) append(dst []byte, e *element) []byte {
	j.order = j.order[:0]
	for i := range e.Spans {
		j.order = append(j.order, i)
	}
	slices.SortStableFunc(j.order, func(a, b int) int { return strings.Compare(e.Spans[a].ProcessID, e.Spans[b].ProcessID) })
	j.b = dst
	for from := 0; from < len(j.order); {
		first := &e.Spans[j.order[from]]
		to := from + 1
		for to < len(j.order) && first.Process == nil && e.Spans[j.order[to]].Process == nil && e.Spans[j.order[to]].ProcessID == first.ProcessID {
			to++
		}
		process := first.Process
		if process == nil {
			if p, ok := e.Processes[first.ProcessID]; ok {
				process = &p
			} else {
				process = &jaegerProcess{}
			}
		}
		at := j.open(1)
		j.resource(process)
		for _, n := range j.order[from:to] {
			j.scopeOf(&e.Spans[n], e.TraceID)
		}
		j.close(at)
		from = to
	}
	return j.b
}

// open begins a field that is a message.
func (j *jaeger) open(number uint64) (start int) {
	j.b = binary.AppendUvarint(j.b, number<<3|wireBytes)
	j.b, start = otlp.OpenLength(j.b, 2)
	return start
}

func (j *jaeger) close(start int) { j.b = otlp.CloseLength(j.b, start, 2) }

func (j *jaeger) text(number uint64, s string) {
	j.b = binary.AppendUvarint(j.b, number<<3|wireBytes)
	j.b = append(binary.AppendUvarint(j.b, uint64(len(s))), s...)
}

func (j *jaeger) time(number, t uint64) {
	j.b = binary.AppendUvarint(j.b, number<<3|wireFixed64)
	j.b = binary.LittleEndian.AppendUint64(j.b, t)
}

func (j *jaeger) word(number, v uint64) {
	j.b = binary.AppendUvarint(j.b, number<<3|wireVarint)
	j.b = binary.AppendUvarint(j.b, v)
}

// resource writes a process.
func (j *jaeger) resource(p *jaegerProcess) {
	at := j.open(1)
	if p.Service != "" && p.Service != "OTLPResourceNoServiceName" {
		j.string(1, "service.name", p.Service)
	}
	named := slices.ContainsFunc(p.Tags, func(t jaegerTag) bool { return t.Key == "host.name" })
	for i := range p.Tags {
		t := p.Tags[i]
		if t.Key == "hostname" && !named {
			t.Key = "host.name"
		}
		j.tag(1, &t)
	}
	j.close(at)
}

// string writes an attribute that is a string.
func (j *jaeger) string(number uint64, key, value string) {
	at := j.open(number)
	j.text(1, key)
	inner := j.open(2)
	j.text(1, value)
	j.close(inner)
	j.close(at)
}

// scopeOf writes a span with its scope around it.
func (j *jaeger) scopeOf(s *jaegerSpan, trace string) {
	at := j.open(2)
	scope := j.open(1)
	for i := range s.Tags {
		switch t := &s.Tags[i]; t.Key {
		case "otel.scope.name", "otel.library.name":
			j.text(1, t.string())
		case "otel.scope.version", "otel.library.version":
			j.text(2, t.string())
		}
	}
	j.close(scope)
	span := j.open(2)
	j.span(s, trace)
	j.close(span)
	j.close(at)
}

// id writes an id of so many bytes, whose first zeros may be left out. What is none is
// written as no bytes, to be found and counted later.
func (j *jaeger) id(number uint64, id string, size int) {
	at := j.open(number)
	if len(id) <= 2*size && isHex([]byte(id)) {
		id = strings.Repeat("0", 2*size-len(id)) + id
		j.b, _ = hex.AppendDecode(j.b, []byte(id)) // hex digits: no error
	}
	j.close(at)
}
