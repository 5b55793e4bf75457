package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// projectInput is a key of a project that says what is read, and the flag that it
// stands for. One of a flag that there is not is reserved for it.
type projectInput struct {
	key, flag string
	path      bool     // the value is the path of a file or folder, unless it is one of names
	many      bool     // a list, or one
	named     bool     // a name may stand before the path: NAME=PATH
	names     []string // what is bundled goes by these
}

// projectInputs are the keys beside options. A new flag of inputs is a row here.
var projectInputs = []projectInput{
	{key: "prefix", flag: "vendor"},
	{key: "config", flag: "config", path: true, names: []string{input.Bundled}},
	{key: "definitions", flag: "definitions", path: true, many: true, names: []string{input.Bundled, input.Registry}},
	{key: "conventions", flag: "semconv", path: true, names: otelsim.Vocabularies},
	{key: "registries", flag: "registry", path: true, many: true, named: true},
}

// projectOptions are the keys below options, which are flags: those that say what a
// corpus holds and how it is written, not where, nor what is printed.
var projectOptions = []string{
	"scenario", "tags", "each-once", "strict",
	"seed", "count", "segment-iterations", "start", "interval", "interval-deviation", "batch-items",
	"signals", "format", "metric-interval", "temporality", "trace-shape", "content",
	"compression", "zstd-level",
}

// Keys of a project that are not in the tables.
const (
	optionsKey     = "options"
	descriptionKey = "description" // for people
)

// setting is a key of a project with its values, as its flag takes them.
type setting struct {
	key, flag string
	values    []string
	at        []input.Pos // of each value
}

// project is a file that says what one's own system is made from.
type project struct {
	file     input.File
	settings []setting
	decides  map[string]*setting // by flag: what no flag and no variable overrules
}

// projectReader reads a project.
type projectReader struct {
	p     *input.Problems
	out   *project
	dir   string   // paths are relative to it
	flags *flags   // of a command line that holds what the project says, and nothing else
	given *options // what that comes to
}

// readProject reads and checks a project, whatever of it is needed. The result has
// the settings in which nothing is wrong.
func readProject(name string, p *input.Problems) *project {
	path := resolved(name, p)
	out := &project{file: tryFile(path), decides: make(map[string]*setting)}
	root := input.Load(out.file, p)
	if root == nil {
		return out
	}
	r := projectReader{p: p, out: out, dir: filepath.Dir(path), given: new(options)}
	r.flags = newFlags(r.given)
	m, ok := root.Map(p)
	if !ok {
		return out
	}
	r.unknown(m, projectKeys(), false)
	m.Str(descriptionKey, "")
	for _, in := range projectInputs {
		if n := m.Get(in.key); n != nil {
			r.input(in, n)
		}
	}
	if o, ok := m.Map(optionsKey); ok {
		r.unknown(o, projectOptions, true)
		for _, flag := range projectOptions {
			if n := o.Get(flag); n != nil {
				r.option(flag, n)
			}
		}
	}
	r.faults()
	return out
}

func projectKeys() (keys []string) {
	for _, in := range projectInputs {
		keys = append(keys, in.key)
	}
	return append(keys, optionsKey, descriptionKey)
}

// unknown tells of keys that are not allowed, and where what is meant stands.
func (r *projectReader) unknown(m input.Map, allowed []string, below bool) {
	for _, e := range m.Entries() {
		name := strings.ReplaceAll(e.Key, "_", "-")
		i := slices.IndexFunc(projectInputs, func(in projectInput) bool { return name == in.flag || name == in.key })
		flag := r.flags.set.Lookup(name)
		if i < 0 && flag != nil { // as an alias
			i = slices.IndexFunc(projectInputs, func(in projectInput) bool { return flag.Name == in.flag })
		}
		switch {
		case slices.Contains(allowed, e.Key):
		case below && i >= 0:
			r.p.Errorf(e.Pos, "unknown key %s; %s stands beside %s, not below", input.Quote(e.Key), projectInputs[i].key, optionsKey)
		case i >= 0:
			r.p.Errorf(e.Pos, "unknown key %s; did you mean %q?", input.Quote(e.Key), projectInputs[i].key)
		case !below && slices.Contains(projectOptions, name):
			r.p.Errorf(e.Pos, "unknown key %s; %s stands below %s", input.Quote(e.Key), name, optionsKey)
		case flag != nil && !slices.Contains(projectOptions, name):
			r.p.Errorf(e.Pos, "unknown key %s; --%s is for the command line only", input.Quote(e.Key), flag.Name)
		default:
			r.p.Errorf(e.Pos, "%s", input.Unknown("key", e.Key, allowed))
		}
	}
}

