package corpus

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// source is what the attributes of a record refer to, whatever its signal.
type source struct {
	strings *otlp.Strings
	attrs   []otlp.Attr
	text    []byte
}

func sourceOf(t *otlp.Traces) source { return source{t.Strings, t.Attrs, t.Text} }

// textPrinter appends values of a record as ASCII text.
type textPrinter struct {
	source
	dst []byte
}

func (p *textPrinter) printf(format string, args ...any) { p.dst = fmt.Appendf(p.dst, format, args...) }

// find returns the attribute of a name, or nil.
func (p *textPrinter) find(r otlp.Range, name string) *otlp.Attr {
	id, ok := p.strings.Lookup(name)
	for k := r.Start; ok && k < r.End; k++ {
		if p.attrs[k].Key == id {
			return &p.attrs[k]
		}
	}
	return nil
}

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
	case otlp.KindString:
		p.quoted(p.strings.String(otlp.StringID(a.Word)))
	case otlp.KindText:
		p.quoted(string(p.text[r.Start:r.End]))
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

// name prints a string that is usually a plain word as it is, and quoted when
// it is not.
func (p *textPrinter) name(s string) {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || s[i] == '"' || s[i] == '=' {
			p.quoted(s)
			return
		}
	}
	if s == "" {
		s = `""`
	}
	p.dst = append(p.dst, s...)
}

func (p *textPrinter) quoted(s string) { p.dst = strconv.AppendQuoteToASCII(p.dst, s) }

// duration prints the time from a to b in nanoseconds, cut off after the third
// decimal of its unit, in integer arithmetic: 150ms, 1.204s, 12.345us, -3ns.
func (p *textPrinter) duration(a, b uint64) {
	if b < a {
		p.dst = append(p.dst, '-')
		a, b = b, a
	}
	d := b - a
	unit, size := "s", uint64(1e9)
	switch {
	case d == 0:
		p.dst = append(p.dst, "0s"...)
		return
	case d < 1e3:
		unit, size = "ns", 1
	case d < 1e6:
		unit, size = "us", 1e3
	case d < 1e9:
		unit, size = "ms", 1e6
	}
	p.dst = strconv.AppendUint(p.dst, d/size, 10)
	if size > 1 {
		if thousandths := d % size / (size / 1000); thousandths > 0 {
			digits := fmt.Sprintf(".%03d", thousandths)
			for digits[len(digits)-1] == '0' {
				digits = digits[:len(digits)-1]
			}
			p.dst = append(p.dst, digits...)
		}
	}
	p.dst = append(p.dst, unit...)
}
