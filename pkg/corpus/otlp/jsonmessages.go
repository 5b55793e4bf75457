package otlp

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The objects of OTLP/JSON as encoding/json reads them. They are built only
// for reading: writing goes from the model.

type tracesJSON struct {
	ResourceSpans []struct {
		resourceJSON
		ScopeSpans []struct {
			scopeJSON
			Spans []spanJSON `json:"spans"`
		} `json:"scopeSpans"`
	} `json:"resourceSpans"`
}

// resourceJSON is what Resource{Spans,Metrics,Logs} have in common.
type resourceJSON struct {
	Resource struct {
		Attributes []keyValueJSON `json:"attributes"`
	} `json:"resource"`
	SchemaURL string `json:"schemaUrl"`
}

// scopeJSON is what Scope{Spans,Metrics,Logs} have in common.
type scopeJSON struct {
	Scope struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	} `json:"scope"`
}

type spanJSON struct {
	TraceID      hexJSON        `json:"traceId"`
	SpanID       hexJSON        `json:"spanId"`
	ParentSpanID hexJSON        `json:"parentSpanId"`
	Name         string         `json:"name"`
	Kind         uintJSON       `json:"kind"`
	Start        uintJSON       `json:"startTimeUnixNano"`
	End          uintJSON       `json:"endTimeUnixNano"`
	Attributes   []keyValueJSON `json:"attributes"`
	Events       []eventJSON    `json:"events"`
	Links        []linkJSON     `json:"links"`
	Flags        uintJSON       `json:"flags"`
	Status       struct {
		Message string   `json:"message"`
		Code    uintJSON `json:"code"`
	} `json:"status"`
}

type eventJSON struct {
	Time       uintJSON       `json:"timeUnixNano"`
	Name       string         `json:"name"`
	Attributes []keyValueJSON `json:"attributes"`
}

type linkJSON struct {
	TraceID    hexJSON        `json:"traceId"`
	SpanID     hexJSON        `json:"spanId"`
	Flags      uintJSON       `json:"flags"`
	Attributes []keyValueJSON `json:"attributes"`
}

type keyValueJSON struct {
	Key   string    `json:"key"`
	Value valueJSON `json:"value"`
}

type valueJSON struct {
	String *string    `json:"stringValue"`
	Bool   *bool      `json:"boolValue"`
	Int    *intJSON   `json:"intValue"`
	Double *floatJSON `json:"doubleValue"`
	Array  *struct {
		Values []valueJSON `json:"values"`
	} `json:"arrayValue"`
	Map *struct {
		Values []keyValueJSON `json:"values"`
	} `json:"kvlistValue"`
	Bytes *base64JSON `json:"bytesValue"`
}

// literal returns the text of a JSON number, or of a string that holds one, and
// "" for null. encoding/json calls Unmarshalers with a whole valid value.
func literal(b []byte) string {
	s := string(b)
	if s == "null" {
		return ""
	}
	if len(s) >= 2 && s[0] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// uintJSON is an unsigned integer, as a number or as a decimal string.
type uintJSON uint64

func (u *uintJSON) UnmarshalJSON(b []byte) error {
	s := literal(b)
	if s == "" {
		return nil
	}
	v, err := strconv.ParseUint(s, 10, 64)
	*u = uintJSON(v)
	return err
}

// intJSON is a signed integer, as a number or as a decimal string.
type intJSON int64

func (i *intJSON) UnmarshalJSON(b []byte) error {
	s := literal(b)
	if s == "" {
		return nil
	}
	v, err := strconv.ParseInt(s, 10, 64)
	*i = intJSON(v)
	return err
}

// floatJSON is a double: a number, or a string that holds one or is one of the
// three names that protobuf JSON gives to what has no decimal.
type floatJSON float64

func (f *floatJSON) UnmarshalJSON(b []byte) error {
	s := literal(b)
	switch s {
	case "":
	case "NaN":
		*f = floatJSON(math.NaN())
	case "Infinity":
		*f = floatJSON(math.Inf(1))
	case "-Infinity":
		*f = floatJSON(math.Inf(-1))
	default:
		// ParseFloat takes more than JSON does: hex, underscores, "inf".
		if strings.Trim(s, "+-.0123456789eE") != "" {
			return fmt.Errorf("parse double %q", s)
		}
		v, err := strconv.ParseFloat(s, 64)
		*f = floatJSON(v)
		return err
	}
	return nil
}

var errNotString = errors.New("value is not a plain string")

// hexJSON is an id in hex digits of either case.
type hexJSON []byte

func (h *hexJSON) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	if b[0] != '"' {
		return fmt.Errorf("parse id: %w", errNotString)
	}
	v, err := hex.DecodeString(literal(b))
	*h = v
	return err
}

// base64JSON is a byte string in base64 of either alphabet, padded or not.
type base64JSON []byte

func (v *base64JSON) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	if b[0] != '"' {
		return fmt.Errorf("parse bytes: %w", errNotString)
	}
	s := strings.NewReplacer("-", "+", "_", "/", `\/`, "/").Replace(literal(b))
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	*v = raw
	return err
}
