package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// variants reads the names and weights of the ways in which an operation goes. What
// they are is read with the operation itself, since it may name other operations.
func (r *members) variants(m input.Map) (out []Variant) {
	n := m.Get("variants")
	if n == nil {
		return nil
	}
	if n.Kind == input.List {
		n.Fail(r.p, "found a list, want a mapping: a variant has its name as its key")
		return nil
	}
	before := r.p.Found()
	section, _ := m.Map("variants")
	total := 0.0
	for _, e := range section.Entries() {
		if e.Key == "" || e.Key != strings.TrimSpace(e.Key) {
			r.p.Errorf(e.Pos, "%s is no name of a variant", input.Quote(e.Key))
			continue
		}
		v := Variant{Name: e.Key, Pos: e.Pos, Weight: 1}
		if x, ok := e.Value.Map(&input.Problems{}); ok && e.Value.Kind == input.Mapping && x.Get("weight") != nil {
			x, _ = e.Value.Map(r.p)
			v.Weight = x.Float("weight", 1, 0, maxNumber)
		}
		total += v.Weight
		out = append(out, v)
	}
	switch {
	case r.p.Found() > before:
	case len(out) == 0:
		m.Fail("variants", "nothing in it")
	case total == 0:
		m.Fail("variants", "nothing in it has a weight above 0")
	}
	return out
}

// ways reads what an operation is in each of its variants: what it says for all of
// them, but where the variant says something itself. Attributes are merged.
func (r *members) ways(m input.Map, op *Operation) {
	section, _ := m.Map("variants")
	called := false
	for i := range op.Variants {
		v := &op.Variants[i]
		at := slices.IndexFunc(section.Entries(), func(e input.Entry) bool { return e.Key == v.Name })
		v.Way = *op
		v.Way.Variants = nil
		if x, ok := r.variant(section.Entries()[at].Value); ok {
			v.When = r.condition(x)
			r.differs(x, &v.Way)
			r.ofDatabase(x, op)
			if x.Get("logs") == nil {
				v.Way.Logs = r.logs(m, v.Way.Attributes)
			}
		}
		called = called || len(v.Way.Calls) > 0
	}
	r.oneValue(m.At("variants"), op.Conditions())
	if op.Parallel && !called {
		m.Warn("parallel", "has no effect: it is about calls, and there are none")
	}
}

// variant reads the mapping that a variant is.
func (r *members) variant(n *input.Node) (input.Map, bool) {
	switch n.Kind {
	case input.List, input.String:
		n.Fail(r.p, "found %s, want a mapping; are these its calls? Write {calls: ...}", n.Describe())
		return input.Map{}, false
	case input.Int, input.Float:
		n.Fail(r.p, "found %s, want a mapping; did you mean {weight: %s}?", n.Describe(), n.Text())
		return input.Map{}, false
	}
	return n.Map(r.p, variantKeys...)
}

// differs reads what a variant says into what the operation says for all of them.
func (r *members) differs(m input.Map, way *Operation) {
	r.lasts(m, way)
	if n := m.Get("error"); n != nil {
		way.Error = r.failures(n, way.Protocol)
	}
	way.Status = m.Str("status", way.Status)
	way.Attributes = Overlaid(way.Attributes, r.spanAttributes(m, way.Protocol))
	way.Resource = Overlaid(way.Resource, r.differing(m))
	if m.Get("events") != nil {
		way.Events = r.events(m)
	}
	if m.Get("logs") != nil {
		way.Logs = r.logs(m, way.Attributes)
	}
	if m.Get("calls") != nil {
		way.Calls = r.calls(m, "calls")
	}
	if way.Parallel = m.Bool("parallel", way.Parallel); way.Parallel && len(way.Calls) == 0 && m.Get("parallel") != nil {
		m.Warn("parallel", "has no effect: it is about calls, and there are none")
	}
}

