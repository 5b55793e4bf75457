package sink

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// jsonNames are the names of the nested lists of each signal.
var jsonNames = [otlp.NumSignals][3]string{
	otlp.SignalTraces:  {"resourceSpans", "scopeSpans", "spans"},
	otlp.SignalMetrics: {"resourceMetrics", "scopeMetrics", "metrics"},
	otlp.SignalLogs:    {"resourceLogs", "scopeLogs", "logRecords"},
}

// scanJSON reads an OTLP/JSON request.
func (s *scanner) scanJSON(sig otlp.Signal, b []byte) error {
	items, ok := countJSON(sig, b)
	if ok && !s.wantKeys {
		s.items = items
		return nil
	}
	if !ok && !json.Valid(b) {
		return fmt.Errorf("%w: not JSON", errMalformed)
	}
	return s.walkJSON(sig, b)
}

// walkJSON walks an OTLP/JSON request. What it walks is known to be JSON, so
// only its shape can be wrong.
func (s *scanner) walkJSON(sig otlp.Signal, b []byte) error {
	names := jsonNames[sig]
	item := [otlp.NumSignals]func([]byte) error{s.jsonSpan, s.jsonMetric, s.jsonLog}[sig]
	return list(b, names[0], func(group []byte) error {
		s.resource = nil
		if err := members(group, func(name, v []byte) error {
			if string(name) == "resource" {
				s.resource = v
			}
			return nil
		}); err != nil {
			return err
		}
		return list(group, names[1], func(scope []byte) error { return list(scope, names[2], item) })
	})
}

func (s *scanner) jsonSpan(b []byte) error {
	s.items++
	if !s.wantKeys {
		return object(b)
	}
	var trace, id []byte
	var hexed [2][maxID]byte
	err := members(b, func(name, v []byte) error {
		switch string(name) {
		case "traceId":
			trace = unhex(hexed[0][:], v)
		case "spanId":
			id = unhex(hexed[1][:], v)
		}
		return nil
	})
	if err == nil {
		s.addSpan(trace, id)
	}
	return err
}

// maxID is how many bytes an id has at most.
const maxID = 16

// unhex returns the bytes of a hex string, in dst, or the string itself when it is no
// id.
func unhex(dst, v []byte) []byte {
	if len(v) < 2 || len(v) > 2+2*len(dst) {
		return v
	}
	if n, err := hex.Decode(dst, v[1:len(v)-1]); err != nil || 2*n != len(v)-2 {
		return v
	}
	return dst[:len(v)/2-1]
}

func (s *scanner) jsonLog(b []byte) error {
	s.items++
	s.begin()
	err := s.writeBut(b, "timeUnixNano", "observedTimeUnixNano", "")
	s.add()
	return err
}

func (s *scanner) jsonMetric(b []byte) error {
	s.metric = nil
	if err := members(b, func(name, v []byte) error {
		if string(name) == "name" {
			s.metric = v
		}
		return nil
	}); err != nil {
		return err
	}
	return members(b, func(name, v []byte) error {
		if pointData(name) {
			return list(v, "dataPoints", s.jsonPoint)
		}
		return nil
	})
}

func (s *scanner) jsonPoint(b []byte) error {
	s.items++
	s.begin()
	s.write(s.resource)
	s.write(s.metric)
	err := s.writeBut(b, "timeUnixNano", "startTimeUnixNano", "exemplars")
	s.add()
	return err
}

// writeBut hashes an object without three of its members.
func (s *scanner) writeBut(b []byte, x, y, z string) error {
	if !s.wantKeys {
		return object(b)
	}
	return members(b, func(name, v []byte) error {
		if n := string(name); n != x && n != y && n != z {
			s.write(name)
			s.write(v)
		}
		return nil
	})
}

// list calls f with the elements of the array that is member name of object b.
// No such member, and null, is an empty array.
func list(b []byte, name string, f func([]byte) error) error {
	return members(b, func(n, v []byte) error {
		if string(n) != name || string(v) == "null" {
			return nil
		}
		if v[0] != '[' {
			return fmt.Errorf("%w: %s is not an array", errMalformed, name)
		}
		return elements(v, f)
	})
}

// elements calls f with the elements of array v.
func elements(v []byte, f func([]byte) error) error {
	for i := space(v, 1); v[i] != ']'; {
		end := skip(v, i)
		if err := f(v[i:end]); err != nil {
			return err
		}
		if i = space(v, end); v[i] == ',' {
			i = space(v, i+1)
		}
	}
	return nil
}

// members calls f with each member of object b, its value without spaces
// around. Names with escapes are not those of OTLP and stay as they are.
func members(b []byte, f func(name, v []byte) error) error {
	if err := object(b); err != nil {
		return err
	}
	for i := space(b, space(b, 0)+1); b[i] != '}'; {
		end := skip(b, i)
		name := b[i+1 : end-1]
		i = space(b, space(b, end)+1) // over the colon
		end = skip(b, i)
		if err := f(name, b[i:end]); err != nil {
			return err
		}
		if i = space(b, end); b[i] == ',' {
			i = space(b, i+1)
		}
	}
	return nil
}

// object returns an error for valid JSON that is no object.
func object(b []byte) error {
	if b[space(b, 0)] != '{' {
		return fmt.Errorf("%w: want an object", errMalformed)
	}
	return nil
}

// space returns the index of the next byte of valid JSON that is not space.
func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skip returns the index after the value of valid JSON that starts at i.
func skip(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		for depth := 0; i < len(b); i++ {
			switch b[i] {
			case '"':
				i = skipString(b, i) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
		return i
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] > ' ' {
		i++
	}
	return i
}

func skipString(b []byte, i int) int {
	for i++; ; i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return len(b)
		}
		i += n
		slashes := 0
		for b[i-1-slashes] == '\\' { // it began with a quote
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
}
