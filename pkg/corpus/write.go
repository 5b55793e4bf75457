package corpus

import (
	"context"
	"errors"
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/pipeline"
)

// Fill writes the content of one segment into seg, which is empty. It is a
// function of the segment alone; one goroutine uses it.
type Fill func(segment uint64, seg *otlp.Segment) error

// WriteOptions says what to write, and where.
type WriteOptions struct {
	Dir    string // made if it is not there
	Header Header // its format version is set by Write

	Conventions []byte // becomes conventions.yaml; not changed, as is BuildInfo
	BuildInfo   []byte // becomes build-info.json

	Compression Compression // the zero value: none
	Level       Level       // the zero value: fastest
	Workers     int         // segments at a time, at least 1; changes no byte
	Shard       Shard       // the zero value: one run writes all

	// Resume completes an interrupted corpus; Force replaces a corpus. Without
	// either the directory must be absent or empty, except for shards: they
	// join, and complete, what other shards of the same corpus began.
	Resume, Force bool

	// NewFill returns the Fill of one worker.
	NewFill func() (Fill, error)
	// Progress, when set, is told after each segment, from one goroutine, how
	// many segments are there, how many there will be, and how many of those that
	// are there were kept.
	Progress func(done, total, kept uint64)

	hook func(op, name string) error // see disk
}

// Write writes a corpus, or one shard of it, and returns its manifest, which
// for a shard has only the segments that the shard owns.
//
// When it fails, or ctx is done, the segments under way are finished first and
// the directory can be resumed, unless the error says that nothing was written:
// ErrExists, ErrMismatch, ErrLocked and ErrVersion do. Resuming a corpus that
// is finished changes nothing.
func Write(ctx context.Context, o WriteOptions) (*Manifest, error) {
	w, err := newWriter(o)
	if err != nil {
		return nil, err
	}
	// A directory that cannot be a corpus is left alone, without so much as a
	// lock in it.
	if c, err := inspect(w.disk); err != nil {
		return nil, err
	} else if c.foreign != "" {
		return nil, w.exists(c.foreign+", which is no part of a corpus", false, false)
	}
	if err := w.disk.mkdir(""); err != nil {
		return nil, fmt.Errorf("create corpus: %w", err)
	}
	unlock, err := lockDir(w.disk, o.Shard)
	if err != nil {
		return nil, err
	}
	m, err := w.write(ctx)
	if err = errors.Join(err, unlock()); err != nil {
		return nil, err
	}
	return m, nil
}

// writer is one Write.
type writer struct {
	o     WriteOptions
	disk  *disk
	plan  partial             // what is to be written
	known map[uint64]finished // found in the directory, not yet checked
}

func newWriter(o WriteOptions) (*writer, error) {
	o.Header.FormatVersion = FormatVersion
	if o.Header.Scenarios == nil {
		o.Header.Scenarios = []Scenario{}
	}
	d, err := openDisk(o.Dir, o.hook)
	if err != nil {
		return nil, fmt.Errorf("write corpus: %w", err)
	}
	w := &writer{o: o, disk: d}
	w.plan = partial{o.Header, storage{
		Compression: o.Compression.String(), Shards: o.Shard.Count, Conventions: sum(ConventionsFile, o.Conventions).SHA256,
	}}
	if o.Compression != CompressionNone {
		w.plan.Storage.Level = o.Level.String()
	}
	switch {
	case o.Dir == "":
		return nil, errors.New("write corpus: no directory")
	case o.Shard.sharded() && o.Shard.Index >= o.Shard.Count:
		return nil, fmt.Errorf("write corpus: shard %d of %d: want 0 to %d", o.Shard.Index, o.Shard.Count, o.Shard.Count-1)
	case o.Resume && o.Force:
		return nil, errors.New("write corpus: cannot both resume and replace")
	}
	if err := o.Header.check(); err != nil {
		return nil, fmt.Errorf("write corpus: %w", err)
	}
	return w, nil
}

func (w *writer) write(ctx context.Context) (*Manifest, error) {
	finished, err := w.prepare(ctx)
	if err != nil || finished != nil {
		return finished, err
	}
	if err := w.segments(ctx); err != nil {
		return nil, err
	}
	return w.finish()
}