// way reads which variant of an operation a call takes: 1 + its index; 0 when it
// says none.
func (r *members) way(m input.Map, to []OperationRef) int {
	n := m.Get("variant")
	if n == nil || len(to) == 0 {
		return 0
	}
	name := n.Text()
	if n.Kind != input.Int && n.Kind != input.Float { // a name such as 404 is text all the same
		name = m.Str("variant", "")
	}
	switch op := r.operation(to[0]); {
	case len(to) > 1:
		m.Fail("variant", "beside several operations; call the one whose variant it is by itself")
		return 0
	case name == "":
		return 0
	case len(op.Variants) == 0 && r.bodies[to[0].Service][to[0].Operation].m.Has("variants"):
		return 0 // which has a mistake that is told
	case len(op.Variants) == 0:
		m.Fail("variant", "operation %s has no variants", input.Quote(r.name(to[0])))
		return 0
	}
	way, problem := r.wayOf(name, to[0])
	if problem != "" {
		m.Fail("variant", "%s", problem)
	}
	return way
}

// wayOf returns 1 + the index of the variant of a name of an operation, or what is wrong.
func (r *members) wayOf(name string, of OperationRef) (way int, problem string) {
	op := r.operation(of)
	var names []string
	for i := range op.Variants {
		if names = append(names, op.Variants[i].Name); op.Variants[i].Name == name {
			return i + 1, ""
		}
	}
	return 0, fmt.Sprintf("operation %s: %s", input.Quote(r.name(of)), input.Unknown("variant", name, names))
}

// failing reads in which variants attempts of a call go that fail; what succeeds then goes in the
// variant that the call names, or in any other one. It reports whether that is said.
func (r *members) failing(m input.Map, retry *Retry, c *Call) bool {
	n := m.Get("failed_variants")
	switch {
	case n == nil || len(c.To) == 0:
		return false
	case len(r.operation(c.To[0]).Variants) == 0:
		m.Fail("failed_variants", "operation %s has no variants", input.Quote(r.name(c.To[0])))
		return false
	case len(retry.SuccessRates) == 0:
		m.Fail("failed_variants", "needs success_rate_per_attempt, which says how many attempts fail")
		return false
	}
	items := []*input.Node{n}
	if n.Kind == input.List {
		items, _ = n.List(r.p)
	}
	for _, item := range items {
		if item.Kind == input.Mapping || item.Kind == input.List || item.Kind == input.Null {
			item.Fail(r.p, "found %s, want names of variants", item.Describe())
			return false
		}
		way, problem := r.wayOf(item.Text(), c.To[0])
		if problem != "" {
			item.Fail(r.p, "%s", problem)
			return false
		}
		retry.Failing = append(retry.Failing, way)
	}
	for way := 1; way <= len(r.operation(c.To[0]).Variants); way++ {
		if c.Way == way || c.Way == 0 && !slices.Contains(retry.Failing, way) {
			retry.Succeeding = append(retry.Succeeding, way)
		}
	}
	if len(retry.Failing) == 0 || len(retry.Succeeding) == 0 {
		m.Fail("failed_variants", "want some of the variants of %s, so that others are left", input.Quote(r.name(c.To[0])))
		retry.Failing = nil
		return false
	}
	return true
}

// idleVariants warns of variants of the file that are never taken, where what comes
// to operations begins with some calls.
func (r *members) idleVariants(from []Call, file string) {
	type taken struct {
		of  OperationRef
		way int
	}
	named := make(map[taken]bool)
	note := func(c *Call, to OperationRef) {
		named[taken{to, c.Way}] = true
		if c.Retry != nil {
			for _, way := range slices.Concat(c.Retry.Failing, c.Retry.Succeeding) {
				named[taken{to, way}] = true
			}
		}
	}
	called(from, note)
	each(r.s, func(_ OperationRef, op *Operation) { calledBy(op, note) })
	each(r.s, func(ref OperationRef, op *Operation) {
		for i := range op.Variants {
			if v := &op.Variants[i]; v.Weight == 0 && !named[taken{ref, i + 1}] && v.Pos.File == file {
				r.p.Warnf(v.Pos, "variant %s of %s: has no effect: its weight is 0, and no call names it", input.Quote(v.Name), input.Quote(r.name(ref)))
			}
		}
	})
}
