package sink

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// errMalformed says that a request is not what its content type says.
var errMalformed = errors.New("malformed request")

// scanner counts the items of a request and, if asked, finds their keys. It is
// reused from one request to the next.
type scanner struct {
	items    int64
	keys     []key // one for each item, in their order
	wantKeys bool
	resource []byte // of the item at hand, encoded
	metric   []byte // its metric's name
	h1, h2   xxhash.Digest
}

func (s *scanner) reset(wantKeys bool) {
	s.items, s.keys, s.wantKeys = 0, s.keys[:0], wantKeys
	s.resource, s.metric = nil, nil
}

// scan reads one request.
func (s *scanner) scan(sig otlp.Signal, format otlp.Format, payload []byte) error {
	var err error
	if format == otlp.FormatJSON {
		err = s.scanJSON(sig, payload)
	} else {
		err = s.scanProto(sig, payload)
	}
	if err != nil {
		return fmt.Errorf("read %v: %w", sig, err)
	}
	return nil
}

// field is one field of a protobuf message.
type field struct {
	num  int
	typ  byte   // wire type
	data []byte // of a length-delimited field
	raw  []byte // the field with its tag
}

// fields calls f with each field of a message.
func fields(b []byte, f func(field) error) error {
	for len(b) > 0 {
		tag, k := binary.Uvarint(b)
		if k <= 0 || tag>>3 == 0 || tag>>3 > math.MaxInt32 {
			return errMalformed
		}
		e := field{num: int(tag >> 3), typ: byte(tag & 7)}
		n := 0
		switch e.typ {
		case 0:
			_, v := binary.Uvarint(b[k:])
			if v <= 0 {
				return errMalformed
			}
			n = k + v
		case 1:
			n = k + 8
		case 2:
			size, v := binary.Uvarint(b[k:])
			if v <= 0 || size > uint64(len(b)-k-v) {
				return errMalformed
			}
			n = k + v + int(size)
			e.data = b[k+v : n]
		case 5:
			n = k + 4
		default: // OTLP has no groups
			return errMalformed
		}
		if n > len(b) {
			return errMalformed
		}
		e.raw, b = b[:n], b[n:]
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// each calls f with the messages of field num of b. As everywhere in protobuf,
// a field of another type than it should have is an unknown one.
func each(b []byte, num int, f func([]byte) error) error {
	return fields(b, func(e field) error {
		if e.num != num || e.typ != 2 {
			return nil
		}
		return f(e.data)
	})
}

// scanProto walks resource and scope, which all signals nest alike: field 1 of
// the request, then field 2 of the resource's and of the scope's message.
func (s *scanner) scanProto(sig otlp.Signal, b []byte) error {
	item := [otlp.NumSignals]func([]byte) error{s.span, s.protoMetric, s.protoLog}[sig]
	return each(b, 1, func(group []byte) error {
		s.resource = nil
		return fields(group, func(e field) error {
			switch {
			case e.num == 1 && e.typ == 2:
				s.resource = e.data
			case e.num == 2 && e.typ == 2:
				return each(e.data, 2, item)
			}
			return nil
		})
	})
}

func (s *scanner) span(b []byte) error {
	s.items++
	var trace, id []byte
	err := fields(b, func(e field) error {
		switch e.num {
		case 1:
			trace = e.data
		case 2:
			id = e.data
		}
		return nil
	})
	if err == nil {
		s.addSpan(trace, id)
	}
	return err
}

// addSpan adds the key of a span: random ids need no better hash than one that
// keeps all of their bits. Ids of another length than theirs, which are not
// valid, are hashed.
func (s *scanner) addSpan(trace, id []byte) {
	if !s.wantKeys {
		return
	}
	if len(trace) != 16 || len(id) != 8 {
		s.begin()
		s.write(trace)
		s.write([]byte{0})
		s.write(id)
		s.add()
		return
	}
	x := binary.BigEndian.Uint64(id)
	y := (x ^ x>>30) * 0xbf58476d1ce4e5b9
	y = (y ^ y>>27) * 0x94d049bb133111eb
	s.keys = append(s.keys, key{
		hi: binary.BigEndian.Uint64(trace) ^ y ^ y>>31,
		lo: binary.BigEndian.Uint64(trace[8:]) + x*0x9e3779b97f4a7c15,
	})
}

// protoLog hashes all of a log record but time (1) and observed time (11).
func (s *scanner) protoLog(b []byte) error {
	s.items++
	s.begin()
	err := fields(b, func(e field) error {
		if e.num != 1 && e.num != 11 {
			s.write(e.raw)
		}
		return nil
	})
	s.add()
	return err
}

// exemplars is the field of the exemplars of a data point, indexed by the
// field of Metric that says of which type it is. A summary has none.
var exemplars = map[int]int{5: 5, 7: 5, 9: 8, 10: 11, 11: -1}

func (s *scanner) protoMetric(b []byte) error {
	s.metric = nil
	if err := fields(b, func(e field) error {
		if e.num == 1 {
			s.metric = e.data
		}
		return nil
	}); err != nil {
		return err
	}
	return fields(b, func(e field) error {
		exemplar, ok := exemplars[e.num]
		if !ok || e.typ != 2 {
			return nil
		}
		return each(e.data, 1, func(p []byte) error { return s.protoPoint(p, exemplar) })
	})
}

// protoPoint hashes all of a point but start (2), time (3) and exemplars.
func (s *scanner) protoPoint(b []byte, exemplar int) error {
	s.items++
	s.begin()
	s.write(s.resource)
	s.write(s.metric)
	err := fields(b, func(e field) error {
		if e.num != 2 && e.num != 3 && e.num != exemplar {
			s.write(e.raw)
		}
		return nil
	})
	s.add()
	return err
}

// begin, write and add make a key out of what an item is known by.
func (s *scanner) begin() {
	if s.wantKeys {
		s.h1.ResetWithSeed(1)
		s.h2.ResetWithSeed(2)
	}
}

func (s *scanner) write(b []byte) {
	if s.wantKeys {
		// A digest takes everything.
		_, _ = s.h1.Write(b)
		_, _ = s.h2.Write(b)
	}
}

func (s *scanner) add() {
	if s.wantKeys {
		s.keys = append(s.keys, key{s.h1.Sum64(), s.h2.Sum64()})
	}
}
