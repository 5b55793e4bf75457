package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// values compiles the values that attributes share.
func (b *systemBuilder) values() {
	for i := range b.sys.Values {
		v := &b.sys.Values[i]
		var set attrSet
		a := b.shared(v.Attribute)
		root := i
		if from := b.valueNamed(v.Follows); from > 0 {
			root = from - 1
			a.Path = b.out.System.Values[root].Path // it draws what that draws
		}
		set.put(v.Key, a)
		b.out.System.Values = append(b.out.System.Values, Value{
			Attr: set.finish(b.strs)[0], OfSession: v.Life == scenario.PerSession, OfSpan: v.Life == scenario.PerSpan, From: root,
		})
	}
}

// valueNamed returns one more than the index of a shared value; 0: there is none.
func (b *systemBuilder) valueNamed(name string) int {
	return 1 + slices.IndexFunc(b.sys.Values, func(v scenario.SharedValue) bool { return v.Key == name })
}

// given compiles an attribute of a system's file.
func (b *systemBuilder) given(a scenario.Attribute) Attr {
	out := b.givenValue(a)
	if a.Present > 0 {
		share := b.probability(a.Present, a.Pos)
		out.Present = &share
	}
	return out
}

func (b *systemBuilder) givenValue(a scenario.Attribute) Attr {
	switch {
	case a.Pattern != nil:
		return Attr{Op: OpText, Form: b.form(a)}
	case a.Use != "":
		at := b.valueNamed(a.Use)
		if at == 0 {
			b.problems.Errorf(a.Pos, "attribute %s: no value %q", a.Key, a.Use)
			return Attr{}
		}
		out := op(OpUse)
		out.Word = uint64(at - 1)
		if a.Weights != nil {
			out.Choice = b.choice(a.Weights, a.Pos)
		}
		out.By = b.isBy(a)
		return out
	}
	return b.typed(a)
}

// MaxLength bounds texts that are filled up, in bytes.
const MaxLength = scenario.MaxLength

// form compiles a pattern.
func (b *systemBuilder) form(a scenario.Attribute) *Form {
	p := a.Pattern
	f := &Form{Pieces: b.pieces(p.Text), Pool: uint64(p.Pool), Path: rng.Hash(p.Text)}
	if p.Zipf > 0 && p.Pool > 1 {
		t, err := b.table(dist.Spec{Kind: dist.Zipf, Value: float64(p.Pool), Alpha: p.Zipf}, 1, 1)
		if err != nil {
			b.problems.Errorf(a.Pos, "attribute %s: %v", a.Key, err)
		}
		f.Rank = t
	}
	if p.Length != nil {
		t, err := b.table(*p.Length, 1, 0)
		if err != nil {
			b.problems.Errorf(a.Pos, "attribute %s: length: %v", a.Key, err)
		}
		f.Length = t
	}
	return f
}

// pieces compiles a checked pattern: what is no placeholder is text.
func (b *systemBuilder) pieces(s string) (f IDFormat) {
	literal := ""
	flush := func() {
		if literal != "" {
			f = append(f, IDPiece{Literal: literal})
			literal = ""
		}
	}
	for s != "" {
		open := strings.IndexByte(s, '{')
		length := strings.IndexByte(s[max(open, 0):], '}')
		if open < 0 || length < 0 {
			literal += s
			break
		}
		piece, ok := b.placeholder(s[open+1 : open+length])
		if literal += s[:open]; ok {
			flush()
			f = append(f, piece)
		} else {
			literal += s[open : open+length+1]
		}
		s = s[open+length+1:]
	}
	flush()
	return f
}

func (b *systemBuilder) placeholder(s string) (IDPiece, bool) {
	if s == "uuid" {
		return IDPiece{UUID: true}, true
	}
	if at := b.valueNamed(s); at > 0 {
		return IDPiece{Value: at}, true
	}
	kind, size, _ := strings.Cut(s, ":")
	n, err := strconv.Atoi(size)
	if err != nil || n < 1 {
		return IDPiece{}, false
	}
	switch kind {
	case "hex":
		return IDPiece{Hex: n}, true
	case "word":
		return IDPiece{Word: n}, true
	case "digits":
		return IDPiece{Digits: n}, true
	}
	return IDPiece{}, false
}

// routeForm is a path of a route: a parameter, {name} or :name, is the shared value
// of its name, else a number. constant reports that there is none.
func (b *systemBuilder) routeForm(route string) (f IDFormat, constant bool) {
	constant = true
	for i, segment := range strings.Split(route, "/") {
		if i > 0 {
			segment = "/" + segment
		}
		name, ok := parameter(segment)
		if !ok {
			f = append(f, IDPiece{Literal: segment})
			continue
		}
		constant = false
		if i > 0 {
			f = append(f, IDPiece{Literal: "/"})
		}
		if at := b.valueNamed(name); at > 0 {
			f = append(f, IDPiece{Value: at})
		} else {
			f = append(f, IDPiece{Digits: parameterDigits})
		}
	}
	return f, constant
}

// parameterDigits is how long a number is that stands for a parameter of a route.
const parameterDigits = 5

// parameter returns the name of the parameter that a segment of a route is.
func parameter(segment string) (string, bool) {
	s := strings.TrimPrefix(segment, "/")
	if name, ok := strings.CutPrefix(s, ":"); ok && name != "" {
		return name, true
	}
	if name, ok := strings.CutPrefix(s, "{"); ok && strings.HasSuffix(name, "}") {
		return strings.TrimSuffix(name, "}"), true
	}
	return "", false
}
