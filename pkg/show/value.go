package show

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// source is what a record's parts refer to, whatever its signal.
type source struct {
	strings   *otlp.Strings
	attrs     []otlp.Attr
	text      []byte
	resources []otlp.Resource
	scopes    []otlp.Scope
}

func sourceOf(t *otlp.Traces) source {
	return source{t.Strings, t.Attrs, t.Text, t.Resources, t.Scopes}
}

func logSource(l *otlp.Logs) source {
	return source{l.Strings, l.Attrs, l.Text, l.Resources, l.Scopes}
}

// find returns the attribute of a name, or nil.
func (s *source) find(r otlp.Range, name string) *otlp.Attr {
	id, ok := s.strings.Lookup(name)
	for k := r.Start; ok && k < r.End; k++ {
		if s.attrs[k].Key == id {
			return &s.attrs[k]
		}
	}
	return nil
}

// string returns the text of an attribute that holds some.
func (s *source) string(a *otlp.Attr) (value string, ok bool) {
	switch a.Kind {
	case otlp.KindString:
		return s.strings.String(otlp.StringID(a.Word)), true
	case otlp.KindText:
		r := otlp.UnpackRange(a.Word)
		return string(s.text[r.Start:r.End]), true
	}
	return "", false
}

// AppendAttr appends an attribute as key=value in ASCII, as it stands in a full
// print; attrs and text are what the attributes of its record refer to.
func AppendAttr(dst []byte, strings *otlp.Strings, attrs []otlp.Attr, text []byte, a *otlp.Attr) []byte {
	p := textPrinter{source{strings: strings, attrs: attrs, text: text}, dst}
	p.attr(a)
	return p.dst
}

// Duration returns the time from a to b in nanoseconds as it stands in a print:
// 150ms, 1.204s, -3ns.
func Duration(a, b uint64) string { return string(appendDuration(nil, a, b)) }

// textPrinter appends values of a record as ASCII text.
type textPrinter struct {
	source
	dst []byte
}

func (p *textPrinter) printf(format string, args ...any) { p.dst = fmt.Appendf(p.dst, format, args...) }

func (p *textPrinter) attr(a *otlp.Attr) {
	p.name(p.strings.String(a.Key))
	p.dst = append(p.dst, '=')
	p.value(a)
}

// value prints the value of an attribute. Strings are quoted, so that no text
// looks like a number.
func (p *textPrinter) value(a *otlp.Attr) {
	r := otlp.UnpackRange(a.Word)
	switch a.Kind {
	case otlp.KindString, otlp.KindText:
		s, _ := p.string(a)
		p.quoted(s)
	case otlp.KindInt:
		p.dst = strconv.AppendInt(p.dst, int64(a.Word), 10)
	case otlp.KindBool:
		p.dst = strconv.AppendBool(p.dst, a.Word != 0)
	case otlp.KindDouble:
		p.double(math.Float64frombits(a.Word))
	case otlp.KindArray, otlp.KindMap:
		p.list(r, a.Kind == otlp.KindMap)
	case otlp.KindBytes:
		p.dst = append(p.dst, "0x"...)
		p.dst = hex.AppendEncode(p.dst, p.text[r.Start:r.End])
	case otlp.KindEmpty:
		p.dst = append(p.dst, "(empty)"...)
	default:
		p.printf("(kind %d)", a.Kind)
	}
}

func (p *textPrinter) list(r otlp.Range, keys bool) {
	open, end := byte('['), byte(']')
	if keys {
		open, end = '{', '}'
	}
	p.dst = append(p.dst, open)
	for k := r.Start; k < r.End; k++ {
		if k > r.Start {
			p.dst = append(p.dst, ", "...)
		}
		if keys {
			p.attr(&p.attrs[k])
		} else {
			p.value(&p.attrs[k])
		}
	}
	p.dst = append(p.dst, end)
}

// double prints a number so that it never looks like an integer.
func (p *textPrinter) double(v float64) {
	start := len(p.dst)
	p.dst = strconv.AppendFloat(p.dst, v, 'g', -1, 64)
	for _, c := range p.dst[start:] {
		if c != '-' && (c < '0' || c > '9') {
			return
		}
	}
	p.dst = append(p.dst, ".0"...)
}

// name prints a string that is usually a plain word.
func (p *textPrinter) name(s string) { p.dst = AppendName(p.dst, s) }

// AppendName appends a string that is usually a plain word as it is, and quoted
// when it is not.
func AppendName(dst []byte, s string) []byte {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || s[i] == '"' || s[i] == '=' {
			return strconv.AppendQuoteToASCII(dst, s)
		}
	}
	if s == "" {
		s = `""`
	}
	return append(dst, s...)
}

// title prints the name of a span.
func (p *textPrinter) title(s string) { p.dst = AppendTitle(p.dst, s) }

// AppendTitle appends the name of a span as it stands in a print, in ASCII. Words
// with a single space between them stand as they are, since two spaces end a name;
// what would read as something else of the line is quoted.
func AppendTitle(dst []byte, s string) []byte {
	if isTitle(s) {
		return append(dst, s...)
	}
	return AppendName(dst, s)
}

// isTitle reports whether s is several plain words that neither begin as a branch
// of the tree nor as a log record does.
func isTitle(s string) bool {
	space := true // before the first word there is one
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == '"' || c == '=' || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return !space && !strings.ContainsRune("|`-+(", rune(s[0])) && !strings.HasPrefix(s, "log ")
}

func (p *textPrinter) quoted(s string) { p.dst = strconv.AppendQuoteToASCII(p.dst, s) }

// duration prints the time from a to b in nanoseconds.
func (p *textPrinter) duration(a, b uint64) { p.dst = appendDuration(p.dst, a, b) }

// appendDuration appends the time from a to b in nanoseconds, cut off after the
// third decimal of its unit, in integer arithmetic: 150ms, 1.204s, 12.345us,
// -3ns.
func appendDuration(dst []byte, a, b uint64) []byte {
	if b < a {
		dst = append(dst, '-')
		a, b = b, a
	}
	d := b - a
	unit, size := "s", uint64(1e9)
	switch {
	case d == 0:
		return append(dst, "0s"...)
	case d < 1e3:
		unit, size = "ns", 1
	case d < 1e6:
		unit, size = "us", 1e3
	case d < 1e9:
		unit, size = "ms", 1e6
	}
	dst = strconv.AppendUint(dst, d/size, 10)
	if size > 1 {
		if thousandths := d % size / (size / 1000); thousandths > 0 {
			digits := fmt.Sprintf(".%03d", thousandths)
			for digits[len(digits)-1] == '0' {
				digits = digits[:len(digits)-1]
			}
			dst = append(dst, digits...)
		}
	}
	return append(dst, unit...)
}

// instant returns a time, given in nanoseconds since the Unix epoch.
func instant(t uint64) string {
	return time.Unix(int64(t/1e9), int64(t%1e9)).UTC().Format(time.RFC3339Nano)
}
