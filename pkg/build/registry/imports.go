package registry

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// take adds to the model what imports name of the registries that it depends on.
func (f *folder) take(out *Registry) {
	if len(f.imports) > 0 && len(f.dependencies) == 0 {
		for _, i := range f.imports {
			fail(f.loader.p, ruleDependency, i.pos, "nothing to import %s %s from: manifest.yaml names no dependency that is there",
				kindNames[i.kind], input.Quote(i.glob))
		}
		return
	}
	for _, i := range f.imports {
		globs, ok := alternatives(strings.TrimPrefix(i.glob, idPrefixes[i.kind]))
		for _, g := range globs {
			if _, err := path.Match(g, ""); err != nil {
				ok = false
			}
		}
		if !ok {
			fail(f.loader.p, ruleForm, i.pos, "broken pattern %s: want names with *, ?, [abc] or {a,b}", input.Quote(i.glob))
			continue
		}
		found := false
		var names []string
		for _, d := range f.dependencies {
			switch i.kind {
			case spanGroup:
				found = f.from(out, d, i, globs, bring(&out.Spans, d.Spans, (*Span).name, &names)) || found
			case metricGroup:
				found = f.from(out, d, i, globs, bring(&out.Metrics, d.Metrics, (*Metric).name, &names)) || found
			case eventGroup:
				found = f.from(out, d, i, globs, bring(&out.Events, d.Events, (*Event).name, &names)) || found
			case entityGroup:
				found = f.from(out, d, i, globs, bring(&out.Entities, d.Entities, (*Entity).name, &names)) || found
			default:
				for _, id := range slices.Sorted(maps.Keys(d.groups)) {
					names = append(names, id)
					found = found || matches(globs, id)
				}
			}
		}
		if !found {
			fail(f.loader.p, ruleReference, i.pos, "no %s of a dependency matches %s%s",
				kindNames[i.kind], input.Quote(i.glob), input.DidYouMean(text.Nearest(i.glob, names)))
		}
	}
}

// definitions are the definitions of one kind in a registry: names, and how one is
// taken over unless there is one of that name already.
type definitions struct {
	names []string
	take  func(i int)
}

// bring returns the definitions of a list; names gets all their names.
func bring[T any](to *[]*T, list []*T, name func(*T) string, names *[]string) definitions {
	have := byName(*to, name)
	d := definitions{}
	for _, one := range list {
		d.names = append(d.names, name(one))
	}
	*names = append(*names, d.names...)
	d.take = func(i int) {
		if _, ok := have[d.names[i]]; !ok {
			have[d.names[i]] = list[i]
			*to = append(*to, list[i])
		}
	}
	return d
}

// from takes over what matches, and reports whether anything did.
func (f *folder) from(out, d *Registry, i pattern, globs []string, defs definitions) bool {
	found := false
	for k, name := range defs.names {
		if !matches(globs, name) {
			continue
		}
		if d.hidden[idPrefixes[i.kind]+name] {
			if !strings.ContainsAny(i.glob, "*?[{") {
				fail(f.loader.p, ruleDependency, i.pos, "%s %s is excluded for registries that depend on its own", kindNames[i.kind], input.Quote(name))
				found = true
			}
			continue
		}
		found = true
		defs.take(k)
	}
	return found
}

// matches reports whether a name matches one of the patterns.
func matches(globs []string, name string) bool {
	for _, g := range globs {
		if ok, err := path.Match(g, name); ok && err == nil {
			return true
		}
	}
	return false
}

// maxAlternatives bounds what braces in a pattern multiply to.
const maxAlternatives = 100

// alternatives expands {a,b} in a pattern, and writes [!a] as path.Match has it.
func alternatives(glob string) (out []string, ok bool) {
	queue := []string{strings.ReplaceAll(glob, "[!", "[^")}
	for len(queue) > 0 {
		g := queue[0]
		queue = queue[1:]
		open := strings.IndexByte(g, '{')
		if open < 0 {
			if strings.ContainsRune(g, '}') {
				return nil, false
			}
			out = append(out, g)
			continue
		}
		end := strings.IndexByte(g[open:], '}')
		if end < 0 {
			return nil, false
		}
		for choice := range strings.SplitSeq(g[open+1:open+end], ",") {
			queue = append(queue, g[:open]+choice+g[open+end+1:])
		}
		if len(out)+len(queue) > maxAlternatives {
			return nil, false
		}
	}
	return out, true
}
