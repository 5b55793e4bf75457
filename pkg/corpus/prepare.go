package corpus

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// prepare makes the directory ready for the segments to be written: it refuses
// what it must not touch, takes up what was begun, and removes what is left of
// other runs. A corpus that is finished already is returned.
func (w *writer) prepare() (*Manifest, error) {
	c, err := inspect(w.disk)
	if err != nil {
		return nil, err
	}
	if c.foreign != "" {
		return nil, w.refuseForeign(c)
	}
	switch {
	case c.manifest && (w.o.Resume || w.o.Shard.sharded()):
		if w.o.Force {
			return nil, fmt.Errorf("write %s: %w: it holds a finished corpus, which a shard cannot replace", w.disk.dir, ErrExists)
		}
		return w.keep(c)
	case c.bare():
		err = w.begin()
	case w.o.Force && !w.o.Shard.sharded():
		err = w.replace(c)
	case c.manifest:
		err = fmt.Errorf("write %s: %w: it holds a finished corpus", w.disk.dir, ErrExists)
	case !c.partial:
		err = fmt.Errorf("write %s: %w: it holds %s, but neither manifest nor partial.json", w.disk.dir, ErrExists, c.files[0].name)
	case w.o.Resume || w.o.Shard.sharded():
		err = w.takeUp()
	default:
		err = fmt.Errorf("write %s: %w: it holds an interrupted corpus", w.disk.dir, ErrExists)
	}
	if err != nil {
		return nil, err
	}
	if err := w.sweep(c); err != nil {
		return nil, err
	}
	return nil, w.disk.write(ConventionsFile, w.o.Conventions)
}

func (w *writer) refuseForeign(c *contents) error {
	return fmt.Errorf("write %s: %w: it holds %s, which is no part of a corpus", w.disk.dir, ErrExists, c.foreign)
}

// keep checks that the finished corpus in the directory is the one wanted and
// removes what a run that was killed at its very end left behind.
func (w *writer) keep(c *contents) (*Manifest, error) {
	have, err := Open(w.disk.dir)
	if err != nil {
		return nil, err
	}
	if err := mismatch("the corpus in "+w.disk.dir, have.manifest.fields(), w.o.Header.fields()); err != nil {
		return nil, err
	}
	return have.manifest, removeLeftovers(w.disk, c)
}

// removeLeftovers removes what belongs to a corpus under way only.
func removeLeftovers(d *disk, c *contents) error {
	var names []string
	for _, f := range c.files {
		if f.class == classTmp || f.class == classPart || f.name == partialFile || f.name == journalFile {
			names = append(names, f.name)
		}
	}
	if err := removeAll(d, names...); err != nil {
		return err
	}
	return removeEmpty(d, partsDir)
}

// removeEmpty removes a folder if it is there, and empty.
func removeEmpty(d *disk, folder string) error {
	es, err := os.ReadDir(d.path(folder))
	if err == nil && len(es) == 0 {
		return d.remove(folder)
	}
	return nil
}

// begin says in an empty directory what is being written. Of several shards
// that do it at once the first one's word counts.
func (w *writer) begin() error {
	err := w.disk.publish(partialFile, w.plan.encode())
	if err == nil || errors.Is(err, fs.ErrExist) && w.o.Shard.sharded() {
		return w.takeUp()
	}
	return err
}

// takeUp reads what is known of a corpus under way, which must be the one
// wanted.
func (w *writer) takeUp() error {
	have, err := readPartial(w.disk)
	if err != nil {
		return fmt.Errorf("write %s: %w", w.disk.dir, err)
	}
	if err := mismatch("the corpus begun in "+w.disk.dir, have.fields(), w.plan.fields()); err != nil {
		return err
	}
	if w.o.Force {
		w.known = nil
		return w.removeAll(w.o.Shard.part(), w.o.Shard.journal())
	}
	if w.known, err = readJournal(w.disk, &w.plan, w.o.Shard); err != nil {
		return err
	}
	if !w.o.Shard.sharded() {
		return w.rewriteJournal()
	}
	// A damaged part is one that is written again.
	if p, err := readPart(w.disk, w.o.Shard.part()); err == nil && p.shard() == w.o.Shard {
		for _, f := range p.Segments {
			w.known[f.Info.Segment] = f
		}
	}
	if err := w.disk.mkdir(partsDir); err != nil {
		return fmt.Errorf("create folder: %w", err)
	}
	return w.rewriteJournal()
}

// rewriteJournal puts what is known in place of the journal, whose last line
// may be torn.
func (w *writer) rewriteJournal() error {
	var data []byte
	for k := range w.o.Shard.segments(w.plan.Options.Segments()) {
		if f, ok := w.known[w.o.Shard.segment(k)]; ok {
			data = append(data, journalLine(&f)...)
		}
	}
	return w.disk.write(w.o.Shard.journal(), data)
}

// replace turns a corpus, finished or not, into the beginning of the one
// wanted. The manifest goes first: without it nothing can take the rest for a
// corpus; then the new partial.json says what comes.
func (w *writer) replace(c *contents) error {
	if c.manifest {
		if err := checkReplaceable(w.disk); err != nil {
			return err
		}
	}
	names := []string{ManifestFile, SumsFile, BuildInfoFile, journalFile}
	for _, f := range c.files {
		if f.class == classPart {
			names = append(names, f.name)
		}
	}
	if err := w.removeAll(names...); err != nil {
		return err
	}
	if err := removeEmpty(w.disk, partsDir); err != nil {
		return err
	}
	return w.disk.write(partialFile, w.plan.encode())
}

// checkReplaceable refuses a manifest.json that some other program may have
// written. It may be damaged, or of another version, as long as it is ours.
func checkReplaceable(d *disk) error {
	data, err := d.read(nil, ManifestFile, maxManifestBytes)
	if err != nil {
		return fmt.Errorf("read manifest: %w", err)
	}
	var m struct {
		FormatVersion *int              `json:"format_version"`
		Segments      []json.RawMessage `json:"segments"`
	}
	if err := json.Unmarshal(data, &m); err != nil || m.FormatVersion == nil || m.Segments == nil {
		return fmt.Errorf("write %s: %w: its %s is not a corpus's", d.dir, ErrExists, ManifestFile)
	}
	return nil
}

// sweep removes the segment files that are not known to be good, and what
// interrupted writes left behind. A shard sweeps only after itself.
func (w *writer) sweep(c *contents) error {
	keep := make(map[string]bool)
	for _, f := range w.known {
		for _, file := range f.Written {
			keep[file.File] = true
		}
	}
	var names []string
	for _, f := range c.files {
		switch {
		case f.class != classSegment && f.class != classTmp || keep[f.name]:
			continue
		case f.hasSeg && w.o.Shard.owns(f.segment),
			!w.o.Shard.sharded():
			names = append(names, f.name)
		}
	}
	if err := w.removeAll(names...); err != nil {
		return err
	}
	if w.o.Shard.sharded() {
		return nil
	}
	for _, folder := range folders() {
		if err := removeEmpty(w.disk, folder); err != nil {
			return err
		}
	}
	return nil
}
