package form

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// AppendProto appends an OTLP/JSON object to dst as OTLP protobuf: ids in hex of
// either case, 64-bit integers as numbers or strings, enums as numbers or names,
// members in camel case or as in the .proto files, bytes in Base64, null as absent.
// A member that OTLP does not have, and the name of an enum's value that it does
// not have, are kept as an unknown field, which Digest and AppendFields see as
// `unknown["NAME"]`. Strings are kept as they are, UTF-8 or not. An error wraps
// ErrMalformed and leaves dst as it was.
func AppendProto(dst []byte, sig otlp.Signal, json []byte) ([]byte, error) {
	if sig >= otlp.NumSignals {
		return dst, fmt.Errorf("read JSON of signal %d: no such signal", sig)
	}
	j := reader{b: json, dst: dst}
	err := j.object(Message(sig), 0)
	if err == nil {
		if j.space(); j.i < len(j.b) {
			err = j.bad("more behind the object")
		}
	}
	if err != nil {
		return dst, fmt.Errorf("read %v in JSON: %w", sig, err)
	}
	return j.dst, nil
}

// reader reads b from i on and writes protobuf to dst.
type reader struct {
	b   []byte
	i   int
	dst []byte
}

func (j *reader) bad(what string) error {
	return fmt.Errorf("%w: %s at byte %d of %d", ErrMalformed, what, j.i, len(j.b))
}

// member is a field by the names that it has in JSON.
type member struct {
	camel, snake string
	action
	enum []string
}

// members are the fields of the messages in the order of the schema, and widths how
// many bytes the lengths of messages usually take.
var (
	members = func() (t [numMessages][]member) {
		for m := range t {
			for _, f := range schema[m] {
				t[m] = append(t[m], member{camel: camel(f.name), snake: f.name, action: byNumber[m][f.number], enum: f.enum})
			}
		}
		return t
	}()
	widths = func() (t [numMessages]int) {
		for m := range t {
			t[m] = 1
		}
		for _, m := range []Message{Span, LogRecord, MetricPart, HistogramPoint, ExpHistogramPoint, msgGauge, msgSum, msgHistogram, msgExpHistogram, msgSummary} {
			t[m] = 2
		}
		for _, m := range []Message{msgResourceSpans, msgResourceLogs, msgResourceMetrics, msgScopeSpans, msgScopeLogs, msgScopeMetrics} {
			t[m] = 3
		}
		return t
	}()
)

// camel returns a name of the .proto files as it is in JSON.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// object reads an object as message m.
func (j *reader) object(m Message, depth int) error {
	depth, err := enter(m, depth)
	if err != nil {
		return err
	}
	if j.space(); j.i >= len(j.b) || j.b[j.i] != '{' {
		return j.bad("no object")
	}
	j.i++
	list, guess := members[m], 0
	for first := true; ; first = false {
		c := j.peek()
		if c == '}' {
			j.i++
			return nil
		}
		if !first {
			if c != ',' {
				return j.bad("no comma")
			}
			j.i++
			c = j.peek()
		}
		if c != '"' {
			return j.bad("no name")
		}
		name, err := j.name()
		if err != nil {
			return err
		}
		if j.peek() != ':' {
			return j.bad("no colon")
		}
		j.i++
		c = j.peek()
		// Members mostly come in the order of the schema.
		if guess >= len(list) || string(name) != list[guess].camel {
			guess = find(list, name)
		}
		switch {
		case guess < len(list):
			err = j.field(&list[guess], name, c, depth)
			guess++
		default:
			guess = 0
			err = j.keep(name)
		}
		if err != nil {
			return err
		}
	}
}

// find returns the index of a member, len(list) when there is none.
func find(list []member, name []byte) int {
	for i := range list {
		if string(name) == list[i].camel || string(name) == list[i].snake {
			return i
		}
	}
	return len(list)
}

// field reads the value of a member, which begins with c.
func (j *reader) field(f *member, name []byte, c byte, depth int) error {
	if c == 'n' {
		return j.literal("null")
	}
	if f.label < list {
		if f.kind == kindMessage {
			return j.message(f, depth)
		}
		return j.scalar(f, name, c, true)
	}
	if c != '[' {
		return j.bad("no array")
	}
	j.i++
	start := 0
	if f.packable() {
		j.tag(f, wireBytes)
		j.dst, start = otlp.OpenLength(j.dst, 1)
	}
	for first := true; ; first = false {
		c := j.peek()
		if c == ']' {
			j.i++
			break
		}
		if !first {
			if c != ',' {
				return j.bad("no comma")
			}
			j.i++
			c = j.peek()
		}
		var err error
		switch {
		case f.kind != kindMessage:
			err = j.scalar(f, name, c, !f.packable())
		case c == 'n':
			j.tag(f, wireBytes)
			j.dst = append(j.dst, 0)
			err = j.literal("null")
		default:
			err = j.message(f, depth)
		}
		if err != nil {
			return err
		}
	}
	if f.packable() {
		j.dst = otlp.CloseLength(j.dst, start, 1)
	}
	return nil
}

// message reads an object as a field.
func (j *reader) message(f *member, depth int) error {
	j.tag(f, wireBytes)
	width := widths[f.next]
	dst, start := otlp.OpenLength(j.dst, width)
	j.dst = dst
	if err := j.object(f.next, depth); err != nil {
		return err
	}
	j.dst = otlp.CloseLength(j.dst, start, width)
	return nil
}

// tag writes the tag of a field.
func (j *reader) tag(f *member, wire uint8) {
	if f.number < 16 {
		j.dst = append(j.dst, f.number<<3|wire)
		return
	}
	j.dst = binary.AppendUvarint(j.dst, uint64(f.number)<<3|uint64(wire))
}

// strangeNumber is the number of the field that holds what JSON has and OTLP has not:
// one that protobuf keeps from everybody, so that no field of OTLP can have it. In it
// field 1 is the name and field 2 the value, JSON without white space.
const strangeNumber = 19999

// keep reads a value of a member that OTLP does not have.
func (j *reader) keep(name []byte) error {
	start := j.i
	if err := j.skip(); err != nil {
		return err
	}
	return j.strange(name, j.b[start:j.i])
}

// strange writes what OTLP does not have.
func (j *reader) strange(name, value []byte) error {
	value, ok := compact(value)
	if !ok {
		return j.bad("no value")
	}
	if string(value) == "null" {
		return nil
	}
	j.dst = binary.AppendUvarint(j.dst, strangeNumber<<3|wireBytes)
	dst, start := otlp.OpenLength(j.dst, 1)
	dst = appendBytes(appendBytes(dst, 1, name), 2, value)
	j.dst = otlp.CloseLength(dst, start, 1)
	return nil
}

// strange returns name and value of what reader.strange has written.
func strange(tag uint64, b []byte) (name, value []byte, ok bool) {
	if tag != strangeNumber<<3|wireBytes || len(b) == 0 {
		return nil, nil, false
	}
	first, name, _, after := read(b, 0)
	if after < 0 || first != 1<<3|wireBytes || after == len(b) {
		return nil, nil, false
	}
	second, value, _, end := read(b, after)
	// Others may have written it too: what would not be the same again is bytes.
	ok = end == len(b) && second == 2<<3|wireBytes && len(b) == len(appendBytes(appendBytes(nil, 1, name), 2, value))
	return name, value, ok
}

// appendBytes appends a field with a length.
func appendBytes(dst []byte, number uint8, value []byte) []byte {
	dst = binary.AppendUvarint(append(dst, number<<3|wireBytes), uint64(len(value)))
	return append(dst, value...)
}
