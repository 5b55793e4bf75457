package scenario

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// maxLayers is how many scenarios can be laid over each other, beside the lowest.
const maxLayers = 8

// document loads a scenario's file. One that extends a scenario of services is laid
// over it, as a config is over the bundled one. Problems of the other's file are
// told where that is read, and not here.
func (l *loader) document(f input.File) *input.Node {
	return l.laidOver(f, nil, l.p)
}

// laidOver is document. over are the names of the scenarios that led to the file,
// p takes the problems of the file itself.
func (l *loader) laidOver(f input.File, over []string, p *input.Problems) *input.Node {
	root := input.Load(f, p)
	if root == nil {
		return nil
	}
	m, ok := root.Map(&input.Problems{})
	if !ok || !m.Has("extends") {
		return root
	}
	m, _ = root.Map(p)
	wanted := m.Need("extends")
	if wanted == "" {
		return nil
	}
	over = append(slices.Clone(over), nameOf(f, root))
	if slices.Contains(over, wanted) {
		m.Fail("extends", "comes back to itself: %s", strings.Join(append(over, wanted), " > "))
		return nil
	}
	if len(over) > maxLayers {
		m.Fail("extends", "%d scenarios, each over the next, are more than the limit of %d", len(over)+1, maxLayers)
		return nil
	}
	base, found := l.fileOf(wanted)
	if !found {
		m.Fail("extends", "%s (--definitions bundled adds those that come with the program)",
			input.Unknown("scenario", wanted, l.fileNames(f)))
		return nil
	}
	var told input.Problems
	under := l.laidOver(base, over, &told)
	if under == nil {
		p.Join(&told) // the same that reading it says: equal problems are one
		return nil
	}
	if top, ok := under.Map(&told); !ok || !top.Has("services") {
		m.Fail("extends", "scenario %s has no services; only systems can be extended", input.Quote(wanted))
		return nil
	}
	return input.LayOver(under, root, p, "name", "description")
}

// nameOf returns what a file calls its scenario.
func nameOf(f input.File, root *input.Node) string {
	if m, ok := root.Map(&input.Problems{}); ok && m.Get("name") != nil {
		if s, ok := m.Get("name").Str(&input.Problems{}); ok {
			return strings.TrimSpace(s)
		}
	}
	return stem(f.Name)
}

// fileOf returns the file of a scenario. The one that is called so is looked at
// first, since for all others the files have to be read.
func (l *loader) fileOf(wanted string) (input.File, bool) {
	for _, f := range l.files {
		if stem(f.Name) != wanted {
			continue
		}
		if root := input.Load(f, &input.Problems{}); root == nil || nameOf(f, root) == wanted {
			return f, true
		}
	}
	for _, x := range l.allNamed() {
		if x.name == wanted {
			return x.file, true
		}
	}
	return input.File{}, false
}

// namedFile is a file of a scenario.
type namedFile struct {
	file   input.File
	name   string
	system bool // it has services, or is laid over another
}

// allNamed looks into all files, once.
func (l *loader) allNamed() []namedFile {
	for _, f := range l.files[len(l.named):] {
		x := namedFile{file: f, name: stem(f.Name)}
		if root := input.Load(f, &input.Problems{}); root != nil {
			m, ok := root.Map(&input.Problems{})
			x.name, x.system = nameOf(f, root), ok && (m.Has("services") || m.Has("extends"))
		}
		l.named = append(l.named, x)
	}
	return l.named
}

// fileNames returns the names of the systems in files but one.
func (l *loader) fileNames(but input.File) (names []string) {
	for _, x := range l.allNamed() {
		if x.system && x.file.Name != but.Name {
			names = append(names, x.name)
		}
	}
	return names
}
