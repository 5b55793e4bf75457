package profile

import (
	"strconv"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// keys by which spans say how they ended, the first that is there.
var outcomeKeys = [...]string{
	"error.type",
	"rpc.response.status_code", "rpc.grpc.status_code", "rpc.connect_rpc.error_code",
	"http.response.status_code", "http.status_code",
	"db.response.status_code",
}

// addressKeys are those by which spans say whom they ask, the first that is there.
var addressKeys = [...]string{
	"messaging.destination.name", "messaging.destination",
	"peer.service", "server.address", "net.peer.name", "db.namespace", "db.name",
}

// outcome returns how a span failed.
func (b *Builder) outcome(s *intake.Span) aside {
	if x := first(s.Attributes, outcomeKeys[:]); x != nil {
		b.word = appendValue(b.word[:0], x)
		if IsCode(string(b.word)) {
			return b.code(b.word)
		}
		if len(b.word) > 0 {
			return b.aside(b.word)
		}
	}
	for i := range s.Events {
		if x := first(s.Events[i].Attributes, []string{"exception.type"}); x != nil && len(x.Text) > 0 {
			return b.aside(x.Text)
		}
	}
	return b.aside([]byte("error"))
}

// IsCode reports whether what something failed with is a code, which is no id for all its
// digits: a number such as HTTP's 404 or MySQL's 1213, or a SQLSTATE such as 40001 or 42P01.
func IsCode(text string) bool {
	numbers := true
	for i := range len(text) {
		c := text[i]
		if !digit(c) && (c < 'A' || c > 'Z') {
			return false
		}
		numbers = numbers && digit(c)
	}
	return len(text) == 5 || numbers && len(text) > 0 && len(text) < 5
}

// code returns a code as it is.
func (b *Builder) code(text []byte) aside {
	b.room = append(append(b.room[:0], 0), text...) // no other text begins so
	a, ok := b.asides[string(b.room)]
	if !ok {
		if len(b.asides) >= maxCache {
			clear(b.asides)
		}
		a = aside{string(text), xxhash.Sum64(text)}
		b.asides[string(b.room)] = a
	}
	return a
}

// address returns whom a call says that it asks.
func address(list []intake.Attribute) []byte {
	if x := first(list, addressKeys[:]); x != nil && (x.Kind == otlp.KindText || x.Kind == otlp.KindString) {
		return x.Text
	}
	return nil
}

// first returns the attribute with the earliest of some keys that is there.
func first(list []intake.Attribute, keys []string) *intake.Attribute {
	var out *intake.Attribute
	for i := range list {
		for k, key := range keys {
			if string(list[i].Key) == key {
				out, keys = &list[i], keys[:k]
				break
			}
		}
	}
	return out
}

// appendValue appends a text or a number.
func appendValue(dst []byte, x *intake.Attribute) []byte {
	switch x.Kind {
	case otlp.KindInt:
		return strconv.AppendInt(dst, int64(x.Word), 10)
	case otlp.KindText, otlp.KindString:
		return append(dst, x.Text...)
	}
	return dst
}
