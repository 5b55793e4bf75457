package otelsim

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/definitions"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/semconv"
)

// Inputs are input files: their bytes, and the names that messages give them. A
// part that has neither name nor bytes is the bundled one.
type Inputs struct {
	Config      File   // config.yaml: tenants, agents, tools, models; may extend the bundled one
	Resource    File   // resource.yaml, likewise; bundled only when Config is, or extends it
	Conventions File   // semconv.yaml, or one of BundledConventions
	Definitions []File // scenarios; nil: the bundled ones
	WithBundled bool   // Definitions are beside the bundled ones, not in their place

	// Registry is what the attributes of systems are held to, and what says which ones
	// their spans have to have; nil: the bundled one. registry.Load reads one, which is
	// to be laid over that: registry.Layer(registry.Bundled(), own).
	Registry *registry.Registry
	// Corpus is a registry of which one scenario more, named registry, has everything:
	// each of its types of spans, its metrics, events and entities; nil: none. It is
	// beside Definitions, which are then never nil for the bundled ones.
	Corpus *registry.Registry
}

// File is one input file.
type File = input.File

// ReadInputs reads inputs from a folder with config.yaml, resource.yaml,
// semconv.yaml and the folder definitions, of which each may be missing: what
// is not there is bundled. Files are *.yaml and *.yml, at any depth, in byte
// order; hidden ones are left out.
func ReadInputs(dir fs.FS) (in Inputs, err error) {
	for name, file := range map[string]*File{"config.yaml": &in.Config, "resource.yaml": &in.Resource, "semconv.yaml": &in.Conventions} {
		if data, err := fs.ReadFile(dir, name); err == nil {
			*file = File{Name: name, Data: data}
		} else if _, missing := fs.Stat(dir, name); missing == nil {
			return in, fmt.Errorf("read inputs: %w", err)
		}
	}
	if _, err := fs.Stat(dir, "definitions"); err != nil {
		return in, nil
	}
	in.Definitions, err = readAll(dir, "definitions", "")
	return in, err
}

// readAll reads every YAML file below a folder; shown stands before their names.
func readAll(dir fs.FS, folder, shown string) (files []File, err error) {
	err = fs.WalkDir(dir, folder, func(name string, d fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(base, ".") && name != folder && d.IsDir():
			return fs.SkipDir
		case d.IsDir(), strings.HasPrefix(base, "."), path.Ext(base) != ".yaml" && path.Ext(base) != ".yml":
			return nil
		}
		data, err := fs.ReadFile(dir, name)
		files = append(files, File{Name: path.Join(shown, name), Data: data})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read inputs: %w", err)
	}
	return files, nil
}

// bundledName is what the names of bundled files begin with.
const bundledName = "bundled"

// complete returns the files with the bundled ones in place of those that are
// not given.
func (in Inputs) complete() build.Inputs {
	given := func(f *File) bool { return f.Name != "" || f.Data != nil || f.Err != nil }
	if in.Corpus != nil {
		in.Definitions = append(slices.Clone(in.Definitions), build.RegistryScenario(in.Corpus))
	}
	out := build.Inputs{Config: in.Config, Resource: in.Resource, Semconv: in.Conventions, Definitions: in.Definitions, Registry: in.Registry}
	out.OwnConfig = given(&in.Config)
	baseConfig, baseResource := bundledFile("config.yaml"), bundledFile("resource.yaml")
	switch {
	case given(&in.Resource):
	case out.OwnConfig: // else the bundled one where the config is laid over its like
		out.Resource = File{Name: path.Join(path.Dir(in.Config.Name), "resource.yaml"), Err: fmt.Errorf("read file: %w", fs.ErrNotExist)}
	default:
		out.Resource = baseResource
	}
	if !out.OwnConfig {
		out.Config = baseConfig
	}
	out.Config.Base, out.Resource.Base = &baseConfig, &baseResource
	if !given(&in.Conventions) {
		out.Semconv = bundledFile("semconv.yaml")
	}
	// Those of a corpus say what its systems emit: that is worked out anew.
	out.Semconv.Data = semconv.WithoutSystems(out.Semconv.Data)
	if in.Definitions == nil || in.WithBundled {
		out.Bundled, out.Own = true, in.Definitions
		out.Definitions = bundledDefinitions()
	}
	return out
}

// bundledDefinitions returns the embedded files of scenarios.
func bundledDefinitions() []File {
	files, _ := readAll(definitions.FS, ".", bundledName+"/definitions") // embedded: they are there
	return files
}

// Vocabularies are the names of the bundled conventions: one story in several
// words. The first is what is taken where no conventions are given.
var Vocabularies = []string{"vendor", "genai"}

// BundledConventions returns the bundled conventions of a name, and whether there
// are any.
func BundledConventions(vocabulary string) (File, bool) {
	switch vocabulary {
	case "vendor":
		return bundledFile("semconv.yaml"), true
	case "genai":
		return bundledFile("semconv-genai.yaml"), true
	}
	return File{}, false
}

// bundledFile returns an embedded file of the folder config.
func bundledFile(name string) File {
	data, _ := config.FS.ReadFile(name) // embedded: it is there
	return File{Name: path.Join(bundledName, "config", name), Data: data}
}

// AllBundled reports whether no file is the caller's, nor the registry.
func (in Inputs) AllBundled() bool {
	c := in.complete()
	return c.Bundled && len(c.Own) == 0 && c.Registry == nil && !c.OwnConfig && strings.HasPrefix(c.Semconv.Name, bundledName+"/")
}
