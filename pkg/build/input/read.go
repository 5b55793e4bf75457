package input

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/internal/numbers"
	"github.com/otelsim/otelsim/internal/text"
)

// The readers below return false, with the problem added to p, when the node
// does not hold what they read.

// Str reads a string. Numbers and booleans are not strings: whoever means the
// text quotes it.
func (n *Node) Str(p *Problems) (string, bool) {
	if n.Kind == String {
		return n.text, true
	}
	if n.Kind == Int || n.Kind == Float || n.Kind == Bool {
		n.mismatch(p, "a string (quote it)")
	} else {
		n.mismatch(p, "a string")
	}
	return "", false
}

// Bool reads a boolean: true and false, and for the sake of files written for
// YAML 1.1 also yes, no, on and off without quotes.
func (n *Node) Bool(p *Problems) (value, ok bool) {
	if n.Kind == Bool || n.Kind == String && n.plain {
		switch strings.ToLower(n.text) {
		case "true", "yes", "on":
			return true, true
		case "false", "no", "off":
			return false, true
		}
	}
	n.mismatch(p, "true or false")
	return false, false
}

// Int reads an integer.
func (n *Node) Int(p *Problems) (int64, bool) {
	if n.Kind != Int {
		n.mismatch(p, "an integer"+n.quoted())
		return 0, false
	}
	if leadingZero(n.text) {
		n.mismatch(p, "an integer (without leading zeros)")
		return 0, false
	}
	v, err := parseInt(n.text)
	if err != nil {
		n.Fail(p, "integer %s does not fit 64 bits", Quote(n.text))
		return 0, false
	}
	return v, true
}

// Float reads a finite number, an integer or not.
func (n *Node) Float(p *Problems) (float64, bool) {
	if n.Kind != Int && n.Kind != Float {
		n.mismatch(p, "a number"+n.quoted()+n.measured())
		return 0, false
	}
	if leadingZero(n.text) {
		n.mismatch(p, "a number (without leading zeros)")
		return 0, false
	}
	if n.Kind == Int {
		if v, err := parseInt(n.text); err == nil {
			return float64(v), true
		}
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(n.text, "_", ""), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		n.mismatch(p, "a finite number")
		return 0, false
	}
	return v, true
}

// quoted suggests the number that stands between quotes.
func (n *Node) quoted() string {
	text := strings.TrimSpace(n.text)
	if _, err := strconv.ParseFloat(text, 64); err != nil || n.Kind != String || n.plain {
		return ""
	}
	return "; did you mean " + text + ", without quotes?"
}

// measured suggests what to write for a number with a unit. Durations are in
// milliseconds wherever a plain number stands for one.
func (n *Node) measured() string {
	text, ok := numbers.Joined(n.text)
	if !ok || n.Kind != String {
		return ""
	}
	if share, ok := strings.CutSuffix(text, "%"); ok {
		if v, err := strconv.ParseFloat(share, 64); err == nil {
			return "; did you mean " + strconv.FormatFloat(v/100, 'g', -1, 64) + "?"
		}
	}
	if d, err := numbers.Written(text); err == nil && d != 0 {
		return "; did you mean " + strconv.FormatFloat(float64(d)/1e6, 'f', -1, 64) + ", in milliseconds?"
	}
	return ""
}

func parseInt(text string) (int64, error) {
	return strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 0, 64)
}

// leadingZero reports whether text is a number such as 010, which is 8 to some
// readers of YAML and 10 to others.
func leadingZero(text string) bool {
	text = strings.TrimLeft(text, "+-")
	return len(text) > 1 && text[0] == '0' && strings.Trim(text, "0123456789_") == ""
}

// List reads a list. Nothing is an empty list.
func (n *Node) List(p *Problems) ([]*Node, bool) {
	if n.Kind != List && n.Kind != Null {
		want := "a list"
		if n.Kind == Mapping {
			want += " (items begin with a dash)"
		}
		n.mismatch(p, want)
		return nil, false
	}
	return n.items, true
}

// Items reads a list, or one item by itself, of one of some kinds.
func (n *Node) Items(p *Problems, one ...Kind) ([]*Node, bool) {
	if slices.Contains(one, n.Kind) {
		return []*Node{n}, true
	}
	return n.List(p)
}

// Map reads a mapping with the given keys; every other key is an error. With
// no keys given all are allowed. Nothing is an empty mapping.
func (n *Node) Map(p *Problems, keys ...string) (Map, bool) {
	if n.Kind != Mapping && n.Kind != Null {
		want := "a mapping"
		if key, value, ok := strings.Cut(n.text, ":"); ok && n.plain && value != "" && value[0] != '/' && len(n.text) <= text.MaxSuggested {
			want += fmt.Sprintf("; did you mean %q?", key+": "+value)
		}
		n.mismatch(p, want)
		return Map{Node: &Node{Kind: Mapping, Pos: n.Pos, parent: n.parent, label: n.label}, p: p}, false
	}
	if len(keys) > 0 {
		for _, e := range n.entries {
			if !slices.Contains(keys, e.Key) {
				p.Errorf(e.Pos, "%s", Unknown("key", e.Key, keys))
			}
		}
	}
	return Map{Node: n, p: p}, true
}