// segments writes the segments that are not there yet.
func (w *writer) segments(ctx context.Context) (err error) {
	for _, name := range append(w.o.Header.Options.Signals, partsDirOf(w.o.Shard)...) {
		if err := w.disk.mkdir(name); err != nil {
			return fmt.Errorf("create folder: %w", err)
		}
	}
	journal, err := w.disk.appendTo(w.o.Shard.journal())
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	defer func() { err = errors.Join(err, journal.close()) }()

	total := w.o.Shard.segments(w.plan.Options.Segments())
	done, kept := uint64(0), uint64(0)
	work := func() (func(k uint64) (result, error), error) { return newSegmentWriter(w) }
	err = pipeline.Ordered(ctx, w.o.Workers, total, work, func(k uint64, r result) error {
		done++
		if r.kept {
			kept++
		}
		if w.o.Progress != nil {
			w.o.Progress(done, total, kept)
		}
		if r.kept {
			return nil
		}
		if err := journal.append(journalLine(&r.finished)); err != nil {
			return fmt.Errorf("append to journal: %w", err)
		}
		return nil
	})
	if err != nil && errors.Is(err, ctx.Err()) {
		return fmt.Errorf("write corpus: stopped after %d of %d segments: %w", done, total, context.Cause(ctx))
	}
	return err
}

func partsDirOf(s Shard) []string {
	if s.sharded() {
		return []string{partsDir}
	}
	return nil
}

// collect reads the journal, which has all segments now. Until they are all
// there, nothing of those that are done is in memory: a run may be too long
// ever to end.
func (w *writer) collect() ([]finished, error) {
	w.known = nil
	entries, err := readJournal(w.disk, &w.plan, w.o.Shard)
	if err != nil {
		return nil, err
	}
	done := make([]finished, w.o.Shard.segments(w.plan.Options.Segments()))
	for k := range done {
		segment := w.o.Shard.segment(uint64(k))
		f, ok := entries[segment]
		if !ok {
			return nil, fmt.Errorf("read journal: it has lost segment %d", segment)
		}
		done[k] = f
	}
	return done, nil
}

// finish makes a corpus of the segments that are all there, or a part of those
// of the shard.
func (w *writer) finish() (*Manifest, error) {
	done, err := w.collect()
	if err != nil {
		return nil, err
	}
	m := &Manifest{Header: w.o.Header, Segments: make([]SegmentInfo, len(done))}
	for i := range done {
		m.Segments[i] = done[i].Info
	}
	m.Totals = m.Header.totals(m.Segments)
	if w.o.Shard.sharded() {
		p := part{partial: w.plan, Shard: w.o.Shard.Index, Segments: done}
		if err := w.disk.write(w.o.Shard.part(), encodeJSON(&p)); err != nil {
			return nil, err
		}
		return m, w.removeAll(w.o.Shard.journal())
	}
	var files []written
	for i := range done {
		files = append(files, done[i].Written...)
	}
	files = append(files, sum(ConventionsFile, w.o.Conventions))
	if err := complete(w.disk, m, files, w.o.BuildInfo); err != nil {
		return nil, err
	}
	return m, removeInOrder(w.disk, journalFile, partialFile)
}

// complete writes what is left when all files are there: SHA256SUMS, and then
// the manifest, which makes it a corpus.
func complete(d *disk, m *Manifest, files []written, buildInfo []byte) error {
	manifest := m.Encode()
	if err := d.write(BuildInfoFile, buildInfo); err != nil {
		return err
	}
	files = append(files, sum(BuildInfoFile, buildInfo), sum(ManifestFile, manifest))
	if err := d.write(SumsFile, encodeSums(files)); err != nil {
		return err
	}
	return d.write(ManifestFile, manifest)
}

// removeInOrder removes files one after another, for as long as that works.
func removeInOrder(d *disk, names ...string) error {
	for _, name := range names {
		if err := removeAll(d, name); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) removeAll(names ...string) error { return removeAll(w.disk, names...) }

func removeAll(d *disk, names ...string) error {
	var errs []error
	for _, name := range names {
		if err := d.remove(name); err != nil {
			errs = append(errs, fmt.Errorf("remove %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}
