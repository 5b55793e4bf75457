package registry

import (
	"path"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// groupKind is what a group of a folder defines. Everything there is a group of
// attributes first, in one space of ids, since anything may be built on anything.
type groupKind uint8

const (
	plainGroup groupKind = iota
	spanGroup
	metricGroup
	eventGroup
	entityGroup
)

// What ids begin with, by kind, and what messages call them.
var (
	idPrefixes = [...]string{"", "span.", "metric.", "event.", "entity."}
	kindNames  = [...]string{"group", "span", "metric", "event", "entity"}
)

// link names another group.
type link struct {
	id  string
	pos input.Pos
}

// use is an attribute as a group writes it: what is nil was not written there.
type use struct {
	key       string
	pos       input.Pos
	level     *Level
	condition string
	sampling  *bool
	role      string  // of entities: identifying, descriptive or not said
	examples  []Value // nil: as the definition has them
	stability Stability
	deprecate *Deprecation
	row       *Attribute  // what the rest is taken from; nil: the definition of the key
	raw       *input.Node // examples that wait for their type
	from      *group      // that wrote it first
}

// group is a definition with its attributes as they were written.
type group struct {
	kind     groupKind
	id       string // in the space of ids: span.http.server
	name     string // what is on the wire, and of a plain group its id
	refines  bool   // name is that of what base defines
	v2       bool
	internal bool // not for registries that depend on this one
	excluded bool // likewise, with the attributes that it defines
	pos      input.Pos
	base     *link  // extends, or refines
	include  []link // groups whose attributes it has
	uses     []use  // in the order of the file

	spanKind   uint8
	spanName   string
	instrument Instrument
	unit       string
	notes      notes
	level      *Level
	entities   []Association
	stability  Stability
	deprecated *Deprecation

	state  uint8 // of resolve
	merged map[string]use
}

// String names the group in messages.
func (g *group) String() string {
	if g.refines {
		return "refinement " + input.Quote(strings.TrimPrefix(g.id, idPrefixes[g.kind]))
	}
	return kindNames[g.kind] + " " + input.Quote(g.name)
}

// named returns the key of folder.named.
func (g *group) named() string { return idPrefixes[g.kind] + g.name }

// pattern is a line of imports.
type pattern struct {
	kind groupKind
	glob string
	pos  input.Pos
}

// folder is a registry of definitions while it is read.
type folder struct {
	*loader
	reader
	schema       string
	attributes   map[string]*Attribute
	excluded     map[string]bool // attributes that dependents do not see
	groups       map[string]*group
	order        []*group          // as they were read
	named        map[string]*group // the first of each kind and name, refinements apart
	searched     budget
	uses         int // of all groups so far
	imports      []pattern
	dependencies []*Registry
}

// fail and warn are those of the reader, not of the loader.
func (f *folder) fail(n *input.Node, ru rule, format string, args ...any) {
	f.reader.fail(n, ru, format, args...)
}

// folder reads a folder of definitions of both forms.
func (l *loader) folder(src Source, files []file) *Registry {
	f := &folder{
		loader: l, reader: reader{p: l.p, prose: true},
		attributes: make(map[string]*Attribute), excluded: make(map[string]bool), groups: make(map[string]*group), named: make(map[string]*group),
	}
	manifest := false
	for _, file := range files {
		if isManifest(file.name) && file.form != definitionForm && !file.doc.Has("groups") {
			if manifest {
				fail(l.p, ruleDuplicate, input.Pos{File: file.name}, "a second manifest: a registry has one")
				continue
			}
			manifest = true
			f.manifest(file.doc)
		}
	}
	for _, file := range files {
		switch {
		case isManifest(file.name) && file.form != definitionForm && !file.doc.Has("groups"):
		case file.form == definitionForm, file.form == "" && file.doc.Has("version"):
			f.readV2(file.doc)
		case file.form == "" && (file.doc.Has("groups") || file.doc.Has("imports")):
			f.readV1(file.doc)
		case file.form != "":
			fail(l.p, ruleForm, file.doc.At("file_format"), "%s", input.Unknown("file_format", file.form, []string{definitionForm, resolvedForm}))
		default:
			fail(l.p, ruleForm, file.doc.Node.Pos, "no definitions: want groups (v1), or file_format: %s", definitionForm)
		}
	}
	return f.resolve()
}

// addAttribute adds the definition of an attribute.
func (f *folder) addAttribute(n *input.Node, a *Attribute, excluded bool) {
	if a.Key == "" {
		return
	}
	if first, ok := f.attributes[a.Key]; ok {
		fail(f.loader.p, ruleDuplicate, n.Pos, "attribute %s is defined already, at %v", input.Quote(a.Key), first.Pos)
		return
	}
	f.attributes[a.Key] = a
	if excluded {
		f.excluded[a.Key] = true
	}
}

// addGroup adds a group under its id.
func (f *folder) addGroup(g *group) {
	if g.id == idPrefixes[g.kind] {
		return // without a name, which has been told
	}
	if first, ok := f.groups[g.id]; ok {
		fail(f.loader.p, ruleDuplicate, g.pos, "%s is defined already, as %s at %v", input.Quote(g.id), first, first.pos)
		return
	}
	f.groups[g.id] = g
	f.order = append(f.order, g)
	if _, ok := f.named[g.named()]; !ok && !g.refines {
		f.named[g.named()] = g
	}
}

// manifest reads the name of the registry and of those that it depends on.
func (f *folder) manifest(doc input.Map) {
	m, _ := doc.Node.Map(f.loader.p, "file_format", "schema_url", "description", "stability", "dependencies", "name", "version",
		"semconv_version", "schema_base_url", "resolved_registry_uri", "resolved_schema_uri")
	f.schema = m.Str("schema_url", "")
	if f.schema == "" {
		if base := m.Str("schema_base_url", ""); base != "" {
			f.schema = strings.TrimSuffix(base, "/") + "/" + m.Str("semconv_version", m.Str("version", ""))
		}
	}
	if f.schema == "" && m.Str("name", "") == "" {
		fail(f.loader.p, ruleMissing, m.Node.Pos, "schema_url: missing: the name of the registry, with its version at the end")
	}
	if s := m.Get("stability"); s != nil {
		f.stability(s)
	}
	for _, n := range m.List("dependencies") {
		d, ok := n.Map(f.loader.p, "schema_url", "registry_path", "name")
		if !ok {
			continue
		}
		name, url := d.Str("name", ""), d.Str("schema_url", "")
		if name == "" && url == "" {
			missing(f.loader.p, n.Pos, n, "schema_url", "")
			continue
		}
		if r := f.dependency(name, url, d.Str("registry_path", ""), n.Pos); r != nil {
			f.dependencies = append(f.dependencies, r)
		}
	}
}

// shortName returns the name by which a dependency is given on the command line:
// the last part of its URL that is not the version, or the host.
func shortName(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		rest = url
	}
	dir := path.Dir(strings.TrimSuffix(rest, "/"))
	if last := path.Base(dir); last != "schemas" && last != "." && last != "/" {
		return last
	}
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// official is what the URLs of OpenTelemetry's own registries begin with.
const official = "https://opentelemetry.io/schemas/"

// dependency reads a registry that a manifest names, or returns the bundled one.
func (l *loader) dependency(name, url, where string, pos input.Pos) *Registry {
	if name == "" {
		name = shortName(url)
	}
	for _, d := range l.dependencies {
		if d.Name != name && (url == "" || d.Name != url && d.Name != shortName(url)) {
			continue
		}
		if l.used != nil {
			l.used[d.Name] = true
		}
		for _, active := range l.active {
			if active == d.Name {
				fail(l.p, ruleCycle, pos, "registry %s depends on itself: %s", input.Quote(name), strings.Join(append(l.active, d.Name), ", then "))
				return nil
			}
		}
		l.active = append(l.active, d.Name)
		r := l.load(d.Source)
		l.active = l.active[:len(l.active)-1]
		if url != "" && r.SchemaURL != "" && r.SchemaURL != url {
			warn(l.p, ruleDependency, pos, "it depends on %s, and %s is %s", url, d.Source.Name, r.SchemaURL)
		}
		return r
	}
	if r, ok := bundledAt(url); ok {
		return r
	}
	shown, hint := input.Quote(name), ""
	if url != "" {
		shown += " (" + url + ")"
	}
	if where != "" {
		hint = "; the manifest has it at " + input.Quote(where)
	}
	fail(l.p, ruleDependency, pos, "it depends on registry %s, and nothing is fetched: give it with --registry %s=PATH%s", shown, name, hint)
	return nil
}
