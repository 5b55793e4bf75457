package corpus

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// result is a segment that is on disk.
type result struct {
	finished
	kept bool // it was there before
}

// segmentWriter writes segments one at a time. Its memory is what a worker
// takes: one segment, and its largest file compressed.
type segmentWriter struct {
	w       *writer
	fill    Fill
	encoder *codec.Encoder
	seg     otlp.Segment
	out     []byte
	signals []otlp.Signal
	auditor *auditor // of segments that were there before, if there are any
}

// newSegmentWriter returns the work of one worker: the k-th segment of the
// shard, kept or written.
func newSegmentWriter(w *writer) (func(k uint64) (result, error), error) {
	encoder, err := codec.NewEncoder(w.o.Compression, w.o.Level)
	if err != nil {
		return nil, err
	}
	fill, err := w.o.NewFill()
	if err != nil {
		return nil, fmt.Errorf("create generator: %w", err)
	}
	s := &segmentWriter{w: w, fill: fill, encoder: encoder, signals: w.plan.Options.OTLPSignals()}
	return func(k uint64) (result, error) {
		index := w.o.Shard.segment(k)
		if f, ok := w.known[index]; ok {
			intact, err := s.intact(&f)
			if err != nil {
				return result{}, fmt.Errorf("read segment %d: %w", index, err)
			}
			if intact {
				return result{f, true}, nil
			}
		}
		f, err := s.write(index)
		if err != nil {
			return result{}, fmt.Errorf("segment %d: %w", index, err)
		}
		return result{f, false}, nil
	}, nil
}

// intact reports whether a segment is on disk as it is noted: its files byte
// for byte as they were written, and what they hold as the manifest would say.
func (s *segmentWriter) intact(f *finished) (bool, error) {
	if s.auditor == nil {
		a, err := newAuditor(s.w.disk, &s.w.plan.Header)
		if err != nil {
			return false, err
		}
		s.auditor = a
	}
	problem, err := s.auditor.segment(f)
	if errors.Is(err, fs.ErrNotExist) || unreadable(err) {
		return false, nil
	}
	return problem == nil && err == nil, err
}

// write fills one segment and puts its files on disk.
func (s *segmentWriter) write(index uint64) (finished, error) {
	s.seg.Reset()
	if err := s.fill(index, &s.seg); err != nil {
		return finished{}, contentError{err}
	}
	o := &s.w.plan.Options
	first, count := o.Iterations(index)
	f := finished{Info: SegmentInfo{Segment: index, FirstIteration: first, Iterations: count}, Written: []written{}}
	for _, sig := range s.signals {
		content := s.seg.Blocks[sig].Data
		xxh := xxhash.Sum64(content)
		info := describe(&s.seg.Blocks[sig], xxh, sig, fileName(index, sig, o.OTLPFormat()))
		f.Info.Files = append(f.Info.Files, info)
		if info.Records == 0 {
			continue
		}
		if s.out == nil {
			// More than most content comes to; memory that nothing is written to costs nothing.
			s.out = make([]byte, 0, len(content)/8)
		}
		var err error
		if s.out, err = s.encoder.AppendSummed(s.out[:0], content, xxh); err != nil {
			return finished{}, err
		}
		if s.w.o.Compression != CompressionNone && codec.Bomb(len(content), len(s.out)) {
			return finished{}, contentError{fmt.Errorf("%v: %d bytes come to %d compressed, which readers refuse: take shorter segments",
				sig, info.Bytes, len(s.out))}
		}
		name := info.File + s.w.o.Compression.Suffix()
		if err := s.w.disk.write(name, s.out); err != nil {
			return finished{}, err
		}
		f.Written = append(f.Written, sum(name, s.out))
	}
	if err := s.w.plan.checkSegment(&f.Info, index); err != nil {
		return finished{}, contentError{fmt.Errorf("generated content: %w", err)}
	}
	f.Note = f.digest()
	return f, nil
}

// describe returns the manifest's entry of a block whose data has the XXH64 xxh.
func describe(b *otlp.Block, xxh uint64, sig otlp.Signal, name string) FileInfo {
	if b.Records == 0 && len(b.Data) == 0 {
		return FileInfo{Signal: sig.String()}
	}
	return FileInfo{
		Signal:  sig.String(),
		File:    name,
		Records: b.Records,
		Items:   b.Items,
		Bytes:   uint64(len(b.Data)),
		Splits:  b.Splits,
		First:   Nanos(b.First),
		Last:    Nanos(b.Last),
		XXH64:   hexDigest(xxh),
	}
}

// digest returns the digest that the manifest has of an uncompressed file.
func digest(data []byte) string { return hexDigest(xxhash.Sum64(data)) }

func hexDigest(xxh uint64) string { return fmt.Sprintf("%016x", xxh) }
