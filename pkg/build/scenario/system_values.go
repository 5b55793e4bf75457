package scenario

import (
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// shared reads the values that attributes can name.
func (r *members) shared(m input.Map) {
	values := make(map[string]SharedValue)
	section, _ := m.Map("values")
	var following []input.Entry
	for _, e := range section.Entries() {
		values[e.Key] = SharedValue{Attribute: Attribute{Key: e.Key, Pos: e.Pos}}
		if e.Key == "" {
			r.p.Errorf(e.Pos, "empty name of a value")
			continue
		}
		if follows(e.Value) {
			following = append(following, e)
			continue
		}
		v, ok := r.sharedValue(e)
		if ok {
			values[e.Key] = v
			r.s.Values = append(r.s.Values, v)
		}
	}
	r.followers(following, values)
	r.values = values // not before: a value has no other one in it, unless it follows from one
}

// sharedValue reads one of them: what an attribute can be, or a list of equally
// likely constants; per says how long it stays.
func (r *members) sharedValue(e input.Entry) (SharedValue, bool) {
	out := SharedValue{Attribute: Attribute{Key: e.Key, Pos: e.Pos}}
	switch e.Value.Kind {
	case input.Null:
		e.Value.Fail(r.p, "missing; want a constant, a list of them, or a mapping that says how it is drawn")
		return out, false
	case input.List:
		items, _ := e.Value.List(r.p)
		for _, item := range items {
			if v, ok := r.value(item); ok {
				out.Choices, out.Weights = append(out.Choices, v), append(out.Weights, 1)
			}
		}
		if len(items) == 0 {
			e.Value.Fail(r.p, "no values")
		}
		return out, len(out.Choices) > 0
	case input.Mapping:
		m, _ := e.Value.Map(r.p)
		out.Life = Life(slices.Index(lives, m.OneOf("per", lives[PerRequest], lives...)))
		if m.Has("use") {
			m.Fail("use", "a value cannot be another one")
			return out, false
		}
	}
	a, ok := r.drawn(e, sharedKeys...)
	out.Attribute = a
	return out, ok
}

// idleValues warns of values of the file that nothing uses. Those of another one
// that it is laid over have their use there.
func (r *members) idleValues(file string) {
	for _, v := range r.s.Values {
		if !r.used[v.Key] && v.Pos.File == file {
			r.p.Warnf(v.Pos, "values.%s: has no effect: nothing uses it", v.Key)
		}
	}
}

// attributeOrUse reads an attribute, of a span or of what is told of it, which may be a value
// of the system.
func (r *members) attributeOrUse(e input.Entry, ofSpan bool) (Attribute, bool) {
	if e.Value.Kind != input.Mapping {
		return r.attribute(e)
	}
	m, _ := e.Value.Map(r.p)
	present := r.present(m)
	if m.Has("follows") {
		return r.following(e, present)
	}
	if !m.Has("use") {
		a, ok := r.drawn(e, presentKeys...)
		a.Present = present
		return a, ok
	}
	keys := slices.Concat(useKeys, presentKeys)
	if ofSpan {
		keys = append(keys, isKeys...)
	}
	m, _ = e.Value.Map(r.p, keys...)
	a := Attribute{Key: e.Key, Pos: e.Pos, Use: r.usedValue(m, "use", r.values), Present: present}
	if a.Use != "" {
		a.Weights, a.By = r.is(m, r.values[a.Use])
	}
	return a, a.Use != "" && a.Key != ""
}

// present reads the share of spans that have an attribute; 0: all.
func (r *members) present(m input.Map) float64 {
	switch share := r.share(m.Get("present"), 1); share {
	case 0:
		m.Fail("present", "0: nothing has it; leave it out")
	case 1:
	default:
		return share
	}
	return 0
}

// drawn reads an attribute with a value of its own. extra are keys that it has
// besides.
func (r *members) drawn(e input.Entry, extra ...string) (Attribute, bool) {
	if e.Value.Kind != input.Mapping {
		return r.attribute(e)
	}
	m, _ := e.Value.Map(r.p)
	if !slices.ContainsFunc(patternKeys, m.Has) {
		if m.Has("value") && !m.Has("distribution") {
			return r.constant(e, extra...)
		}
		if !m.Has("distribution") {
			keys := slices.Concat(patternKeys, useKeys, valueKeys, followKeys, []string{"distribution"}, extra)
			before := r.p.Found()
			e.Value.Map(r.p, keys...)
			if r.p.Found() == before {
				e.Value.Fail(r.p, "says no value: want a pattern, a distribution, or a value to use or to follow")
			}
			return Attribute{}, false
		}
		return r.attribute(e, extra...)
	}
	a := Attribute{Key: e.Key, Pos: e.Pos}
	m, _ = e.Value.Map(r.p, slices.Concat(patternKeys, extra)...)
	a.Pattern = r.pattern(m)
	if a.Key == "" {
		r.p.Errorf(e.Pos, "empty attribute key")
	}
	return a, a.Pattern != nil && a.Key != ""
}

// constant reads an attribute that is always the same, where it stands with more about
// it than its value.
func (r *members) constant(e input.Entry, extra ...string) (Attribute, bool) {
	a := Attribute{Key: e.Key, Pos: e.Pos}
	m, _ := e.Value.Map(r.p, slices.Concat(valueKeys, extra)...)
	n := m.Get("value")
	switch {
	case a.Key == "":
		r.p.Errorf(e.Pos, "empty attribute key")
		return a, false
	case n == nil:
		m.Fail("value", "missing")
		return a, false
	}
	v, ok := r.value(n)
	a.Value = v
	return a, ok
}

// Bounds of patterns.
const (
	maxPool    = 1_000_000
	maxZipf    = 10
	maxPattern = 1 << 10 // bytes
)

// MaxLength is how long a text may be that is filled up, in bytes.
const MaxLength = 1 << 16

// length reads how long texts are, in bytes.
func (r *members) length(m input.Map) *dist.Spec {
	n := m.Get("length")
	switch {
	case n == nil:
		return nil
	case n.Kind == input.Mapping:
		return r.distribution(n, domain{0, MaxLength})
	}
	return &dist.Spec{Kind: dist.Constant, Value: float64(m.Int("length", 1, 1, MaxLength))}
}

// pattern reads a text with random parts, some of which may be values of the system.
func (r *members) pattern(m input.Map) *Pattern {
	before := r.p.Found()
	out := &Pattern{Text: m.Need("pattern"), Pool: m.Int("pool", 0, 1, maxPool), Zipf: m.Float("zipf", 0, 0, maxZipf), Length: r.length(m)}
	if len(out.Text) > maxPattern {
		m.Fail("pattern", "text of %d bytes is longer than the limit of %d", len(out.Text), maxPattern)
	}
	parts := patternPart.FindAllStringSubmatch(out.Text, -1)
	for _, found := range parts {
		r.placeholder(m, out, found[0], found[1], found[2])
	}
	switch {
	case len(out.Uses) > 0 && m.Get("pool") != nil:
		m.Fail("pool", "has no place beside {%s}: say how many there are of that value", out.Uses[0])
	case m.Get("zipf") != nil && m.Get("pool") == nil:
		m.Fail("zipf", "is about a pool: say how many values there are")
	case r.p.Found() > before:
	case len(parts) == 0:
		m.Fail("pattern", "no random part, such as {hex:8}; write a constant without pattern")
	case out.Texts() < out.Pool:
		m.Warn("pool", "%d values, of which some are alike: the pattern has only %d", out.Pool, out.Texts())
	}
	if r.p.Found() > before {
		return nil
	}
	return out
}

// placeholder checks one part of a pattern, and notes which value it is where it is one.
func (r *members) placeholder(m input.Map, p *Pattern, whole, name, size string) {
	_, random := textsOf(name, size)
	_, named := r.values[name]
	switch alone := whole == "{"+name+"}"; {
	case random:
	case named && alone:
		r.used[name] = true
		p.Uses = append(p.Uses, name)
	case alone && len(r.values) > 0 && !slices.Contains([]string{"hex", "digits", "word"}, name):
		m.Fail("pattern", "%s", input.Unknown("value", name, slices.Sorted(maps.Keys(r.values))))
	default:
		m.Fail("pattern", "unknown placeholder %s; allowed: {hex:1} to {hex:64}, {digits:N}, {word:N}, {uuid}", input.Quote(whole))
	}
}

// patternPart matches what stands for a random part, known or not.
var patternPart = regexp.MustCompile(`\{([^{}:]*)(?::([^{}]*))?\}`)

// MaxTexts is where counting the texts of a pattern ends.
const MaxTexts = maxPool

// Texts returns how many texts its random parts give by themselves, up to MaxTexts: as many
// where texts differ in length.
func (p *Pattern) Texts() int64 {
	if p.Length != nil && p.Length.Kind != dist.Constant {
		return MaxTexts
	}
	texts := int64(1)
	for _, found := range patternPart.FindAllStringSubmatch(p.Text, -1) {
		n, _ := textsOf(found[1], found[2])
		texts = min(texts*n, MaxTexts)
	}
	return texts
}

// textsOf returns how many texts a placeholder stands for, up to MaxTexts.
func textsOf(kind, size string) (n int64, ok bool) {
	if kind == "uuid" && size == "" {
		return MaxTexts, true
	}
	letters := map[string]int64{"hex": 16, "digits": 10, "word": 62}[kind]
	length, err := strconv.Atoi(size)
	if letters == 0 || err != nil || length < 1 || length > 64 {
		return 1, false
	}
	n = 1
	for range length {
		n = min(n*letters, MaxTexts)
	}
	return n, true
}
