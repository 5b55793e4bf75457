package replay

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// CorpusOptions says how to read a corpus.
type CorpusOptions struct {
	Signals []otlp.Signal // what to send, which is kept; nil: all
	ByTime  bool          // order by time, for the recorded timeline; else by iteration
	Verify  bool          // check every digest before the first record; else each as its segment is read

	// LazyScan leaves it to the workers to scan the records, where their order does
	// not ask for it: a corpus of protobuf traces alone is sent as it lies. It is
	// for schedules that need neither items nor recorded times.
	LazyScan bool
}

// corpusSource is a Source of a corpus: a batch is a segment.
type corpusSource struct {
	segments *corpus.Reader
	manifest *corpus.Manifest
	dir      string
	shard    Shard // whose segments these are; the zero value: all
	o        CorpusOptions
	signals  []otlp.Signal
	key      ids.Key
	total    Total
	next     int
	room     int // bytes of memory that any segment fits into

	scan             scanner
	pieces, arranged []piece
}

var _ Source = (*corpusSource)(nil)

// OpenCorpus opens a corpus, or a finished shard of one that was not sealed, and
// checks that it is complete: its manifest, and that every file is there, of its
// size. With o.Verify it reads all of it. Errors are ErrInput. The caller closes
// the source.
func OpenCorpus(ctx context.Context, dir string, o CorpusOptions) (Source, error) {
	c, err := corpus.OpenPart(dir)
	if err != nil {
		return nil, badInput(err)
	}
	return NewCorpus(ctx, c, dir, o)
}

// NewCorpus is OpenCorpus for a corpus that is open, which may be in memory. The
// name is what the report calls it.
func NewCorpus(ctx context.Context, c *corpus.Corpus, name string, o CorpusOptions) (Source, error) {
	s, err := newCorpusSource(c, name, o)
	if err != nil {
		return nil, err
	}
	if len(s.manifest.Segments) == 0 {
		return nil, badInput(fmt.Errorf("open corpus %s: shard %v has no segments: the corpus has %d", name, s.shard, s.manifest.Options.Segments()))
	}
	if s.total.Records == 0 {
		return nil, badInput(fmt.Errorf("open corpus %s: %w of the signals asked for", name, errNoRecords))
	}
	if o.Verify {
		if err := s.verify(ctx); err != nil {
			return nil, badInput(err)
		}
	}
	return s, nil
}

func newCorpusSource(c *corpus.Corpus, dir string, o CorpusOptions) (*corpusSource, error) {
	r, err := c.NewReader()
	if err != nil {
		return nil, err
	}
	m := c.Manifest()
	s := &corpusSource{segments: r, manifest: m, dir: dir, o: o, key: ids.New(m.Seed), shard: Shard{c.Shard().Index, c.Shard().Count}}
	for _, sig := range m.Options.OTLPSignals() {
		if wants(o.Signals, sig) {
			s.signals = append(s.signals, sig)
		}
	}
	var first, last uint64
	for i := range m.Segments {
		for _, f := range m.Segments[i].Files {
			if f.Records == 0 || !s.sends(f.Signal) {
				continue
			}
			if s.total.Records == 0 {
				first = uint64(f.First)
			}
			first, last = min(first, uint64(f.First)), max(last, uint64(f.Last))
			s.total.Records += f.Records
			s.total.Items += f.Items
		}
	}
	s.total.Span = time.Duration(last - first)
	s.room = c.Room(s.signals)
	return s, nil
}

func (s *corpusSource) sends(name string) bool {
	for _, sig := range s.signals {
		if sig.String() == name {
			return true
		}
	}
	return false
}

// verify reads every segment that is to be sent.
func (s *corpusSource) verify(ctx context.Context) error {
	var b Batch
	for i := range s.manifest.Segments {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.reset()
		if err := s.load(&b, i); err != nil {
			return err
		}
	}
	return nil
}

func (s *corpusSource) Total() Total        { return s.total }
func (s *corpusSource) Format() otlp.Format { return s.manifest.Options.OTLPFormat() }
func (s *corpusSource) Seed() uint64        { return s.manifest.Seed }
func (s *corpusSource) String() string      { return s.dir }
func (s *corpusSource) Close() error        { return nil }

