package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// readDefinitions reads the definitions of all sources: folders, files, and the
// word that keeps the bundled ones. Files are in byte order of their paths with
// slashes, which is the same on every system and for every order of the sources;
// one that two sources name is read once. Without sources the result is nil: the
// bundled ones.
func readDefinitions(sources []origin, p *input.Problems) (files []input.File, withBundled bool) {
	if len(sources) == 0 {
		return nil, false
	}
	var names []string
	for _, s := range sources {
		switch s.name {
		case input.Bundled:
			withBundled = true
			continue
		case input.Registry: // whose scenario is made later
			continue
		}
		names = append(names, findDefinitions(s, p)...)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Compare(filepath.ToSlash(a), filepath.ToSlash(b))
	})
	files = []input.File{} // even if there is none: they are not the bundled ones
	taken := make(map[string]bool)
	for _, name := range names {
		if path := absolute(name); !taken[path] {
			taken[path] = true
			files = append(files, tryFile(name)) // a scenario may be asked for that is in another
		}
	}
	return files, withBundled
}

// wantsRegistry reports whether a scenario of all that the registries have is asked for.
func (o *options) wantsRegistry() bool {
	return slices.ContainsFunc(o.definitionSources(), func(s origin) bool { return s.name == input.Registry })
}

// absolute returns what tells one path from another that is spelt otherwise.
func absolute(name string) string {
	if path, err := filepath.Abs(name); err == nil {
		return path
	}
	return name
}

// findDefinitions returns the names of the definitions of one source, which is a
// file or a folder. A file may have any name, since it was asked for.
func findDefinitions(s origin, p *input.Problems) []string {
	name := resolved(s.name, p)
	switch info, err := os.Stat(name); {
	case err != nil:
		s.fail(p, name, "read definitions: %v%s", reason(err), meant(name))
		return nil
	case !info.IsDir():
		return []string{name}
	}
	before := p.Found()
	names := listDefinitions(name, p)
	if len(names) == 0 && p.Found() == before {
		s.fail(p, name, "no definitions: want files *.yaml or *.yml")
	}
	return names
}

// meant says what may have been meant by the name of a source that is not there.
func meant(name string) string {
	if near, ok := text.Nearest(filepath.Base(name), []string{input.Bundled, input.Registry}); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	if strings.Contains(name, ",") {
		return "; it takes one name: several are a list in a project, and several flags"
	}
	return ""
}

// listDefinitions lists the definitions below dir. Hidden entries are left
// out: editors keep copies in them, and mounted configuration its versions.
func listDefinitions(dir string, p *input.Problems) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		p.Errorf(input.Pos{File: shown(dir)}, "read folder: %v", reason(err))
		return nil
	}
	var names []string
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			names = append(names, listDefinitions(name, p)...)
		case isYAML(e.Name()) && e.Type()&^fs.ModeSymlink != 0:
			p.Errorf(input.Pos{File: shown(name)}, "neither a file nor a folder")
		case isYAML(e.Name()):
			names = append(names, name)
		case e.Type()&fs.ModeSymlink != 0:
			// A link to a folder could lead back to where we are, and must
			// not look as if its scenarios had been read.
			if info, err := os.Stat(name); err == nil && info.IsDir() {
				p.Errorf(input.Pos{File: shown(name)}, "link to a folder: links are followed to files only")
			}
		}
	}
	return names
}

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}
