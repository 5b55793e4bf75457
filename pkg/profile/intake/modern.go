package intake

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
)

// appendModern appends OTLP/JSON as the specification has it now: what Tempo answers may
// have ids in Base64 or without the zeros that they begin with, and names of old.
func appendModern(dst, object []byte) []byte {
	for {
		at := bytes.IndexByte(object, '"')
		if at < 0 {
			return append(dst, object...)
		}
		end := at + stringEnd(object[at:])
		name, behind := object[at:end], space(object, end)
		if behind == len(object) || object[behind] != ':' {
			dst = append(dst, object[:end]...)
			object = object[end:]
			continue
		}
		dst = append(dst, object[:at]...)
		size := 0
		switch string(name) {
		case `"instrumentationLibrarySpans"`:
			name = []byte(`"scopeSpans"`)
		case `"instrumentationLibrary"`:
			name = []byte(`"scope"`)
		case `"traceId"`:
			size = 16
		case `"spanId"`, `"parentSpanId"`:
			size = 8
		}
		dst = append(append(dst, name...), ':')
		object = object[space(object, behind+1):]
		if size == 0 || len(object) == 0 || object[0] != '"' {
			continue
		}
		end = stringEnd(object)
		dst = appendID(dst, object[:end], size)
		object = object[end:]
	}
}

// stringEnd returns where a string ends that begins with its quote.
func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// space returns the place of the first byte from i on that is no white space.
func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// appendID appends an id of so many bytes in hex digits. What is no id stays as it is.
func appendID(dst, quoted []byte, size int) []byte {
	id := bytes.Trim(quoted, `"`)
	if bytes.IndexByte(id, '\\') >= 0 {
		var plain string
		if json.Unmarshal(quoted, &plain) != nil {
			return append(dst, quoted...)
		}
		id = []byte(plain)
	}
	if len(id) == 0 || len(id) == 2*size {
		return append(dst, quoted...)
	}
	dst = append(dst, '"')
	if isHex(id) && len(id) < 2*size {
		for range 2*size - len(id) {
			dst = append(dst, '0')
		}
		return append(append(dst, id...), '"')
	}
	raw, err := base64.StdEncoding.AppendDecode(nil, id)
	if err != nil || len(raw) != size {
		return append(dst[:len(dst)-1], quoted...)
	}
	return append(hex.AppendEncode(dst, raw), '"')
}

func isHex(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' && c < 'A' || c > 'F' && c < 'a' || c > 'f' {
			return false
		}
	}
	return true
}