// Rewind goes to the first segment.
func (s *corpusSource) Rewind(context.Context) error {
	s.next = 0
	return nil
}

// Next reads the next segment that has records of the signals sent.
func (s *corpusSource) Next(_ context.Context, b *Batch) error {
	for ; s.next < len(s.manifest.Segments); s.next++ {
		if err := s.load(b, s.next); err != nil {
			return err
		}
		if len(b.Records) > 0 {
			s.next++
			return nil
		}
	}
	return io.EOF
}

// load reads the k-th segment into b, which is empty.
func (s *corpusSource) load(b *Batch, k int) error {
	segment := s.manifest.Segments[k].Segment
	b.Index = segment
	if cap(b.data) < s.room {
		b.data = make([]byte, 0, s.room)
	}
	s.pieces = s.pieces[:0]
	s.scan.index.Places = b.stamps
	for i, sig := range s.manifest.Options.OTLPSignals() {
		info := &s.manifest.Segments[k].Files[i]
		if info.Records == 0 || !s.sends(info.Signal) {
			continue
		}
		start := len(b.data)
		var err error
		if b.data, err = s.segments.AppendSegment(b.data, segment, sig); err != nil {
			return err
		}
		if s.lazy() {
			err = s.cutUnscanned(b, info)
		} else {
			err = s.cutScanned(b.data, start, sig, info)
		}
		if err != nil {
			return fmt.Errorf("segment %d: %v: %w", segment, sig, err)
		}
	}
	if s.lazy() {
		return nil
	}
	if cap(s.arranged) < len(s.pieces) {
		s.arranged = make([]piece, 0, 2*len(s.pieces))
	}
	b.stamps = s.scan.index.Places
	s.arranged = arrange(s.pieces, s.o.ByTime, s.arranged)
	fill(b, s.arranged)
	return nil
}

// lazy reports whether records are left for the workers to scan.
func (s *corpusSource) lazy() bool {
	return s.o.LazyScan && !s.o.ByTime && s.Format() == otlp.FormatProto &&
		len(s.signals) == 1 && s.signals[0] == otlp.SignalTraces
}

// cutUnscanned divides a segment's data into records that nobody has scanned: the digest
// has shown that they are the ones that were written.
func (s *corpusSource) cutUnscanned(b *Batch, info *corpus.FileInfo) error {
	for rest := b.data; len(rest) > 0; {
		payload, after, err := otlp.NextFrame(rest, otlp.FormatProto)
		if err != nil {
			return fmt.Errorf("record %d: %w", len(b.Records), err)
		}
		b.Records = append(b.Records, Record{
			Payload: payload, Number: uint64(len(b.Records)), Lead: len(b.Records), Signal: otlp.SignalTraces, unscanned: true,
		})
		rest = after
	}
	if n := uint64(len(b.Records)); n != info.Records {
		return fmt.Errorf("%d records: manifest says %d", n, info.Records)
	}
	return nil
}

// cutScanned divides data from start on into records, and checks their number: the
// digest says that the bytes are those of the manifest, not that the manifest
// counts right.
func (s *corpusSource) cutScanned(data []byte, start int, sig otlp.Signal, info *corpus.FileInfo) error {
	records, items := uint64(0), uint64(0)
	for rest := data[start:]; len(rest) > 0; {
		payload, after, err := otlp.NextFrame(rest, s.Format())
		if err != nil {
			return fmt.Errorf("record %d: %w", records, err)
		}
		end := len(data) - len(after)
		if s.Format() == otlp.FormatJSON {
			end-- // the newline
		}
		p := piece{start: end - len(payload), end: end, number: records, signal: sig}
		if p.shape, err = s.scan.scan(sig, s.Format(), payload); err != nil {
			return fmt.Errorf("record %d: %w", records, err)
		}
		if p.items == 0 {
			return fmt.Errorf("record %d: %w", records, errNoItems)
		}
		if sig != otlp.SignalMetrics {
			o := s.key.Origin(p.trace)
			p.iteration, p.turn = o.Iteration, o.Turn
		}
		s.pieces = append(s.pieces, p)
		records, items, rest = records+1, items+p.items, after
	}
	if records != info.Records || items != info.Items {
		return fmt.Errorf("%d records with %d items: manifest says %d with %d", records, items, info.Records, info.Items)
	}
	return nil
}
