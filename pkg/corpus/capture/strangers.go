package capture

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// sniffed is how much of a file is looked at to tell what it is.
const sniffed = 512

// strangers are files that are taken for captures, by their first bytes.
var strangers = []struct{ magic, what string }{
	{"\xff\xfe", "text in UTF-16: iconv -f UTF-16 -t UTF-8 turns it into UTF-8"},
	{"\xfe\xff", "text in UTF-16: iconv -f UTF-16 -t UTF-8 turns it into UTF-8"},
	{"{\x00", "text in UTF-16: iconv -f UTF-16LE -t UTF-8 turns it into UTF-8"},
	{"\xfd7zXZ\x00", "compressed by xz: xz -dc opens it"},
	{"BZh", "compressed by bzip2: bzip2 -dc opens it"},
	{"\x04\x22\x4d\x18", "compressed by lz4: lz4 -dc opens it"},
	{"\xff\x06\x00\x00sNaPpY", "compressed by snappy: decompress it first"},
	{"PK\x03\x04", "a zip archive: unzip -p opens it"},
	{"PAR1", "a Parquet file, which no exporter of OTLP writes"},
}

// stranger says what a file is that begins with head and that cannot be
// replayed, with the command that helps; "" when it may be of a form that can.
func stranger(head []byte) string {
	for _, s := range strangers {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return s.what
		}
	}
	if len(head) == 0 || head[0] <= MaxMessage>>24 {
		return "" // a length
	}
	trimmed := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case bareProto(head):
		return `protobuf without lengths, where each message has its length before it (4 bytes, big-endian): ` +
			`perl -0777 -ne 'print pack("N",length),$_' puts that before a single message`
	case len(trimmed) > 0 && trimmed[0] == '[':
		return "a JSON array, not one object a line: jq -c '.[]' makes lines of it"
	case isArrivals(head):
		return "times of arrival, which the sink keeps beside its files: name the file without " + arrivalsSuffix
	case len(trimmed) > 0 && trimmed[0] >= ' ' && trimmed[0] < 0x7f:
		return fmt.Sprintf("text that begins with %q: not a file of the Collector's file exporter", firstOf(trimmed))
	}
	return ""
}

// bareProto reports whether b begins like one message of protobuf: a resource's
// part of known length that begins with its resource or a scope's part.
func bareProto(b []byte) bool {
	isText := !bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' })
	if b[0] != 1<<3|2 || isText {
		return false
	}
	_, n := binary.Uvarint(b[1:])
	return n > 0 && len(b) > 1+n && bytes.IndexByte([]byte{1<<3 | 2, 2<<3 | 2, 3<<3 | 2}, b[1+n]) >= 0
}

// firstOf returns the beginning of a text, in a form for people.
func firstOf(b []byte) string {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return text.Line(string(bytes.TrimSpace(line)), 24)
}

// Unfit says what is wrong with a message of f that cannot be read as OTLP because
// of err, in words that help; err may be nil when f is of lines and this one no
// object. It must be the one that Next gave last.
func (f *File) Unfit(message []byte, err error) error {
	if formatOf(message) != otlp.FormatJSON {
		if f.lines {
			return fmt.Errorf("no JSON: it begins with %q", firstOf(message))
		}
		return err
	}
	var syntax *json.SyntaxError
	if jerr := json.Unmarshal(message, new(json.RawMessage)); errors.As(jerr, &syntax) {
		if syntax.Error() == "unexpected end of JSON input" {
			return f.cutObject()
		}
		return fmt.Errorf("no JSON: %s at byte %d", text.Clean(syntax.Error()), syntax.Offset)
	}
	if errors.Is(err, wire.ErrTime) {
		return fmt.Errorf("%w (jq -c . writes numbers with an exponent as digits)", err)
	}
	if _, derr := wire.DetectJSON(message); derr == nil {
		return err
	}
	return noOTLP(message)
}

// cutObject says why an object ends too early.
func (f *File) cutObject() error {
	if f.lines && f.ended {
		if next, _ := f.r.Peek(1); len(next) > 0 && strings.IndexByte(" \t\r\n\"}]", next[0]) >= 0 {
			return errors.New("JSON over several lines, not one object a line: jq -c . makes a line of each")
		}
		return errors.New("the line is cut: its object does not end")
	}
	return ErrCut
}

// noOTLP says what a JSON object is instead.
func noOTLP(object []byte) error {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(object, &members) // was found to be JSON
	names := slices.Sorted(maps.Keys(members))
	for _, sig := range [...]string{"Spans", "Metrics", "Logs"} {
		if _, ok := members["scope"+sig]; ok {
			return fmt.Errorf("an object of scope%[1]s, where a line is an object of resource%[1]s: jq -c '{resource%[1]s:[.]}' puts it around", sig)
		}
		if _, ok := members["resource_"+strings.ToLower(sig)]; ok {
			return fmt.Errorf("names as in protobuf (resource_%s): OTLP/JSON has resource%s", strings.ToLower(sig), sig)
		}
	}
	return fmt.Errorf("no OTLP: an object of %s: want resourceSpans, resourceMetrics or resourceLogs",
		text.Line(strings.Join(names, ", "), 80))
}
