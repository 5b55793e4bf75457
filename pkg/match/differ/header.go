package differ

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus"
)

// Headers compares what two corpora are made from. Fields are named as in the
// manifest, those of a scenario by its name.
func Headers(a, b *corpus.Header) []HeaderChange {
	var all []HeaderChange
	fa, fb := headerFields(a), headerFields(b)
	for _, path := range slices.Sorted(maps.Keys(union(fa, fb))) {
		if fa[path] != fb[path] {
			all = append(all, HeaderChange{Path: path, Before: fa[path], After: fb[path]})
		}
	}
	return append(all, scenarioChanges(a.Scenarios, b.Scenarios)...)
}

func union(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// headerFields returns a header as JSON has it, without the scenarios: numbers
// and texts by their path.
func headerFields(h *corpus.Header) map[string]string {
	plain := *h
	plain.Scenarios = nil
	data, err := json.Marshal(&plain)
	if err != nil {
		panic("encode header: " + err.Error()) // nothing in it can fail to encode
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber() // a seed has 64 bits
	var fields map[string]any
	if err := d.Decode(&fields); err != nil {
		panic("decode header: " + err.Error())
	}
	out := make(map[string]string)
	flatten(out, "", fields)
	return out
}

// flatten adds the values of an object by their path.
func flatten(out map[string]string, prefix string, fields map[string]any) {
	for name, v := range fields {
		switch v := v.(type) {
		case nil:
		case map[string]any:
			flatten(out, prefix+name+".", v)
		default:
			data, _ := json.Marshal(v) // was decoded from JSON
			out[prefix+name] = strings.Trim(string(data), `"`)
		}
	}
}

// scenarioChanges compares scenarios, which each side has by name.
func scenarioChanges(a, b []corpus.Scenario) (all []HeaderChange) {
	of := func(list []corpus.Scenario) map[string]corpus.Scenario {
		m := make(map[string]corpus.Scenario, len(list))
		for _, s := range list {
			m[s.Name] = s
		}
		return m
	}
	sa, sb := of(a), of(b)
	names := make(map[string]bool)
	for _, s := range slices.Concat(a, b) {
		names[s.Name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		x, inA := sa[name]
		y, inB := sb[name]
		add := func(field, before, after string) {
			all = append(all, HeaderChange{Path: "scenarios." + name + field, Scenario: name, Before: before, After: after})
		}
		switch {
		case !inB:
			add("", x.Digest, "")
		case !inA:
			add("", "", y.Digest)
		default:
			if x.Digest != y.Digest {
				add(".digest", x.Digest, y.Digest)
			}
			if x.Weight != y.Weight {
				add(".weight", number(x.Weight), number(y.Weight))
			}
		}
	}
	return all
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// tell returns the change in words.
func (c *HeaderChange) tell() string {
	name := "scenario " + c.Scenario
	switch {
	case c.Scenario == "":
	case c.Before == "":
		return name + " is only in B"
	case c.After == "":
		return name + " is only in A"
	case strings.HasSuffix(c.Path, ".digest"):
		return name + ": what it can emit is another"
	default:
		return name + ": weight " + c.Before + " -> " + c.After
	}
	return c.Path + ": " + shown(c.Before) + " -> " + shown(c.After)
}

// shown is a value as it stands in a text.
func shown(value string) string {
	if value == "" {
		return "(none)"
	}
	return value
}
