// Package response reads and writes what an OTLP receiver answers, without
// the message packages: the export responses of the three signals, which are
// alike but for the name of one JSON field, and the status of a failure.
//
//	Export<Signal>ServiceResponse   1: partial_success
//	Export<Signal>PartialSuccess    1: rejected (int64)   2: error_message
//	google.rpc.Status               1: code   2: message  3: details (Any)
//	google.protobuf.Any             1: type_url           2: value
//	google.rpc.RetryInfo            1: retry_delay
//	google.protobuf.Duration        1: seconds            2: nanos
package response

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/text"
)

// ErrMalformed says that bytes are not the message they should be.
var ErrMalformed = errors.New("malformed message")

// Partial is the partial success of an export response. The zero value is
// full success, whose encoding is empty.
type Partial struct {
	Rejected int64  // spans, data points or log records
	Message  string // why; without rejected items it is a warning
}

// Warning returns what is to be told of an answer that rejects nothing, "" when
// that is nothing.
func (p Partial) Warning() string {
	if p.Rejected < 0 {
		return strings.TrimSuffix(fmt.Sprintf("rejected %d: %s", p.Rejected, p.Message), ": ")
	}
	return p.Message
}

// Kind returns the few words under which such an answer is counted, "" when
// there is nothing to tell.
func (p Partial) Kind() string {
	if p.Rejected == 0 && p.Message == "" {
		return ""
	}
	return "warning"
}

// maxSaid is how much is told of what a receiver says, in bytes.
const maxSaid = 400

// Said returns what a receiver, or a library that quotes it, says as it may be
// shown to a person: one line, in characters that a terminal prints.
func Said(s string) string {
	return text.Line(strings.ReplaceAll(strings.TrimSpace(s), "%!w(<nil>)", "no reason given"), maxSaid)
}

// Status is a google.rpc.Status.
type Status struct {
	Code       int32
	Message    string
	RetryInfo  bool // details hold a RetryInfo
	RetryDelay time.Duration
}

// RetryInfoURL is the type URL of a RetryInfo among the details of a status.
const RetryInfoURL = "type.googleapis.com/google.rpc.RetryInfo"

// Append appends the protobuf form of an export response.
func Append(dst []byte, p Partial) []byte {
	if p == (Partial{}) {
		return dst
	}
	var m []byte
	m = appendVarint(m, 1, uint64(p.Rejected))
	m = appendBytes(m, 2, p.Message)
	return appendBytes(dst, 1, string(m))
}

// Parse reads the protobuf form of an export response. Unknown fields are
// skipped.
func Parse(b []byte) (Partial, error) {
	var p Partial
	err := eachField(b, func(num int, v uint64, data []byte) error {
		if num != 1 || data == nil {
			return nil
		}
		return eachField(data, func(num int, v uint64, data []byte) error {
			switch {
			case num == 1 && data == nil:
				p.Rejected = int64(v)
			case num == 2 && data != nil:
				p.Message = Said(string(data))
			}
			return nil
		})
	})
	if err != nil {
		return Partial{}, fmt.Errorf("parse export response: %w", err)
	}
	return p, nil
}

// AppendStatus appends the protobuf form of s.
func AppendStatus(dst []byte, s Status) []byte {
	dst = appendVarint(dst, 1, uint64(s.Code))
	dst = appendBytes(dst, 2, s.Message)
	if !s.RetryInfo {
		return dst
	}
	var d, info, detail []byte
	d = appendVarint(d, 1, uint64(s.RetryDelay/time.Second))
	d = appendVarint(d, 2, uint64(s.RetryDelay%time.Second))
	info = appendBytes(info, 1, string(d))
	detail = appendBytes(detail, 1, RetryInfoURL)
	detail = appendBytes(detail, 2, string(info))
	return appendBytes(dst, 3, string(detail))
}

// ParseStatus reads the protobuf form of a status.
func ParseStatus(b []byte) (Status, error) {
	var s Status
	err := eachField(b, func(num int, v uint64, data []byte) error {
		switch {
		case num == 1 && data == nil:
			s.Code = int32(v)
		case num == 2 && data != nil:
			s.Message = Said(string(data))
		case num == 3 && data != nil:
			return s.parseDetail(data)
		}
		return nil
	})
	if err != nil {
		return Status{}, fmt.Errorf("parse status: %w", err)
	}
	return s, nil
}

func (s *Status) parseDetail(b []byte) error {
	var url string
	var value []byte
	err := eachField(b, func(num int, v uint64, data []byte) error {
		switch {
		case num == 1 && data != nil:
			url = string(data)
		case num == 2 && data != nil:
			value = data
		}
		return nil
	})
	if err != nil || url != RetryInfoURL {
		return err
	}
	s.RetryInfo = true
	s.RetryDelay, err = ParseRetryInfo(value)
	return err
}

// ParseRetryInfo reads the protobuf form of a RetryInfo and returns its delay,
// which is never negative.
func ParseRetryInfo(b []byte) (time.Duration, error) {
	var seconds, nanos int64
	err := eachField(b, func(num int, v uint64, data []byte) error {
		if num != 1 || data == nil {
			return nil
		}
		return eachField(data, func(num int, v uint64, data []byte) error {
			switch {
			case num == 1 && data == nil:
				seconds = int64(v)
			case num == 2 && data == nil:
				nanos = int64(int32(v))
			}
			return nil
		})
	})
	if err != nil {
		return 0, fmt.Errorf("parse retry info: %w", err)
	}
	// Seconds below the limit by more than the nanoseconds can be.
	seconds = min(max(seconds, 0), math.MaxInt64/int64(time.Second)-4)
	return max(time.Duration(seconds)*time.Second+time.Duration(nanos), 0), nil
}

// eachField calls f with the fields of a message: v of a varint or fixed
// field, data (never nil) of a length-delimited one.
func eachField(b []byte, f func(num int, v uint64, data []byte) error) error {
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 || tag>>3 == 0 || tag>>3 > math.MaxInt32 {
			return ErrMalformed
		}
		b = b[n:]
		var v uint64
		var data []byte
		switch tag & 7 {
		case 0:
			if v, n = binary.Uvarint(b); n <= 0 {
				return ErrMalformed
			}
		case 1:
			if n = 8; len(b) < n {
				return ErrMalformed
			}
			v = binary.LittleEndian.Uint64(b)
		case 2:
			size, k := binary.Uvarint(b)
			if k <= 0 || size > uint64(len(b)-k) {
				return ErrMalformed
			}
			n = k + int(size)
			data = b[k:n:n]
		case 5:
			if n = 4; len(b) < n {
				return ErrMalformed
			}
			v = uint64(binary.LittleEndian.Uint32(b))
		default: // groups, which none of these messages has
			return ErrMalformed
		}
		b = b[n:]
		if err := f(int(tag>>3), v, data); err != nil {
			return err
		}
	}
	return nil
}

// appendVarint and appendBytes append a field unless it has its default.
func appendVarint(dst []byte, num int, v uint64) []byte {
	if v == 0 {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(num)<<3)
	return binary.AppendUvarint(dst, v)
}

func appendBytes(dst []byte, num int, v string) []byte {
	if v == "" {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(num)<<3|2)
	dst = binary.AppendUvarint(dst, uint64(len(v)))
	return append(dst, v...)
}
