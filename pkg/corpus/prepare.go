package corpus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
)

// prepare makes the directory ready for the segments to be written: it refuses
// what it must not touch, takes up what was begun, and removes what is left of
// other runs. A corpus that is finished already is returned.
func (w *writer) prepare(ctx context.Context) (*Manifest, error) {
	h, err := recognise(w.disk)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", w.disk.dir, err)
	}
	if name, why := h.stray(); name != "" {
		return nil, w.exists(name+", "+why, false, false)
	}
	sharded := w.o.Shard.sharded()
	switch {
	case h.finished && (w.o.Resume || sharded):
		if w.o.Force {
			return nil, w.exists("a finished corpus, which a shard cannot replace", false, false)
		}
		return w.keep(h.contents)
	case h.bare():
		err = w.begin(ctx)
	case !sharded && (w.o.Force || w.o.Resume && h.replacing && !h.begun):
		err = w.replace(h)
	case h.finished:
		err = w.exists("a finished corpus", false, true)
	case !h.begun:
		err = w.exists("a corpus that was being replaced", !sharded, true)
	case w.o.Resume || sharded:
		err = w.takeUp(ctx)
	default:
		p, perr := readPartial(w.disk)
		same := perr == nil && mismatch("", p.fields(), w.plan.fields()) == nil
		err = w.exists("an interrupted corpus", same, true)
	}
	if err != nil {
		return nil, err
	}
	if err := w.sweep(h.contents); err != nil {
		return nil, err
	}
	return nil, w.disk.write(ConventionsFile, w.o.Conventions)
}

// exists says what keeps the directory from being written.
func (w *writer) exists(holds string, canResume, canReplace bool) error {
	return &ExistsError{Dir: w.disk.dir, Holds: holds, CanResume: canResume, CanReplace: canReplace && !w.o.Shard.sharded()}
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
		if f.class == classTmp || f.class == classPart || f.name == journalFile || f.name == replacedFile {
			names = append(names, f.name)
		}
	}
	// It goes last, since it tells whose the others are.
	if err := removeInOrder(d, append(names, partialFile)...); err != nil {
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
func (w *writer) begin(ctx context.Context) error {
	err := w.disk.publish(partialFile, w.plan.encode())
	if err == nil || errors.Is(err, fs.ErrExist) && w.o.Shard.sharded() {
		return w.takeUp(ctx)
	}
	return err
}

// takeUp reads what is known of a corpus under way, which must be the one
// wanted.
func (w *writer) takeUp(ctx context.Context) error {
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
		return w.rewriteJournal(ctx)
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
	return w.rewriteJournal(ctx)
}

// rewriteJournal puts what is known in place of the journal, whose last line
// may be torn.
func (w *writer) rewriteJournal(ctx context.Context) error {
	var data []byte
	for _, segment := range slices.Sorted(maps.Keys(w.known)) {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("write corpus: stopped before the first segment: %w", err)
		}
		f := w.known[segment]
		data = append(data, journalLine(&f)...)
	}
	return w.disk.write(w.o.Shard.journal(), data)
}

// replace turns a corpus, finished or not, into the beginning of the one
// wanted, and removes its files: all that h owns. At any moment there is one
// file that says which those are, so that a run that is killed here can be
// repeated: partial.json, or the manifest under a name that makes no corpus of
// the rest.
func (w *writer) replace(h *holding) error {
	if h.finished {
		if err := w.removeAll(partialFile); err != nil { // which a kill at the very end left
			return err
		}
		if err := w.disk.move(ManifestFile, replacedFile); err != nil {
			return fmt.Errorf("replace corpus: %w", err)
		}
	}
	var names []string
	for _, f := range h.files {
		switch {
		case f.class == classLock, f.name == ManifestFile, f.name == partialFile, f.name == replacedFile:
		default:
			names = append(names, f.name)
		}
	}
	if err := w.removeAll(names...); err != nil {
		return err
	}
	for _, folder := range folders() {
		if err := removeEmpty(w.disk, folder); err != nil {
			return err
		}
	}
	if err := w.disk.write(partialFile, w.plan.encode()); err != nil {
		return err
	}
	return w.removeAll(replacedFile)
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
		case f.name == replacedFile && !w.o.Shard.sharded():
			names = append(names, f.name)
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
