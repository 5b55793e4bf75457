package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// contents is what a directory holds, by name.
type contents struct {
	files    []entry
	foreign  string // a name that no corpus has, if there is one
	manifest bool
	partial  bool
}

// entry is one file of a directory.
type entry struct {
	name    string // slash-separated
	class   fileClass
	segment uint64 // of a segment file or its temporary, if hasSeg
	hasSeg  bool
	bytes   int64
}

// inspect lists a directory and the folders that a corpus has. An absent one
// is empty.
func inspect(d *disk) (*contents, error) {
	c := new(contents)
	if err := c.list(d, ""); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list %s: %w", d.dir, err)
	}
	if !c.partial {
		// A listing that another shard interrupts may show what came later and
		// not this, which came first.
		_, err := os.Lstat(d.path(partialFile))
		c.partial = err == nil
	}
	return c, nil
}

func folders() []string {
	names := []string{partsDir}
	for sig := range otlp.Signal(otlp.NumSignals) {
		names = append(names, sig.String())
	}
	return names
}

func (c *contents) list(d *disk, folder string) error {
	dir := d.dir
	if folder != "" {
		dir = d.path(folder)
		folder += "/"
	}
	es, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range es {
		name := folder + e.Name()
		if e.IsDir() && slices.Contains(folders(), name) {
			// It may vanish in between, when shards work here.
			if err := c.list(d, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			continue
		}
		c.add(name, e)
	}
	return nil
}

func (c *contents) add(name string, e fs.DirEntry) {
	f := entry{name: name}
	if info, err := e.Info(); err != nil {
		return // gone since
	} else if info.Mode().IsRegular() {
		f.bytes = info.Size()
		f.class, f.segment, f.hasSeg = classify(name)
		if f.class == classLock && f.bytes > 0 {
			f.class = classForeign // ours are empty
		}
	}
	c.files = append(c.files, f)
	switch {
	case f.class == classForeign && c.foreign == "":
		c.foreign = name
	case name == ManifestFile:
		c.manifest = true
	case name == partialFile:
		c.partial = true
	}
}

// bare reports whether there is nothing but what a run that was killed at its
// very beginning leaves behind.
func (c *contents) bare() bool {
	for _, f := range c.files {
		if f.class != classLock && f.class != classTmp {
			return false
		}
	}
	return true
}
