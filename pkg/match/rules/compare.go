package rules

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/match/form"
)

// compare appends how the fields of a copy, sorted by path, differ from the scheme.
func (s *scheme) compare(dst []Difference, got []form.Field) []Difference {
	i, j := 0, 0
	for i < len(s.list) || j < len(got) {
		order := -1
		switch {
		case i == len(s.list):
			order = 1
		case j < len(got):
			order = strings.Compare(s.list[i].path, got[j].Path)
		}
		switch {
		case order < 0:
			dst = s.list[i].missing(dst)
			i++
		case order > 0:
			dst = s.added(dst, &got[j])
			j++
		default:
			dst = s.both(dst, &s.list[i], &got[j])
			i++
			j++
		}
	}
	return dst
}

// missing appends that a field is not there, if it should be.
func (w *wanted) missing(dst []Difference) []Difference {
	if w.state == gone || w.state == free {
		return dst
	}
	return append(dst, Difference{Path: w.path, Before: w.sent, Want: w.want(), Rule: w.rule})
}

// added appends that there is a field that nothing wants, if nothing allows it.
func (s *scheme) added(dst []Difference, got *form.Field) []Difference {
	if s.opens(got.Path) {
		return dst
	}
	return append(dst, Difference{Path: got.Path, After: &got.Value})
}

// opens reports whether a field may be there though it was not sent.
func (s *scheme) opens(path string) bool {
	return slices.ContainsFunc(s.open, func(o *op) bool {
		_, key, ok := o.key(path)
		if ok = ok && o.takes(key); ok {
			s.hit[o.rule.id] = true
		}
		return ok
	})
}

// both appends that a field is not as it should be.
func (s *scheme) both(dst []Difference, w *wanted, got *form.Field) []Difference {
	switch w.state {
	case free, present:
		return dst
	case gone:
		if s.opens(got.Path) {
			return dst
		}
	case exact:
		if alike(w.value, got.Value) {
			return dst
		}
	}
	return append(dst, Difference{Path: w.path, Before: w.sent, After: &got.Value, Want: w.want(), Rule: w.rule})
}

// want says what a rule wants of a field, "" when none says anything.
func (w *wanted) want() string {
	switch {
	case w.rule == nil:
		return ""
	case w.state == gone:
		return "not there"
	case w.state == present:
		return "any value"
	case isText(w.value.Kind):
		return "\"" + w.value.Text + "\""
	}
	return w.value.Text
}

func byPath(a, b form.Field) int { return strings.Compare(a.Path, b.Path) }
