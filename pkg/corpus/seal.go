package corpus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/internal/pipeline"
)

// SealOptions says what to seal.
type SealOptions struct {
	Dir       string // with the parts of all shards
	BuildInfo []byte // becomes build-info.json
	Workers   int    // segments to check at a time, at least 1
	// Progress, when set, is told after each segment how many are checked and
	// how many there are.
	Progress func(done, total uint64)

	hook func(op, name string) error // see disk
}

// Seal joins the shards in a directory to the corpus that a single run would
// have written, and returns its manifest. All parts must be there, of one
// corpus, and every file as its shard wrote it; else the error is ErrIncomplete,
// ErrMismatch or ErrCorrupt, names all that is wrong, and nothing is changed.
// Sealing a corpus that is finished changes nothing.
func Seal(ctx context.Context, o SealOptions) (*Manifest, error) {
	d, err := openDisk(o.Dir, o.hook)
	if err == nil {
		_, err = os.ReadDir(d.dir)
	}
	if err != nil {
		return nil, fmt.Errorf("seal corpus: %w", err)
	}
	s := &sealer{o: o, disk: d}
	c, err := inspect(s.disk)
	if err != nil {
		return nil, err
	}
	// A directory that is no corpus is left alone, without so much as a lock in
	// it.
	if c.foreign != "" {
		return nil, s.refuseForeign(c)
	}
	if !c.manifest && !c.partial {
		return nil, fmt.Errorf("seal %s: %w: no manifest and no partial.json: it is no corpus", o.Dir, fs.ErrNotExist)
	}
	unlock, err := lockDir(s.disk, Shard{})
	if err != nil {
		return nil, err
	}
	m, err := s.seal(ctx)
	if err = errors.Join(err, unlock()); err != nil {
		return nil, err
	}
	return m, nil
}

// sealer is one Seal.
type sealer struct {
	o    SealOptions
	disk *disk
}

func (s *sealer) seal(ctx context.Context) (*Manifest, error) {
	c, err := inspect(s.disk)
	if err != nil {
		return nil, err
	}
	if c.foreign != "" {
		return nil, s.refuseForeign(c)
	}
	if c.manifest {
		have, err := Open(s.disk.dir)
		if err != nil {
			return nil, err
		}
		h, err := recognise(s.disk)
		if err != nil {
			return nil, fmt.Errorf("seal %s: %w", s.o.Dir, err)
		}
		if name, why := h.stray(); name != "" {
			return nil, fmt.Errorf("seal %s: it holds %s, %s", s.o.Dir, name, why)
		}
		return have.manifest, removeLeftovers(s.disk, c)
	}
	parts, err := s.parts(c)
	if err != nil {
		return nil, err
	}
	segments, err := s.segments(ctx, parts)
	if err != nil {
		return nil, err
	}
	m, err := s.complete(c, parts, segments)
	if err != nil {
		return nil, err
	}
	return m, s.clean(c)
}

func (s *sealer) refuseForeign(c *contents) error {
	return fmt.Errorf("seal %s: it holds %s, which is no part of a corpus", s.o.Dir, c.foreign)
}

// parts reads all parts, or names each that is missing, foreign or there
// twice.
func (s *sealer) parts(c *contents) ([]*part, error) {
	plan, err := readPartial(s.disk)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", s.o.Dir, err)
	}
	n := plan.Storage.Shards
	if n == 0 {
		return nil, fmt.Errorf("seal %s: %w: a single run was interrupted here, and can be resumed", s.o.Dir, ErrIncomplete)
	}
	found := make(map[uint64]*part)
	var errs []error
	for _, f := range c.files {
		shard, journal, ok := parsePart(f.name)
		if !ok || journal {
			continue
		}
		if shard.Count != n || shard.Index >= n || f.name != shard.part() {
			errs = append(errs, fmt.Errorf("%s is foreign: %w: this one has %d shards, named %s to %s",
				f.name, ErrMismatch, n, Shard{0, n}.part(), Shard{n - 1, n}.part()))
			continue
		}
		p, err := s.part(f.name, plan)
		if err == nil && p.Shard != shard.Index {
			err = fmt.Errorf("%s holds shard %d: %w: a part is there twice", f.name, p.Shard, ErrCorrupt)
		}
		if err != nil {
			errs = append(errs, err)
		}
		found[shard.Index] = p
	}
	if missing := missingParts(found, n); len(missing) > 0 {
		errs = append(errs, fmt.Errorf("%w: missing %s", ErrIncomplete, strings.Join(missing, ", ")))
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("seal %s: %w", s.o.Dir, few(errs))
	}
	parts := make([]*part, n)
	for i := range parts {
		parts[i] = found[uint64(i)]
	}
	return parts, nil
}

