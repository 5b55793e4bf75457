package waterfall

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// source is what the attributes of a record refer to, whatever its signal.
type source struct {
	strings   *otlp.Strings
	attrs     []otlp.Attr
	text      []byte
	resources []otlp.Resource
	scopes    []otlp.Scope
}

// pair is an attribute as it is shown.
type pair struct{ Key, Value string }

func (s *source) pairs(r otlp.Range) (all []pair) {
	for k := r.Start; k < r.End; k++ {
		a := &s.attrs[k]
		all = append(all, pair{s.strings.String(a.Key), s.value(a, true)})
	}
	return all
}

// resource returns the attributes of a resource.
func (s *source) resource(i uint32) []pair {
	if int(i) >= len(s.resources) {
		return nil
	}
	return s.pairs(s.resources[i].Attrs)
}

// scope returns name and version of a scope.
func (s *source) scope(i uint32) string {
	if int(i) >= len(s.scopes) {
		return ""
	}
	return strings.TrimSpace(s.strings.String(s.scopes[i].Name) + " " + s.strings.String(s.scopes[i].Version))
}

// value returns an attribute's value. Text stands as it is at the top and is
// quoted within lists.
func (s *source) value(a *otlp.Attr, top bool) string {
	r := otlp.UnpackRange(a.Word)
	quoted := func(text string) string {
		if top {
			return strings.ToValidUTF8(text, "\uFFFD")
		}
		return strconv.Quote(text)
	}
	switch a.Kind {
	case otlp.KindString:
		return quoted(s.strings.String(otlp.StringID(a.Word)))
	case otlp.KindText:
		return quoted(string(s.text[r.Start:r.End]))
	case otlp.KindInt:
		return strconv.FormatInt(int64(a.Word), 10)
	case otlp.KindBool:
		return strconv.FormatBool(a.Word != 0)
	case otlp.KindDouble:
		return strconv.FormatFloat(math.Float64frombits(a.Word), 'g', -1, 64)
	case otlp.KindBytes:
		return "0x" + hex.EncodeToString(s.text[r.Start:r.End])
	case otlp.KindArray, otlp.KindMap:
		var parts []string
		for k := r.Start; k < r.End; k++ {
			part := s.value(&s.attrs[k], false)
			if a.Kind == otlp.KindMap {
				part = s.strings.String(s.attrs[k].Key) + ": " + part
			}
			parts = append(parts, part)
		}
		if a.Kind == otlp.KindMap {
			return "{" + strings.Join(parts, ", ") + "}"
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case otlp.KindEmpty:
		return "(empty)"
	}
	return "(unknown kind)"
}

// find returns the value of the attribute of a name, or "".
func find(all []pair, name string) string {
	for _, p := range all {
		if p.Key == name {
			return p.Value
		}
	}
	return ""
}

// between returns the time from a to b, both nanoseconds since the Unix epoch,
// with three digits or so.
func between(a, b uint64) string {
	if b < a {
		return "-" + between(b, a)
	}
	d := time.Duration(min(b-a, math.MaxInt64))
	if d >= time.Minute {
		return d.Round(time.Second).String()
	}
	for unit := time.Duration(1); unit < time.Second; unit *= 10 {
		if d < 1000*unit {
			d = d.Round(unit)
			break
		}
	}
	if d >= time.Second {
		d = d.Round(10 * time.Millisecond)
	}
	return strings.Replace(d.String(), "\u00b5", "u", 1)
}

func kindName(k uint8) string {
	switch k {
	case otlp.SpanKindInternal:
		return "internal"
	case otlp.SpanKindServer:
		return "server"
	case otlp.SpanKindClient:
		return "client"
	case otlp.SpanKindProducer:
		return "producer"
	case otlp.SpanKindConsumer:
		return "consumer"
	}
	return "kind " + strconv.Itoa(int(k))
}
