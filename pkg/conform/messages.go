package conform

import (
	"errors"
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// partKey is a key of a part that rules speak of.
type partKey uint8

const (
	keyType partKey = iota
	keyID
	keyName
	keyContent
	keyArguments
	keyResponse
	keyModality
	keyFile
	keyURI
	keyServerCall
	keyServerResponse
	numPartKeys
)

var partKeys = [numPartKeys]string{
	"type", "id", "name", "content", "arguments", "response", "modality", "file_id", "uri", "server_tool_call", "server_tool_call_response",
}

// partKind is a type of part that rules speak of.
type partKind uint8

const (
	otherPart partKind = iota
	partCall
	partResponse
	partCompaction
)

// partTypes are the parts that messages are made of: which keys each must have,
// strings and others, and whose it is.
var partTypes = []struct {
	name    string
	kind    partKind
	strings []partKey
	others  []partKey
	role    string // empty: anyone's
}{
	{name: "text", strings: []partKey{keyContent}},
	{name: "reasoning", strings: []partKey{keyContent}},
	{name: "tool_call", kind: partCall, strings: []partKey{keyName}, role: "assistant"},
	{name: "tool_call_response", kind: partResponse, others: []partKey{keyResponse}, role: "tool"},
	{name: "server_tool_call", strings: []partKey{keyName}, others: []partKey{keyServerCall}},
	{name: "server_tool_call_response", others: []partKey{keyServerResponse}},
	{name: "blob", strings: []partKey{keyModality, keyContent}},
	{name: "file", strings: []partKey{keyModality, keyFile}},
	{name: "uri", strings: []partKey{keyModality, keyURI}},
	{name: "compaction", kind: partCompaction},
	{name: "generic"},
}

// part is a part of a message. What it says is as it stands in the text.
type part struct {
	kind     partKind
	id, name []byte // of strings, without quotes; nil: none
	value    []byte // arguments of a call, or its response; nil: none
	role     string // whose it has to be
}

// message is one message of a list.
type message struct {
	role        []byte
	finish      []byte // why it ended there, where it says so
	text        []byte // of its parts
	first, last int32  // its parts, in those of the record
}

// messageRange is a list of messages, in those of the record. What is not there,
// or is no list of messages, is not known.
type messageRange struct {
	first, last int32
	known       bool
}

func (m messageRange) len() int { return int(m.last - m.first) }

// speech is what is read of the conversations in a record. Its memory is
// reused.
type speech struct {
	messages []message
	parts    []part
	copies   []byte // of texts that the table of strings has
}

func (s *speech) reset() {
	s.messages, s.parts, s.copies = s.messages[:0], s.parts[:0], s.copies[:0]
}

// bytesOf returns the text of a string value, which holds until the next
// record, and whether it is a string.
func (s *speech) bytesOf(t *otlp.Traces, a *otlp.Attr) ([]byte, bool) {
	switch {
	case a == nil:
	case a.Kind == otlp.KindText:
		return textOf(t, a), true
	case a.Kind == otlp.KindString:
		from := len(s.copies)
		s.copies = append(s.copies, t.Strings.String(otlp.StringID(a.Word))...)
		return s.copies[from:], true
	}
	return nil, false
}

// of returns the messages of a list.
func (s *speech) of(m messageRange) []message { return s.messages[m.first:m.last] }

// read takes a text as a list of messages, and says what keeps it from being
// one.
func (s *speech) read(text []byte) (messageRange, error) {
	out := messageRange{first: int32(len(s.messages))}
	j := jsonText{b: text}
	var err error
	ok := j.items('[', ']', func([]byte) bool {
		err = s.message(&j, len(s.messages)-int(out.first)+1)
		return err == nil
	})
	out.last = int32(len(s.messages))
	switch {
	case err != nil:
		return out, err
	case !ok || j.space() != 0 || j.at != len(text):
		return out, fmt.Errorf("no JSON list of messages, from byte %d on", j.at)
	case out.len() == 0:
		return out, errors.New("no message")
	}
	out.known = true
	return out, nil
}

// message reads message n, from 1 on.
func (s *speech) message(j *jsonText, n int) error {
	m := message{first: int32(len(s.parts))}
	var err error
	ok := j.items('{', '}', func(key []byte) bool {
		read := true
		switch string(key) {
		case "role":
			if read = m.role == nil; read {
				m.role, read = j.str()
			}
		case "finish_reason":
			if j.space() == '"' {
				m.finish, read = j.str()
			} else {
				read = j.word("null")
			}
		case "parts":
			from := j.at
			read = m.text == nil && j.items('[', ']', func([]byte) bool {
				err = s.part(j, n, len(s.parts)-int(m.first)+1)
				return err == nil
			})
			m.text = j.b[from:j.at]
		default:
			_, read = j.value()
		}
		return read
	})
	m.last = int32(len(s.parts))
	switch {
	case err != nil:
		return err
	case !ok:
		return fmt.Errorf("message %d is none, from byte %d on", n, j.at)
	case len(m.role) == 0:
		return fmt.Errorf("message %d has no role", n)
	case m.first == m.last:
		return fmt.Errorf("message %d has no parts", n)
	}
	for _, p := range s.parts[m.first:m.last] {
		if p.role != "" && string(m.role) != p.role {
			return fmt.Errorf("message %d is of role %q, and what it holds is for role %q", n, m.role, p.role)
		}
	}
	s.messages = append(s.messages, m)
	return nil
}

// part reads part i of message n.
func (s *speech) part(j *jsonText, n, i int) error {
	var values [numPartKeys][]byte
	ok := j.items('{', '}', func(key []byte) bool {
		v, ok := j.value()
		for k, name := range partKeys {
			if string(key) == name {
				ok = ok && values[k] == nil
				values[k] = v
			}
		}
		return ok
	})
	typ, typed := stringIn(values[keyType])
	switch {
	case !ok:
		return fmt.Errorf("message %d: part %d is none, from byte %d on", n, i, j.at)
	case !typed:
		return fmt.Errorf("message %d: part %d has no type", n, i)
	}
	for t := range partTypes {
		if partTypes[t].name == string(typ) {
			return s.typed(t, &values, n, i)
		}
	}
	return fmt.Errorf("message %d: part %d is of type %q", n, i, typ)
}

// typed holds a part to its type, and keeps it.
func (s *speech) typed(t int, values *[numPartKeys][]byte, n, i int) error {
	want := &partTypes[t]
	for _, k := range want.strings {
		if _, ok := stringIn(values[k]); !ok {
			return fmt.Errorf("message %d: part %d of type %s: %s is no string", n, i, want.name, partKeys[k])
		}
	}
	for _, k := range want.others {
		if values[k] == nil {
			return fmt.Errorf("message %d: part %d of type %s has no %s", n, i, want.name, partKeys[k])
		}
	}
	p := part{kind: want.kind, role: want.role, value: values[keyArguments]}
	p.name, _ = stringIn(values[keyName])
	if p.kind == partResponse {
		p.value = values[keyResponse]
	}
	if id := values[keyID]; id != nil && string(id) != "null" {
		var ok bool
		if p.id, ok = stringIn(id); !ok {
			return fmt.Errorf("message %d: part %d of type %s: its id is no string", n, i, want.name)
		}
	}
	s.parts = append(s.parts, p)
	return nil
}

// stringIn returns what is between the quotes of a value that is a string.
func stringIn(value []byte) ([]byte, bool) {
	if len(value) < 2 || value[0] != '"' {
		return nil, false
	}
	return value[1 : len(value)-1], true
}
