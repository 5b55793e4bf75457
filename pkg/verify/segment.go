package verify

import (
	"context"
	"fmt"

	"github.com/otelsim/otelsim/pkg/conform/coverage"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// segmentVerifier verifies segments one at a time. It is what a worker has.
type segmentVerifier struct {
	v       *verifier
	key     ids.Key
	check   recordCheck
	systems systemSpans
	checks  signalChecks
	remake  corpus.Fill
	content content
	decoder otlp.Decoder
	encoded []byte // scratch

	// Of the segment at hand: what its records are decoded into and checked by.
	record      otlp.Traces
	metrics     otlp.Metrics
	logs        otlp.Logs
	traces      traceChecker
	tracesWhole bool // traces has all spans of the segment
	series      metricChecker
	remade      otlp.Segment
	audit       segmentAudit
	seen        *coverage.Seen // nil: nobody asks
	damaged     bool           // not all that the manifest has could be decoded
}

// spans returns the spans of the segment, or nil when they are not known: the
// corpus has no traces, or they are damaged.
func (s *segmentVerifier) spans() *traceChecker {
	if !s.tracesWhole {
		return nil
	}
	return &s.traces
}

func newSegmentVerifier(v *verifier) (*segmentVerifier, error) {
	s := &segmentVerifier{v: v, key: ids.New(v.report.Manifest.Seed), seen: v.newSeen()}
	if v.o.NewCheck != nil {
		s.check = v.o.NewCheck()
	}
	if v.o.NewSystems != nil {
		s.systems = v.o.NewSystems()
	}
	if v.o.NewSignalChecks != nil {
		s.checks = v.o.NewSignalChecks()
	}
	if v.o.NewAudit != nil {
		s.audit = v.o.NewAudit()
	}
	if v.o.Remake != nil {
		var err error
		if s.remake, err = v.o.Remake(); err != nil {
			return nil, fmt.Errorf("create generator: %w", err)
		}
	}
	return s, nil
}

// segment verifies the files of one segment.
func (s *segmentVerifier) segment(ctx context.Context, index uint64) (*segmentReport, error) {
	m := s.v.report.Manifest
	r := &segmentReport{found: newFindings(s.v.o.MaxExamples)}
	s.tracesWhole, s.damaged = false, false
	remade := s.remake != nil && s.makeAgain(index, r)
	for k, sig := range m.Options.OTLPSignals() {
		info := &m.Segments[index].Files[k]
		f, ok := s.v.files[info.File]
		fv := &fileVerifier{s: s, r: r, segment: &m.Segments[index], signal: sig, info: info, file: f, found: newFindings(s.v.o.MaxExamples)}
		if fv.again = remade; remade {
			fv.sameInfo()
		}
		switch {
		case info.Records == 0:
			if sig == otlp.SignalTraces {
				s.traces.reset(fv) // metrics and logs may claim that there are spans
				s.traces.seeded()
				r.found.join(fv.found)
				s.tracesWhole = true
			}
			continue
		case !ok:
			s.damaged = true // missing, which was told
			continue
		}
		if err := fv.verify(ctx); err != nil {
			return nil, fmt.Errorf("segment %d: %w", index, err)
		}
		whole := fv.walked && !fv.broken
		s.damaged = s.damaged || !whole
		if sig == otlp.SignalTraces {
			s.tracesWhole = whole
		}
		if sig == otlp.SignalMetrics && whole {
			r.windows, r.windowsFile = s.series.windows(), f.Name
		}
	}
	s.finishAudit(index, r)
	return r, nil
}

// makeAgain makes a segment again and reports whether that could be done.
func (s *segmentVerifier) makeAgain(index uint64, r *segmentReport) bool {
	m := s.v.report.Manifest
	seg := &m.Segments[index]
	s.remade.Reset()
	for k, sig := range m.Options.OTLPSignals() {
		// Each iteration has a span: more of them than there are spans would only
		// cost memory to make.
		if sig == otlp.SignalTraces && seg.Files[k].Items < seg.Iterations {
			r.found.file(ruleRemade, seg.Files[k].File, "segment %d is not made again: it has %d spans of %d iterations", index, seg.Files[k].Items, seg.Iterations)
			return false
		}
	}
	if err := s.remake(index, &s.remade); err != nil {
		r.found.add(Finding{Rule: ruleRemade, Segment: int64(index), Iteration: -1, Record: -1, Text: fmt.Sprintf("it cannot be made again: %v", err)})
		return false
	}
	return true
}

// finishAudit ends the audit of a segment. Of one that is damaged it would
// only find that something is missing.
func (s *segmentVerifier) finishAudit(index uint64, r *segmentReport) {
	if s.audit == nil {
		return
	}
	found := newFindings(s.v.o.MaxExamples)
	points, logs := s.audit.Finish(func(p problem) {
		if found.take(p.Rule) {
			found.keep(Finding{Rule: p.Rule, Segment: int64(index), Iteration: -1, Record: -1, Text: p.Text})
		}
	})
	if !s.damaged {
		r.found.join(found)
		r.points, r.logs = uint64(points), uint64(logs)
	}
}
