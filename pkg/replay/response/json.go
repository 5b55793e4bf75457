package response

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
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

// number is an int64 as JSON protobuf writes it: a string, or a number, which may
// have an exponent. What does not fit becomes the nearest that does: a receiver
// that counts too many has rejected all the same.
type number int64

// UnmarshalJSON reads either form.
func (n *number) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" {
		return nil
	}
	v, err := strconv.ParseInt(s, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		err = nil // v is the nearest
	case err != nil:
		var f float64
		if f, err = strconv.ParseFloat(s, 64); err != nil && !errors.Is(err, strconv.ErrRange) || f != math.Trunc(f) {
			return fmt.Errorf("%w: not a count", ErrMalformed)
		}
		err = nil
		switch {
		case f >= math.MaxInt64:
			v = math.MaxInt64
		case f <= math.MinInt64:
			v = math.MinInt64
		default:
			v = int64(f)
		}
	}
	*n = number(v)
	return err
}

// plus adds up to the largest int64; a negative count among them stands alone.
func (n number) plus(m number) number {
	switch {
	case n < 0 || m < 0:
		return min(n, m)
	case n > math.MaxInt64-m:
		return math.MaxInt64
	}
	return n + m
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
		Rejected: int64(s.RejectedSpans.plus(s.RejectedDataPoints).plus(s.RejectedLogRecords)),
		Message:  Said(s.ErrorMessage),
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
	return Status{Code: r.Code, Message: Said(r.Message)}, nil
}
