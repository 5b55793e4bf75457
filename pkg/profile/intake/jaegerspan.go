package intake

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// span writes the fields of a span. The id of the trace is for spans that have none.
func (j *jaeger) span(s *jaegerSpan, trace string) {
	if s.TraceID == "" {
		s.TraceID = trace
	}
	id := sameID(s.TraceID)
	j.id(1, s.TraceID, 16)
	j.id(2, s.SpanID, 8)
	parent := s.parent()
	if parent != "" {
		j.id(4, parent, 8)
	}
	j.text(5, s.Name)
	start := s.Start.nanos()
	j.time(7, start)
	j.time(8, start+s.Duration.nanos())
	var found outcome
	kind := uint8(otlp.SpanKindUnspecified)
	for i := range s.Tags {
		if t := &s.Tags[i]; t.Key == "span.kind" {
			kind = otlp.SpanKindNamed(strings.ToLower(t.string()))
		}
	}
	j.word(6, uint64(kind))
	for i := range s.Tags {
		t := &s.Tags[i]
		switch t.Key {
		case "otel.scope.name", "otel.library.name", "otel.scope.version", "otel.library.version":
		case "span.kind":
			if kind == otlp.SpanKindUnspecified {
				j.tag(9, t)
			}
		case "w3c.tracestate":
			j.text(3, t.string())
		default:
			if found.take(t, kind) {
				j.tag(9, t)
			}
		}
	}
	if code, message := found.status(); code != otlp.StatusUnset || message != "" {
		at := j.open(15)
		j.text(2, message)
		j.word(3, uint64(code))
		j.close(at)
	}
	for i := range s.Logs {
		j.event(&s.Logs[i])
	}
	for i := range s.References {
		if r := &s.References[i]; sameID(r.TraceID) != id || r.SpanID != parent {
			j.link(r)
		}
	}
}

// sameID returns an id without what is written in several ways.
func sameID(id string) string { return strings.ToLower(strings.TrimLeft(id, "0")) }

// parent returns the id of the parent: what it is a child of in its own trace, or else
// what it follows there.
func (s *jaegerSpan) parent() string {
	id := sameID(s.TraceID)
	follows := ""
	for i := range s.References {
		switch r := &s.References[i]; {
		case sameID(r.TraceID) != id:
		case r.Type == "CHILD_OF":
			return r.SpanID
		case follows == "":
			follows = r.SpanID
		}
	}
	if follows == "" && strings.Trim(s.ParentID, "0") != "" {
		return s.ParentID
	}
	return follows
}

// outcome is what tags say of how a span ended.
type outcome struct {
	failed  bool // by the tag error
	code    uint8
	coded   bool
	http    uint8
	message string
	reason  string // of HTTP
}

// take takes a tag, and reports whether it is an attribute too.
func (o *outcome) take(t *jaegerTag, kind uint8) (attribute bool) {
	switch t.Key {
	case "error":
		switch v := t.string(); v {
		case "true":
			o.failed = true
		case "false":
		default:
			return true
		}
		return false
	case "otel.status_code", "status.code":
		o.coded = true
		switch strings.ToUpper(t.string()) {
		case "OK", "1":
			o.code = otlp.StatusOK
		case "ERROR", "2":
			o.code = otlp.StatusError
		}
		return false
	case "otel.status_description", "status.message":
		o.message = t.string()
		return false
	case "http.status_message":
		o.reason = t.string()
	case "http.status_code", "http.response.status_code":
		n, err := strconv.Atoi(t.string())
		if err == nil && (n >= 500 || n >= 400 && kind != otlp.SpanKindServer) {
			o.http = otlp.StatusError
		}
	}
	return true
}

// status returns the status: the tag error is above the code, and a code above that of
// HTTP.
func (o *outcome) status() (code uint8, message string) {
	message = o.message
	switch {
	case o.failed:
		code = otlp.StatusError
	case o.coded:
		code = o.code
	default:
		code = o.http
	}
	if code == otlp.StatusError && message == "" {
		message = o.reason
	}
	return code, message
}

// event writes a log of a span: its name is the field event.
func (j *jaeger) event(l *jaegerLog) {
	at := j.open(11)
	j.time(1, l.Time.nanos())
	for i := range l.Fields {
		if f := &l.Fields[i]; f.Key == "event" {
			j.text(2, f.string())
		} else {
			j.tag(3, f)
		}
	}
	j.close(at)
}

// link writes a reference that is not the parent.
func (j *jaeger) link(r *jaegerRef) {
	at := j.open(13)
	j.id(1, r.TraceID, 16)
	j.id(2, r.SpanID, 8)
	if r.Type == "CHILD_OF" {
		j.string(4, "opentracing.ref_type", "child_of")
	} else {
		j.string(4, "opentracing.ref_type", "follows_from")
	}
	j.close(at)
}

// string returns a value as text: that of a string, or what stands there.
func (t *jaegerTag) string() string {
	var s string
	if len(t.Value) > 0 && t.Value[0] == '"' && json.Unmarshal(t.Value, &s) == nil {
		return s
	}
	return string(t.Value)
}

// tag writes a tag as an attribute. What is not of its type is text.
func (j *jaeger) tag(number uint64, t *jaegerTag) {
	at := j.open(number)
	j.text(1, t.Key)
	value := j.open(2)
	s := t.string()
	switch t.Type {
	case "bool":
		switch s {
		case "true":
			j.word(2, 1)
		case "false":
			j.word(2, 0)
		default:
			j.text(1, s)
		}
	case "int64":
		j.number(s)
	case "float64":
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			j.time(4, math.Float64bits(f))
		} else {
			j.text(1, s)
		}
	case "binary":
		if raw, err := base64.StdEncoding.DecodeString(s); err == nil {
			j.text(7, string(raw))
		} else {
			j.text(1, s)
		}
	default:
		j.text(1, s)
	}
	j.close(value)
	j.close(at)
}

// number writes the value of an integer.
func (j *jaeger) number(s string) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		f, ferr := strconv.ParseFloat(s, 64)
		if ferr != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
			j.text(1, s)
			return
		}
		n = int64(f)
	}
	j.b = binary.AppendUvarint(append(j.b, 3<<3|wireVarint), uint64(n))
}
