package verify

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// sameInfo compares what the manifest says of the file with the content made
// again.
func (f *fileVerifier) sameInfo() {
	want := corpus.Describe(&f.s.remade.Blocks[f.signal], f.segment.Segment, f.signal, f.s.v.report.Manifest.Options.OTLPFormat())
	if *f.info == want {
		return
	}
	// The digest last: it differs whenever something else does.
	for _, c := range []struct {
		what       string
		have, want any
	}{
		{"records", f.info.Records, want.Records},
		{"items", f.info.Items, want.Items},
		{"bytes", f.info.Bytes, want.Bytes},
		{"splits", f.info.Splits, want.Splits},
		{"first", f.info.First, want.First},
		{"last", f.info.Last, want.Last},
		{"xxh64", f.info.XXH64, want.XXH64},
		{"file", f.info.File, want.File},
	} {
		if c.have != c.want {
			f.problem(ruleRemade, "segment %d, %v: the manifest says %s %v, made again it is %v", f.segment.Segment, f.signal, c.what, c.have, c.want)
			return
		}
	}
}

// same compares a record with the one made again, and tells the first that
// differs.
func (f *fileVerifier) same(n int, payload []byte) {
	if !f.again || f.differs {
		return
	}
	format := f.s.content.format
	want, rest, err := otlp.NextFrame(f.remade, format)
	if err == nil && string(want) == string(payload) {
		f.remade = rest
		return
	}
	f.differs = true
	text := fmt.Sprintf("segment %d, %v: record %d differs from the one made again, from byte %d on", f.segment.Segment, f.signal, n, commonPrefix(payload, want))
	if err != nil {
		text = fmt.Sprintf("segment %d, %v: record %d is one more than are made again", f.segment.Segment, f.signal, n)
	}
	x := f.finding(ruleRemade, n, text)
	if i, ok := f.iterationOf(want); ok {
		x.Iteration = int64(i)
		x.Text += fmt.Sprintf(", in iteration %d", i)
	}
	f.found.add(x)
}

// fewer tells that the file ends before what was made again does.
func (f *fileVerifier) fewer() {
	if !f.again || f.differs || f.broken || len(f.remade) == 0 {
		return
	}
	f.at(ruleRemade, int(f.records), "segment %d, %v: the file ends, made again there is more", f.segment.Segment, f.signal)
}

// iterationOf returns the iteration of the first trace of a record made again.
func (f *fileVerifier) iterationOf(payload []byte) (uint64, bool) {
	var d otlp.Decoder
	switch f.signal {
	case otlp.SignalTraces:
		var t otlp.Traces
		if d.Traces(&t, payload, f.s.content.format) == nil && len(t.Spans) > 0 {
			return f.s.key.Origin(t.Spans[0].TraceID).Iteration, true
		}
	case otlp.SignalLogs:
		var l otlp.Logs
		if d.Logs(&l, payload, f.s.content.format) == nil && len(l.Records) > 0 {
			return f.s.key.Origin(l.Records[0].TraceID).Iteration, true
		}
	}
	return 0, false
}
