package corpus

import (
	"errors"
	"fmt"
	"strings"
)

// OpenPart is Open for a directory that may hold one finished shard in place of
// a corpus: the segments of the shard are then all there are. A directory whose
// shard is not finished, or that holds several which nobody has sealed, is
// ErrIncomplete.
func OpenPart(dir string) (*Corpus, error) {
	c, err := Open(dir)
	if !errors.Is(err, ErrIncomplete) {
		return c, err
	}
	d, derr := openDisk(dir, nil)
	if derr != nil {
		return nil, fmt.Errorf("open shard: %w", derr)
	}
	plan, perr := readPartial(d)
	if perr != nil || plan.Storage.Shards == 0 {
		return nil, err // a single run, which was interrupted
	}
	p, err := onlyPart(d, plan)
	if err != nil {
		return nil, fmt.Errorf("open shard in %s: %w", dir, err)
	}
	return openPart(d, p)
}

// onlyPart reads the part of the one shard in the directory.
func onlyPart(d *disk, plan *partial) (*part, error) {
	found, err := inspect(d)
	if err != nil {
		return nil, err
	}
	finished := make(map[Shard]bool)
	var shards []Shard
	for _, f := range found.files {
		shard, journal, ok := parsePart(f.name)
		if !ok {
			continue
		}
		if _, seen := finished[shard]; !seen {
			shards = append(shards, shard)
		}
		finished[shard] = finished[shard] || !journal
	}
	n := plan.Storage.Shards
	switch {
	case len(shards) == 0:
		return nil, fmt.Errorf("%w: no shard of %d is finished: the command that writes one completes it", ErrIncomplete, n)
	case len(shards) > 1:
		var names []string
		for _, s := range shards[:min(len(shards), 3)] {
			names = append(names, s.part())
		}
		return nil, fmt.Errorf("%w: it holds %d shards of %d, %s among them: seal joins them when all are there; to use one alone, write it into a folder of its own",
			ErrIncomplete, len(shards), n, strings.Join(names, ", "))
	case !finished[shards[0]]:
		return nil, fmt.Errorf("%w: shard %d/%d is not finished: the command that writes it completes it", ErrIncomplete, shards[0].Index, n)
	}
	p, err := readPart(d, shards[0].part())
	if err != nil {
		return nil, err
	}
	if p.shard() != shards[0] {
		return nil, fmt.Errorf("%s holds shard %v: %w", shards[0].part(), p.shard(), ErrCorrupt)
	}
	return p, mismatch(shards[0].part(), p.fields(), plan.fields())
}

// openPart opens the shard whose part is read.
func openPart(d *disk, p *part) (*Corpus, error) {
	m := &Manifest{Header: p.Header, Segments: make([]SegmentInfo, len(p.Segments))}
	for k := range p.Segments {
		m.Segments[k] = p.Segments[k].Info
	}
	m.Totals = m.Header.totals(m.Segments)
	c := &Corpus{from: d, manifest: m, shard: p.shard()}
	if err := c.find(d); err != nil {
		return nil, fmt.Errorf("open shard in %s: %w", d.dir, err)
	}
	return c, nil
}
