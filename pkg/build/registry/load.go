package registry

import (
	"path"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// Source is a registry to be read: one resolved file, or the files of a folder.
type Source struct {
	Name  string       // the path as it was given, for messages about all of it
	Files []input.File // *.yaml and *.yml; more than one, or definitions: they make one registry
}

// Dependency is a registry that others build on, under the name that the user
// gave it: that of Missing, or the URL of its schema.
type Dependency struct {
	Name   string
	Source Source
}

// limits of a file: resolved registries have their prose in them.
var limits = input.Limits{Bytes: 16 << 20, Nodes: 500_000}

// Load reads a registry. What is wrong with it is added to p; the registry holds
// what could be made of the rest, and is not nil. Dependencies are those that
// manifests may name; the bundled ones are known without.
func Load(src Source, dependencies []Dependency, p *input.Problems) *Registry {
	l := &loader{p: p, dependencies: dependencies}
	return l.load(src)
}

// LoadAll reads registries of which a later one goes before an earlier one, and
// returns each as Load does. A dependency that none of them names is an error.
func LoadAll(sources []Source, dependencies []Dependency, p *input.Problems) (all []*Registry) {
	used := make(map[string]bool)
	for _, src := range sources {
		l := &loader{p: p, dependencies: dependencies, used: used}
		all = append(all, l.load(src))
	}
	for _, d := range dependencies {
		if !used[d.Name] {
			fail(p, ruleDependency, input.Pos{File: d.Source.Name}, "no manifest names a dependency %s: the name is the last part of its schema_url before the version", input.Quote(d.Name))
		}
	}
	return all
}

// loader reads a registry and those that it depends on.
type loader struct {
	p            *input.Problems
	dependencies []Dependency
	active       []string        // names of dependencies that are being read
	used         map[string]bool // names of dependencies that were asked for; nil: nobody wants to know
}

// file is a document of a registry.
type file struct {
	name string
	doc  input.Map
	form string // of file_format; empty: v1
}

func (l *loader) load(src Source) *Registry {
	if len(src.Files) == 0 {
		fail(l.p, ruleForm, input.Pos{File: src.Name}, "no registry: want files *.yaml or *.yml")
	}
	var files []file
	for _, f := range src.Files {
		root := input.LoadWithin(f, limits, l.p)
		if root == nil {
			continue
		}
		doc, ok := root.Map(l.p)
		if !ok {
			continue
		}
		files = append(files, file{name: f.Name, doc: doc, form: doc.Str("file_format", "")})
	}
	for _, f := range files {
		if f.form != resolvedForm {
			continue
		}
		r := &reader{p: l.p, lax: true}
		if slices.ContainsFunc(files, func(other file) bool { return other.name != f.name && !isManifest(other.name) }) {
			fail(l.p, ruleForm, f.doc.At("file_format"), "a resolved registry beside other files: it is one by itself; name the file alone")
			return new(Registry).finish()
		}
		return r.resolved(f.doc)
	}
	return l.folder(src, files)
}

// isManifest reports whether a file is the manifest of a folder by its name.
func isManifest(name string) bool {
	switch strings.TrimSuffix(path.Base(name), path.Ext(name)) {
	case "manifest", "registry_manifest":
		return true
	}
	return false
}