// missingParts names the parts that were not found, at most a few of them.
func missingParts(found map[uint64]*part, n uint64) []string {
	const most = 20
	var names []string
	for i := range n {
		if _, ok := found[i]; ok {
			continue
		}
		if len(names) == most {
			return append(names, fmt.Sprintf("and %d more", n-uint64(len(found))-most))
		}
		names = append(names, Shard{i, n}.part())
	}
	return names
}

func (s *sealer) part(name string, plan *partial) (*part, error) {
	p, err := readPart(s.disk, name)
	if err != nil {
		return nil, err
	}
	return p, mismatch(name, p.fields(), plan.fields())
}

// segments checks every file that the parts name and returns their segments in
// order.
func (s *sealer) segments(ctx context.Context, parts []*part) ([]finished, error) {
	n := uint64(len(parts))
	total := parts[0].Options.Segments()
	segments := make([]finished, 0, min(total, 1<<20))
	var errs []error
	work := func() (func(i uint64) (error, error), error) {
		a, err := newAuditor(s.disk, &parts[0].Header)
		if err != nil {
			return nil, err
		}
		return func(i uint64) (problem error, _ error) {
			problem, err := a.segment(&parts[i%n].Segments[i/n])
			return errors.Join(problem, err), nil
		}, nil
	}
	err := pipeline.Ordered(ctx, s.o.Workers, total, work, func(i uint64, problem error) error {
		if problem != nil {
			errs = append(errs, problem)
		}
		segments = append(segments, parts[i%n].Segments[i/n])
		if s.o.Progress != nil {
			s.o.Progress(i+1, total)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", s.o.Dir, err)
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("seal %s: %w: %w: write their shards again", s.o.Dir, ErrCorrupt, few(errs))
	}
	return segments, nil
}

// complete writes sums and manifest.
func (s *sealer) complete(c *contents, parts []*part, segments []finished) (*Manifest, error) {
	m := &Manifest{Header: parts[0].Header, Segments: make([]SegmentInfo, len(segments))}
	var files []written
	for i := range segments {
		m.Segments[i] = segments[i].Info
		files = append(files, segments[i].Written...)
	}
	m.Totals = m.Header.totals(m.Segments)
	for _, f := range c.files {
		if f.class == classSegment && !slices.ContainsFunc(segmentsFiles(segments, f), func(w written) bool { return w.File == f.name }) {
			return nil, fmt.Errorf("seal %s: %w: %s is of no part", s.o.Dir, ErrCorrupt, f.name)
		}
	}
	conventions, err := conventions(s.disk)
	if err != nil {
		return nil, err
	}
	noted := sum(ConventionsFile, conventions)
	if noted.SHA256 != parts[0].Storage.Conventions {
		return nil, fmt.Errorf("seal %s: %w: %s is not as the shards had it: write one of them again", s.o.Dir, ErrCorrupt, ConventionsFile)
	}
	files = append(files, noted)
	return m, complete(s.disk, m, files, s.o.BuildInfo)
}

// segmentsFiles returns the files of the segment that a file belongs to by its
// name.
func segmentsFiles(segments []finished, f entry) []written {
	if f.segment >= uint64(len(segments)) {
		return nil
	}
	return segments[f.segment].Written
}

// clean removes what only a corpus under way has. Partial.json goes last:
// without it, parts would be a riddle.
func (s *sealer) clean(c *contents) error {
	var names []string
	for _, f := range c.files {
		if f.class == classPart || f.class == classTmp || f.class == classLock && f.name != lockFile {
			names = append(names, f.name)
		}
	}
	if err := removeAll(s.disk, names...); err != nil {
		return err
	}
	if err := removeAll(s.disk, partialFile); err != nil {
		return err
	}
	for _, folder := range folders() {
		if err := removeEmpty(s.disk, folder); err != nil {
			return err
		}
	}
	return nil
}
