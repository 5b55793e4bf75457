package response

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// rejectedNames are the fields of the three signals, indexed by Signal.
var rejectedNames = [otlp.NumSignals]string{"rejectedSpans", "rejectedDataPoints", "rejectedLogRecords"}

// AppendJSON appends the JSON form of an export response of sig.
func AppendJSON(dst []byte, sig otlp.Signal, p Partial) []byte {
	if p == (Partial{}) {
		return append(dst, "{}"...)
	}
	dst = append(dst, `{"partialSuccess":{`...)
	if p.Rejected != 0 {
		dst = append(dst, '"')
		dst = append(dst, rejectedNames[sig]...)
		dst = append(dst, `":"`...)
		dst = strconv.AppendInt(dst, p.Rejected, 10)
		dst = append(dst, '"')
	}
	if p.Message != "" {
		if p.Rejected != 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `"errorMessage":`...)
		dst = appendQuoted(dst, p.Message)
	}
	return append(dst, "}}"...)
}

// appendQuoted appends s as a JSON string. It is for messages, not for volume.
func appendQuoted(dst []byte, s string) []byte {
	q, err := json.Marshal(s)
	if err != nil { // which strings never give
		return append(dst, `""`...)
	}
	return append(dst, q...)
}

// number is an int64 as JSON protobuf writes it: a string, or a number.
type number int64

// UnmarshalJSON reads either form.
func (n *number) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" {
		return nil
	}
	v, err := strconv.ParseInt(s, 10, 64)
	*n = number(v)
	return err
}

// ParseJSON reads the JSON form of an export response of any signal. Empty
// input is full success, as some receivers send nothing.
func ParseJSON(b []byte) (Partial, error) {
	if len(b) == 0 {
		return Partial{}, nil
	}
	var r struct {
		PartialSuccess struct {
			RejectedSpans      number `json:"rejectedSpans"`
			RejectedDataPoints number `json:"rejectedDataPoints"`
			RejectedLogRecords number `json:"rejectedLogRecords"`
			ErrorMessage       string `json:"errorMessage"`
		} `json:"partialSuccess"`
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return Partial{}, fmt.Errorf("parse export response: %w: %w", ErrMalformed, err)
	}
	s := &r.PartialSuccess
	return Partial{
		Rejected: int64(s.RejectedSpans + s.RejectedDataPoints + s.RejectedLogRecords),
		Message:  s.ErrorMessage,
	}, nil
}

// AppendStatusJSON appends the JSON form of s, without details.
func AppendStatusJSON(dst []byte, s Status) []byte {
	dst = append(dst, `{"code":`...)
	dst = strconv.AppendInt(dst, int64(s.Code), 10)
	dst = append(dst, `,"message":`...)
	dst = appendQuoted(dst, s.Message)
	return append(dst, '}')
}

// ParseStatusJSON reads code and message of the JSON form of a status.
func ParseStatusJSON(b []byte) (Status, error) {
	var r struct {
		Code    int32  `json:"code"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return Status{}, fmt.Errorf("parse status: %w: %w", ErrMalformed, err)
	}
	return Status{Code: r.Code, Message: r.Message}, nil
}
