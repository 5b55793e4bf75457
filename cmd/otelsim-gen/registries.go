package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
)

// Limits of registries: a published one holds the prose of all definitions.
const (
	maxRegistryFile = 16 << 20
	maxRegistry     = 64 << 20 // all files of a folder
)

// readRegistries reads the files of what --registry names: registries, and under
// NAME=PATH what those depend on.
func (o *options) readRegistries(p *input.Problems) (sources []registry.Source, dependencies []registry.Dependency) {
	for _, value := range o.registries {
		name, path, named := strings.Cut(value, "=")
		if _, err := os.Stat(value); !named || err == nil || strings.ContainsAny(name, `/\`) {
			sources = append(sources, readRegistry(value, p))
			continue
		}
		if name == "" || path == "" {
			p.Errorf(input.Pos{File: "--registry"}, "%s: want NAME=PATH of a registry that others depend on", text.Quote(value, 200))
			continue
		}
		dependencies = append(dependencies, registry.Dependency{Name: name, Source: readRegistry(path, p)})
	}
	if len(sources) == 0 && len(dependencies) > 0 && p.Errors() == 0 {
		p.Errorf(input.Pos{File: "--registry"}, "NAME=PATH is what a registry depends on: name that registry too, as --registry PATH")
	}
	return sources, dependencies
}

// readRegistry reads a file, or all *.yaml and *.yml of a folder.
func readRegistry(name string, p *input.Problems) registry.Source {
	path := resolved(name, p)
	src := registry.Source{Name: shown(name)}
	names := []string{path}
	switch info, err := os.Stat(path); {
	case err != nil:
		p.Errorf(input.Pos{File: shown(path)}, "read registry: %v", reason(err))
		return src
	case info.IsDir():
		names = listDefinitions(path, p)
		slices.SortFunc(names, func(a, b string) int { return cmp.Compare(filepath.ToSlash(a), filepath.ToSlash(b)) })
	}
	room := maxRegistry
	for _, name := range names {
		f := input.File{Name: shown(name)}
		f.Data, f.Err = foreign.Append(nil, name, int64(min(maxRegistryFile, room)))
		switch {
		case errors.Is(f.Err, foreign.ErrLimit):
			f.Err = fmt.Errorf("file is larger than the limit of %d bytes, or the registry than %d", maxRegistryFile, maxRegistry)
		case f.Err != nil:
			f.Err = fmt.Errorf("read file: %w", reason(f.Err))
		}
		room -= len(f.Data)
		src.Files = append(src.Files, f)
	}
	return src
}

// layeredRegistries reads the registries that the flags or the project name, and
// returns them above the bundled ones; nil: none is named. Of such that are wrong it
// returns what could be made of them; readable is false when that is nothing: no
// scenario is to be held to it. validate holds each to the rules of registries,
// beside those that it is laid over, and prints for each what it has.
func (a *app) layeredRegistries(p *input.Problems) (layered *registry.Registry, readable bool) {
	before := p.Found()
	sources, dependencies := a.readRegistries(p)
	if len(a.registries) == 0 {
		return nil, true
	}
	if p.Found() > before {
		return nil, false
	}
	below, all := registry.Bundled(), registry.LoadAll(sources, dependencies, p)
	wrong := p.Found() > before
	for i, r := range all {
		if wrong && r.Empty() {
			return nil, false
		}
		if a.verb == verbValidate {
			registry.Lint(r, below, p)
			a.registryLines = append(a.registryLines, contentOf(sources[i].Name, r))
		}
		below = registry.Layer(below, r)
	}
	a.own = registry.Layer(all...)
	return below, true
}

// contentOf says what a registry has.
func contentOf(name string, r *registry.Registry) string {
	line := fmt.Sprintf("registry %s", name)
	if r.SchemaURL != "" {
		line += " (" + r.SchemaURL + ")"
	}
	return fmt.Sprintf("%s: %s, %s, %s, %s, %s", line, text.Counted(len(r.Attributes), "attribute"), text.Counted(len(r.Spans), "span type"),
		text.Counted(len(r.Metrics), "metric"), text.Counted(len(r.Events), "event"), text.Counted(len(r.Entities), "entity type"))
}
