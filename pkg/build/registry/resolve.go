package registry

import (
	"maps"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// maxUses is how many uses of attributes all groups of a folder may have once they
// are expanded: a hundred times those of the official registry. Groups that extend
// each other in a long row would take any memory otherwise.
const maxUses = 500_000

// maxSearched is how many names are compared, in all, to say what was meant: enough
// for five hundred problems of a registry of the size of the official one.
const maxSearched = 500_000

// budget says how many names may still be compared.
type budget int

// spend reports whether n names may be compared.
func (b *budget) spend(n int) bool {
	if int(*b)+n > maxSearched {
		return false
	}
	*b += budget(n)
	return true
}

// maxChain is among how many groups a circle is looked for.
const maxChain = 1000

// The states of resolving a group.
const (
	untouched uint8 = iota
	active
	done
)

// resolve makes the flat model of what the files say.
func (f *folder) resolve() *Registry {
	out := &Registry{SchemaURL: f.schema, groups: make(map[string]exported), hidden: make(map[string]bool), dependencies: f.dependencies}
	for _, key := range slices.Sorted(maps.Keys(f.attributes)) {
		out.Attributes = append(out.Attributes, f.attributes[key])
	}
	for _, g := range f.order {
		f.merge(g)
	}
	for _, g := range f.order {
		f.emit(out, g)
		out.groups[g.id] = exported{uses: f.finished(g, ""), internal: g.internal}
		if g.excluded {
			out.hidden[g.id] = true
		}
	}
	for key := range f.excluded { // order-free: a set
		out.hidden[key] = true
	}
	f.take(out)
	return out.finish()
}

// merge returns the attributes of a group: what it inherits, below the groups that
// it includes, below what it writes itself, field by field.
func (f *folder) merge(g *group) map[string]use {
	if g.state == done || g.state == active || f.uses > maxUses {
		return g.merged
	}
	g.state = active
	merged := make(map[string]use)
	if g.base != nil {
		if base := f.base(g); base != nil {
			if inherited := f.merge(base); inherited != nil && f.uses <= maxUses { // else a row of groups would still grow on the way back
				merged = maps.Clone(inherited)
			}
			if g.refines && base.refines {
				g.name = base.name // what is on the wire
			}
		}
	}
	taken := make(map[string]string)
	for _, l := range g.include {
		included := f.linked(g, l, "ref_group")
		if included == nil {
			continue
		}
		uses := f.merge(included)
		for _, key := range slices.Sorted(maps.Keys(uses)) {
			if other, ok := taken[key]; ok && other != l.id {
				fail(f.loader.p, ruleDuplicate, l.pos, "%s: attribute %s comes from group %s too; a signal may have it of one group only",
					g, input.Quote(key), input.Quote(other))
				continue
			}
			taken[key] = l.id
			merged[key] = overlay(merged[key], uses[key])
		}
	}
	own := make(map[string]bool)
	for _, u := range g.uses {
		if own[u.key] {
			fail(f.loader.p, ruleDuplicate, u.pos, "%s: a second use of attribute %s", g, input.Quote(u.key))
			continue
		}
		own[u.key] = true
		if f.located(g, &u) {
			merged[u.key] = overlay(merged[u.key], u)
		}
	}
	g.merged, g.state = merged, done
	if f.uses += len(merged); f.uses > maxUses {
		fail(f.loader.p, ruleForm, g.pos, "more than %d uses of attributes with those that groups take over from each other", maxUses)
	}
	return merged
}

// located finds the definition of what a group uses, and reads what waited for its
// type. It returns false, and tells, when there is none.
func (f *folder) located(g *group, u *use) bool {
	a := u.row
	if a == nil {
		a = f.attribute(u.key)
	}
	if a == nil {
		f.unknownAttribute(g, u)
		return false
	}
	if u.raw != nil {
		u.examples = f.examples(u.raw, a.Type)
	}
	if u.stability != Unstated && a.Stability != Unstated && u.stability > a.Stability {
		warn(f.loader.p, ruleOverride, u.pos, "%s: attribute %s is %s, and no more settled where it is used: %s", g, input.Quote(u.key), a.Stability, u.stability)
	}
	return true
}

// attribute returns the definition of a key, of a dependency where need be.
func (f *folder) attribute(key string) *Attribute {
	if a, ok := f.attributes[key]; ok {
		return a
	}
	for _, d := range f.dependencies {
		if a, ok := d.index.attributes[key]; ok && !d.hidden[key] {
			return a
		}
	}
	return nil
}

// unknownAttribute tells that nothing defines what a group uses.
func (f *folder) unknownAttribute(g *group, u *use) {
	problem := "no attribute " + input.Quote(u.key)
	hidden := slices.ContainsFunc(f.dependencies, func(d *Registry) bool { return d.hidden[u.key] })
	near, found := "", false
	if !hidden && f.searched.spend(len(f.attributes)) {
		names := slices.Sorted(maps.Keys(f.attributes))
		for _, d := range f.dependencies {
			for _, a := range d.Attributes {
				names = append(names, a.Key)
			}
		}
		near, found = nearestKey(u.key, names)
	}
	home, known := bundledHome(u.key)
	switch {
	case known && !slices.Contains(f.dependencies, home):
		problem += " here; a registry of OpenTelemetry has it: name that in manifest.yaml, as in dependencies: [{schema_url: " + home.SchemaURL + "}]"
	case hidden:
		problem += " for registries that depend on its own: that one excludes it"
	case found:
		problem += input.DidYouMean(near, true)
	}
	fail(f.loader.p, ruleAttribute, u.pos, "%s: %s", g, problem)
}

// overlay returns a use with what another says of the same key in place of its own.
func overlay(under, over use) use {
	if under.key == "" {
		return over
	}
	out := under
	out.pos, out.from = over.pos, over.from
	if over.level != nil {
		out.level, out.condition = over.level, over.condition
	}
	if over.sampling != nil {
		out.sampling = over.sampling
	}
	if over.role != "" {
		out.role = over.role
	}
	if over.examples != nil {
		out.examples = over.examples
	}
	if over.stability != Unstated {
		out.stability = over.stability
	}
	if over.deprecate != nil {
		out.deprecate = over.deprecate
	}
	if over.row != nil {
		out.row = over.row
	}
	return out
}

// base returns the group that another extends or refines.
func (f *folder) base(g *group) *group {
	what := "extends"
	if g.refines {
		what = "ref"
	}
	return f.linked(g, *g.base, what)
}

// linked returns the group of a link; nil, with the problem told, when there is none
// or when it leads back.
func (f *folder) linked(g *group, l link, what string) *group {
	found := f.group(l.id)
	if found == nil && g.refines { // by the name on the wire, where v1 has other ids
		found = f.named[g.named()]
	}
	switch {
	case found == nil:
		f.unknownGroup(g, l, what)
		return nil
	case found.state == active:
		chain := f.chain(g, found)
		fail(f.loader.p, ruleCycle, l.pos, "%s: %s leads back to itself: %s", g, what, chain)
		return nil
	}
	return found
}

// chain names the groups of a circle, from found to g and back.
func (f *folder) chain(g, found *group) string {
	names := []string{input.Quote(found.id)}
	for _, other := range f.order[:min(len(f.order), maxChain)] {
		if other.state == active && other != found && other != g {
			names = append(names, input.Quote(other.id))
		}
	}
	if g != found {
		names = append(names, input.Quote(g.id))
	}
	if len(names) > 8 {
		names = append(names[:4], "...", names[len(names)-1])
	}
	return strings.Join(append(names, input.Quote(found.id)), ", ")
}

// group returns the group of an id, of a dependency where need be.
func (f *folder) group(id string) *group {
	if g, ok := f.groups[id]; ok {
		return g
	}
	for _, d := range f.dependencies {
		if g := d.group(id); g != nil {
			return g
		}
	}
	return nil
}

// unknownGroup tells that nothing defines a group.
func (f *folder) unknownGroup(g *group, l link, what string) {
	hint := f.keptBack(l.id)
	id := l.id
	if g.refines { // people write the name without what ids begin with
		id = g.name
	}
	if hint == "" && f.searched.spend(len(f.groups)) {
		hint = input.DidYouMean(text.Nearest(id, f.groupNames(g)))
	}
	if hint == "" && slices.ContainsFunc(f.dependencies, func(d *Registry) bool { return slices.Contains(bundledLayers(), d) }) &&
		!strings.HasPrefix(l.id, idPrefixes[spanGroup]) {
		hint = "; the bundled facts of OpenTelemetry's registry have no groups: give it with --registry NAME=PATH"
	}
	fail(f.loader.p, ruleReference, l.pos, "%s: %s: nothing has the id %s%s", g, what, input.Quote(id), hint)
}

// keptBack says that a dependency has a group and keeps it to itself, if one does.
func (f *folder) keptBack(id string) string {
	for _, d := range f.dependencies {
		if d.hidden[id] {
			return "; a registry that this one depends on excludes it"
		}
		if d.groups[id].internal {
			return "; in the registry that this one depends on it is internal"
		}
	}
	return ""
}

// groupNames returns what a link of a group may have meant: the ids of all other
// groups, and for a refinement the names of its kind.
func (f *folder) groupNames(g *group) (names []string) {
	add := func(id string) {
		if g.refines {
			bare, ok := strings.CutPrefix(id, idPrefixes[g.kind])
			if !ok {
				return
			}
			names = append(names, bare)
			return
		}
		names = append(names, id)
	}
	for _, id := range slices.Sorted(maps.Keys(f.groups)) {
		if id != g.id {
			add(id)
		}
	}
	for _, d := range f.dependencies {
		for _, id := range slices.Sorted(maps.Keys(d.groups)) {
			if !d.hidden[id] && !d.groups[id].internal {
				add(id)
			}
		}
	}
	return names
}
