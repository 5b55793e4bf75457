package sink

import (
	"encoding/binary"
	"math/bits"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// jsonCounter counts the items of an OTLP/JSON request in the one walk that shows that it
// is JSON. It takes nothing that is not; what it does not take, a slower look judges and
// names.
type jsonCounter struct {
	names [3]string // of the nested lists
	leaf  jsonLevel // whose list holds the items
	items int64
}

// jsonLevel says what an object is.
type jsonLevel uint8

const (
	jsonRequest jsonLevel = iota // has a list of resources
	jsonGroup                    // one of them, of scopes
	jsonScope                    // one of them, of items, or metrics
	jsonMetric                   // has data of some type
	jsonData                     // has a list of points
	jsonAny                      // nobody asks
)

// maxQuick is how deep objects and lists nest at most that the counter takes.
const maxQuick = 200

// countJSON returns the number of items of a request, and whether it is one.
func countJSON(sig otlp.Signal, b []byte) (items int64, ok bool) {
	c := jsonCounter{names: jsonNames[sig], leaf: jsonScope}
	if sig == otlp.SignalMetrics {
		c.leaf = jsonData
	}
	i := space(b, 0)
	if i >= len(b) || b[i] != '{' {
		return 0, false
	}
	end := c.object(b, i, jsonRequest, 0)
	return c.items, end > 0 && space(b, end) == len(b)
}

// list returns the name of the list that matters in an object, "" for none.
func (c *jsonCounter) list(level jsonLevel) string {
	switch level {
	case jsonRequest, jsonGroup, jsonScope:
		return c.names[level]
	case jsonData:
		return "dataPoints"
	}
	return ""
}

// object walks the object at b[i], and returns the index behind it. Here as in what
// follows, one below zero says that this is not JSON, or not what it has to be.
func (c *jsonCounter) object(b []byte, i int, level jsonLevel, depth int) int {
	if depth > maxQuick {
		return -1
	}
	list := c.list(level)
	i = space(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	for more := true; more; {
		if i >= len(b) || b[i] != '"' {
			return -1
		}
		start := i + 1
		if i = quoted(b, start); i < 0 {
			return -1
		}
		name := b[start : i-1]
		if i = space(b, i); i >= len(b) || b[i] != ':' {
			return -1
		}
		if i = space(b, i+1); i >= len(b) {
			return -1
		}
		switch {
		case list != "" && string(name) == list && b[i] != 'n':
			i = c.array(b, i, level, depth+1)
		case level == jsonMetric && pointData(name):
			if b[i] != '{' {
				return -1
			}
			i = c.object(b, i, jsonData, depth+1)
		default:
			i = c.value(b, i, depth+1)
		}
		i, more = behind(b, i, '}')
	}
	return i
}

// pointData reports whether a member of a metric holds points.
func pointData(name []byte) bool {
	switch string(name) {
	case "gauge", "sum", "histogram", "exponentialHistogram", "summary":
		return true
	}
	return false
}

// array walks the list at b[i], of an object of that level: of objects where somebody asks,
// of whatever values otherwise.
func (c *jsonCounter) array(b []byte, i int, level jsonLevel, depth int) int {
	if b[i] != '[' || depth > maxQuick {
		return -1
	}
	next := level + 1
	if level == c.leaf {
		next = jsonAny
	}
	if i = space(b, i+1); i < len(b) && b[i] == ']' {
		return i + 1
	}
	for more := true; more; {
		switch {
		case i >= len(b):
			return -1
		case level == jsonAny:
			i = c.value(b, i, depth+1)
		case b[i] == '{':
			if level == c.leaf {
				c.items++
			}
			i = c.object(b, i, next, depth+1)
		default:
			return -1
		}
		i, more = behind(b, i, ']')
	}
	return i
}

// behind returns the index of what follows an element that ends before b[i], and whether
// that is one more: otherwise it is behind the end of the list or object.
func behind(b []byte, i int, end byte) (next int, more bool) {
	if i < 0 {
		return -1, false
	}
	if i = space(b, i); i >= len(b) {
		return -1, false
	}
	switch b[i] {
	case ',':
		return space(b, i+1), true
	case end:
		return i + 1, false
	}
	return -1, false
}

// value walks the value at b[i].
func (c *jsonCounter) value(b []byte, i, depth int) int {
	switch b[i] {
	case '"':
		return quoted(b, i+1)
	case '{':
		return c.object(b, i, jsonAny, depth)
	case '[':
		return c.array(b, i, jsonAny, depth)
	case 't':
		return word(b, i, "true")
	case 'f':
		return word(b, i, "false")
	case 'n':
		return word(b, i, "null")
	}
	return number(b, i)
}

func word(b []byte, i int, w string) int {
	if end := i + len(w); end <= len(b) && string(b[i:end]) == w {
		return end
	}
	return -1
}

// number returns the index behind the number at b[i].
func number(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	start := i
	if i = digits(b, i); i == start || b[start] == '0' && i > start+1 {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		start = i + 1
		if i = digits(b, start); i == start {
			return -1
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		start = i
		if i = digits(b, start); i == start {
			return -1
		}
	}
	return i
}

// digits returns the index behind the decimal digits at b[i:].
func digits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' < 10 {
		i++
	}
	return i
}

// Bytes of words, all alike.
const (
	ones      = 0x0101010101010101
	highs     = 0x80 * ones
	quotes    = '"' * ones
	slashes   = '\\' * ones
	printable = 0x20 * ones // the least byte that need not be escaped
)

// quoted returns the index behind the string whose content begins at b[i]. It looks at
// eight bytes at a time for one that ends it, begins an escape, or must not be there: of
// the bits that are set for those, the lowest is right.
func quoted(b []byte, i int) int {
	for {
		for i+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[i:])
			q, s := x^quotes, x^slashes
			found := ((q-ones)&^q | (s-ones)&^s | (x-printable)&^x) & highs
			if found != 0 {
				i += bits.TrailingZeros64(found) / 8
				break
			}
			i += 8
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= 0x20 {
			i++
		}
		if i >= len(b) || b[i] < 0x20 {
			return -1
		}
		if b[i] == '"' {
			return i + 1
		}
		if i = escape(b, i+1); i < 0 {
			return -1
		}
	}
}

// escape returns the index behind an escape in a string, whose backslash is before b[i].
func escape(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1
	case 'u':
		if i+5 > len(b) {
			return -1
		}
		for _, d := range b[i+1 : i+5] {
			if d-'0' > 9 && (d|0x20)-'a' > 5 {
				return -1
			}
		}
		return i + 5
	}
	return -1
}
