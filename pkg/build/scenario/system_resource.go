package scenario

import (
	"cmp"
	"maps"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// resource reads what the resource of a service says.
func (r *members) resource(e input.Entry, m input.Map) []Attribute {
	out := []Attribute{{Key: "service.name", Pos: e.Pos, Value: Value{Kind: String, Str: e.Key}}}
	for _, key := range []string{"version", "namespace"} {
		if v := m.Str(key, ""); v != "" {
			out = append(out, Attribute{Key: "service." + key, Pos: m.At(key), Value: Value{Kind: String, Str: v}})
		}
	}
	more, _ := m.Map("attributes")
	for _, a := range more.Entries() {
		if slices.ContainsFunc(out, func(x Attribute) bool { return x.Key == a.Key }) {
			r.p.Errorf(a.Pos, "attribute %s: given twice", a.Key)
		} else if x, ok := r.resourceAttribute(a); ok {
			out = append(out, x)
		}
	}
	return out
}

// differing reads in what the resource of a span is another one than that of its service.
func (r *members) differing(m input.Map) (out []Attribute) {
	section, _ := m.Map("resource")
	for _, a := range section.Entries() {
		if a.Key == "service.name" {
			r.p.Errorf(a.Pos, "attribute %s: a span is of the service that it stands in", a.Key)
		} else if x, ok := r.resourceAttribute(a); ok {
			out = append(out, x)
		}
	}
	return out
}

// resourceAttribute reads an attribute of a resource: text, a pattern of which each instance
// has one text, or a shared value that is one of few, since each of them makes a resource.
func (r *members) resourceAttribute(e input.Entry) (Attribute, bool) {
	out := Attribute{Key: e.Key, Pos: e.Pos}
	switch e.Key {
	case "":
		r.p.Errorf(e.Pos, "empty attribute key")
		return out, false
	case "service.instance.id":
		r.p.Errorf(e.Pos, "attribute %s: follows from the instances of the service", e.Key)
		return out, false
	}
	if e.Value.Kind != input.Mapping {
		text, ok := e.Value.Str(r.p)
		out.Value = Value{Kind: String, Str: text}
		return out, ok
	}
	switch m, _ := e.Value.Map(&input.Problems{}); {
	case m.Has("pattern"):
		return r.ofInstances(e)
	case !m.Has("use"):
		e.Value.Fail(r.p, "want text, {use: NAME} of a value, or a pattern of which each instance has a text: a resource has no other values of its own")
		return out, false
	}
	m, _ := e.Value.Map(r.p, useKeys...)
	if out.Use = r.usedValue(m, "use", r.values); out.Use == "" {
		return out, false
	}
	n := r.values[out.Use].texts()
	switch {
	case r.values[out.Use].Life == PerSpan:
		m.Fail("use", "value %s is drawn for each span, and spans share a resource; want one of a request or a session", input.Quote(out.Use))
		return out, false
	case n == 0:
		m.Fail("use", "value %s has any number of texts, and each makes a resource: give it a list of words, or a pattern with a pool of up to %d",
			input.Quote(out.Use), MaxResources)
	}
	return out, n > 0
}

// ofInstances reads a pattern of which each instance of a service has one text.
func (r *members) ofInstances(e input.Entry) (Attribute, bool) {
	m, _ := e.Value.Map(r.p, instanceKeys...)
	out := Attribute{Key: e.Key, Pos: e.Pos, Pattern: r.pattern(m)}
	if out.Pattern == nil {
		return out, false
	}
	if len(out.Pattern.Uses) > 0 {
		m.Fail("pattern", "{%s} is a value, which changes while an instance stays what it is; use one in its place", out.Pattern.Uses[0])
		return out, false
	}
	return out, true
}

// usedValue reads the name, by a key, of the shared value that something is or follows
// from; "" where there is none.
func (r *members) usedValue(m input.Map, key string, values map[string]SharedValue) string {
	name := m.Need(key)
	if _, ok := values[name]; !ok && name != "" {
		m.Fail(key, "%s", input.Unknown("value", name, slices.Sorted(maps.Keys(values))))
		return ""
	}
	r.used[name] = true
	return name
}

// Overlaid are attributes with others in the place of those of their names, and the rest
// of these after them.
func Overlaid(list, over []Attribute) []Attribute {
	out := slices.Clone(list)
	for _, a := range over {
		if i := slices.IndexFunc(out, func(b Attribute) bool { return b.Key == a.Key }); i >= 0 {
			out[i] = a
		} else {
			out = append(out, a)
		}
	}
	return out
}

// MaxResources is how many resources an instance of a service may have.
const MaxResources = 1000

// texts is how many values it may have; 0: too many for a resource, or not known.
func (v SharedValue) texts() int64 {
	n := int64(1)
	switch {
	case v.Dist != nil:
		n = 0
	case v.Pattern != nil && v.Pattern.Pool > 0:
		n = min(v.Pattern.Pool, v.Pattern.Texts())
	case v.Pattern != nil:
		n = v.Pattern.Texts()
	case v.Choices != nil:
		n = int64(v.Different())
	}
	if n > MaxResources {
		return 0
	}
	return n
}

// Resources is how many resources follow from some attributes of one, by the values that
// they use; beyond MaxResources it is any number over that.
func (s *System) Resources(list []Attribute) int64 {
	n := int64(1)
	var seen []string
	for _, a := range list {
		at := slices.IndexFunc(s.Values, func(v SharedValue) bool { return a.Use != "" && v.Key == a.Use })
		if at < 0 {
			continue
		}
		v := &s.Values[at]
		if from := cmp.Or(v.Follows, v.Key); !slices.Contains(seen, from) {
			seen = append(seen, from)
			texts := v.texts()
			if v.Follows != "" {
				texts = int64(len(v.Choices)) // all that it follows from, as others may tell apart what it does not
			}
			n = min(n*max(texts, 1), MaxResources+1)
		}
	}
	return n
}