// input reads a key that says what is read.
func (r *projectReader) input(in projectInput, n *input.Node) {
	if r.flags.set.Lookup(in.flag) == nil {
		n.Fail(r.p, "reserved: this version has no --%s", in.flag)
		return
	}
	items := []*input.Node{n}
	if n.Kind == input.List && in.many {
		if items, _ = n.List(r.p); len(items) == 0 {
			n.Fail(r.p, "empty; leave it out for what is bundled")
		}
	}
	s := setting{key: in.key, flag: in.flag}
	for _, item := range items {
		if value, ok := r.value(in, item); ok {
			s.values, s.at = append(s.values, value), append(s.at, item.Pos)
		}
	}
	r.add(s)
}

// value reads one value of a key that says what is read.
func (r *projectReader) value(in projectInput, item *input.Node) (string, bool) {
	value, ok := item.Str(r.p)
	value = strings.TrimSpace(value)
	switch {
	case !ok:
		return "", false
	case value == "":
		item.Fail(r.p, "empty; leave it out for what is bundled")
		return "", false
	case !in.path || slices.Contains(in.names, value):
		return value, true
	}
	before, after, named := strings.Cut(value, "=")
	if !named || !in.named || strings.ContainsAny(before, `/\`) {
		return r.path(item, value)
	}
	path, ok := r.path(item, after)
	return before + "=" + path, ok
}

// path returns a path that is relative to the project as one that is relative to
// the working directory. It has a separator, so that it is none of the names that
// bundled files go by.
func (r *projectReader) path(n *input.Node, value string) (path string, ok bool) {
	path = filepath.FromSlash(value)
	if !filepath.IsAbs(path) {
		path = r.dir + string(filepath.Separator) + path
	}
	path, err := foreign.Resolve(path)
	if err != nil {
		n.Fail(r.p, "%v", err)
		return "", false
	}
	if !strings.ContainsRune(path, filepath.Separator) {
		path = "." + string(filepath.Separator) + path
	}
	return path, true
}

// option reads a key below options, as its flag is read.
func (r *projectReader) option(flag string, n *input.Node) {
	s := setting{key: optionsKey + "." + flag, flag: flag}
	lists := flag == "scenario" || flag == "tags" || flag == "signals"
	items := []*input.Node{n}
	if n.Kind == input.List && lists {
		if items, _ = n.List(r.p); len(items) == 0 {
			n.Fail(r.p, "empty; leave it out for all")
		}
	}
	for _, item := range items {
		switch {
		case item.Kind == input.Mapping || item.Kind == input.List:
			item.Fail(r.p, "found %s, want a value as --%s takes it", item.Describe(), flag)
		case r.flags.set.Lookup(flag).Value.Type() == "bool":
			if yes, ok := item.Bool(r.p); ok {
				s.values, s.at = append(s.values, fmt.Sprint(yes)), append(s.at, item.Pos)
			}
		case strings.TrimSpace(item.Text()) == "":
			item.Fail(r.p, "empty")
		default:
			s.values, s.at = append(s.values, strings.TrimSpace(item.Text())), append(s.at, item.Pos)
		}
	}
	if flag == "signals" && len(s.values) > 0 {
		s.values, s.at = []string{strings.Join(s.values, ",")}, []input.Pos{n.Pos}
	}
	r.add(s)
}

// add keeps a setting, if its flag takes the values.
func (r *projectReader) add(s setting) {
	good := len(s.values) > 0
	for i, value := range s.values {
		if err := cmdline.Set(r.flags.set.Lookup(s.flag), value); err != nil {
			r.p.Errorf(s.at[i], "%s: %s: %v", s.key, cmdline.Word(value), err)
			good = false
		}
	}
	if good {
		r.out.settings = append(r.out.settings, s)
	}
}

// faults holds what the project says to what is asked of flags.
func (r *projectReader) faults() {
	r.given.set = make(map[string]bool)
	for _, s := range r.out.settings {
		r.given.set[s.flag] = true
	}
	for _, f := range append(r.given.ranges(), r.given.conflicts()...) {
		i := slices.IndexFunc(r.out.settings, func(s setting) bool { return s.flag == f.flag })
		if i < 0 {
			continue // of the defaults
		}
		s := r.out.settings[i]
		r.p.Errorf(s.at[0], "%s: %s", s.key, f.text)
		r.out.settings = slices.Delete(r.out.settings, i, i+1)
	}
}
