package scenario

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// Values that follow from others: for each word of a value they have one of their own. They are
// choices of their own words with the weights of the words that these stand for, so that
// what draws both alike draws what belongs together.

// follows reports whether a value is one that follows from another.
func follows(n *input.Node) bool {
	if n.Kind != input.Mapping {
		return false
	}
	m, _ := n.Map(&input.Problems{})
	return m.Has("follows")
}

// followers reads the values that follow from others, those that others follow from first.
func (r *members) followers(rest []input.Entry, values map[string]SharedValue) {
	open := make(map[string]input.Entry)
	for _, e := range rest {
		open[e.Key] = e
	}
	var way []string
	var read func(e input.Entry)
	read = func(e input.Entry) {
		delete(open, e.Key)
		way = append(way, e.Key)
		defer func() { way = way[:len(way)-1] }()
		m, _ := e.Value.Map(r.p, followKeys...)
		of := m.Need("follows")
		if at := slices.Index(way, of); at >= 0 {
			m.Fail("follows", "value %s comes to follow from itself: %s", input.Quote(e.Key), strings.Join(append(slices.Clone(way[at:]), of), " > "))
			return
		}
		if next, ok := open[of]; ok {
			before := r.p.Found()
			if read(next); r.p.Found() > before {
				return
			}
		}
		if v, ok := r.follower(e, m, values); ok {
			values[e.Key] = v
			r.s.Values = append(r.s.Values, v)
		}
	}
	for _, e := range rest {
		if _, ok := open[e.Key]; ok {
			read(e)
		}
	}
}

// follower reads a value that follows from one of those that are known.
func (r *members) follower(e input.Entry, m input.Map, values map[string]SharedValue) (SharedValue, bool) {
	out := SharedValue{Attribute: Attribute{Key: e.Key, Pos: e.Pos}}
	name := r.usedValue(m, "follows", values)
	if name == "" {
		return out, false
	}
	of := values[name]
	switch {
	case of.Choices == nil:
		m.Fail("follows", "value %s is none of a list of words", input.Quote(name))
		return out, false
	case m.Get("values") == nil:
		m.Fail("values", "missing; want a value for each word of value %s", input.Quote(name))
		return out, false
	}
	section, ok := m.Map("values")
	if !ok {
		return out, false
	}
	out.Life, out.Follows, out.Weights = of.Life, name, of.Weights
	if of.Follows != "" {
		out.Follows = of.Follows
	}
	out.Choices, ok = r.eachWord(m, section, of)
	return out, ok
}

// eachWord reads a value for each word of another one.
func (r *members) eachWord(m, section input.Map, of SharedValue) ([]Value, bool) {
	before := r.p.Found()
	own, words := make(map[string]Value), wordsOf(of.Choices)
	for _, e := range section.Entries() {
		word, ok := r.value(e.Name)
		if !ok {
			continue
		}
		if !slices.Contains(words, word.String()) {
			r.p.Errorf(e.Pos, "values: %s", input.Unknown("word", word.String(), words))
		} else if v, ok := r.value(e.Value); ok {
			own[word.String()] = v
		}
	}
	var out []Value
	var missing []string
	for _, word := range words {
		v, ok := own[word]
		if !ok {
			missing = append(missing, input.Quote(word))
		}
		out = append(out, v)
	}
	if len(missing) > 0 && r.p.Found() == before {
		m.Fail("values", "none for %s of value %s", strings.Join(missing, ", "), input.Quote(of.Key))
	}
	return out, r.p.Found() == before
}

// wordsOf are values in words.
func wordsOf(values []Value) (words []string) {
	for _, v := range values {
		words = append(words, v.String())
	}
	return words
}

// Different is how many different values a choice has.
func (a *Attribute) Different() int {
	words := wordsOf(a.Choices)
	slices.Sort(words)
	return len(slices.Compact(words))
}

// following reads an attribute that follows from a shared value: it uses a value without a
// name that anybody could write.
func (r *members) following(e input.Entry, present float64) (Attribute, bool) {
	m, _ := e.Value.Map(r.p, slices.Concat(followKeys, presentKeys)...)
	if e.Key == "" {
		r.p.Errorf(e.Pos, "empty attribute key")
		return Attribute{}, false
	}
	v, ok := r.follower(e, m, r.values)
	if !ok {
		return Attribute{}, false
	}
	for n := len(r.s.Values); ; n++ {
		v.Key = v.Follows + "#" + strconv.Itoa(n)
		if _, taken := r.values[v.Key]; !taken {
			break
		}
	}
	r.used[v.Key] = true
	r.s.Values = append(r.s.Values, v)
	return Attribute{Key: e.Key, Pos: e.Pos, Use: v.Key, Present: present}, true
}
