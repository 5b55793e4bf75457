package verify

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/show"
)

// maxSeverity is the highest severity number of OTLP.
const maxSeverity = 24

// logs checks the log records of one record, each against its span.
func (f *fileVerifier) logs(n int, l *otlp.Logs) {
	seg := f.segment
	spans := f.s.spans()
	for i := range l.Records {
		r := &l.Records[i]
		complain := func(rule, format string, args ...any) {
			if f.found.take(rule) {
				f.found.keep(f.logFinding(rule, n, l, i, fmt.Sprintf("log record %d: ", i)+fmt.Sprintf(format, args...)))
			}
		}
		if r.Time == 0 {
			complain(ruleLog, "it has no time")
		}
		if r.Observed != 0 && r.Observed < r.Time {
			complain(ruleLog, "it was observed %v before it happened", show.Duration(r.Observed, r.Time))
		}
		if r.Severity == otlp.SeverityUnspecified || r.Severity > maxSeverity {
			complain(ruleLog, "severity is %d, want 1 to %d", r.Severity, maxSeverity)
		}
		if r.TraceID == (otlp.TraceID{}) || r.SpanID == (otlp.SpanID{}) {
			complain(ruleLog, "an id is zero")
			continue
		}
		if o := f.s.key.Origin(r.TraceID); o.Iteration-seg.FirstIteration >= seg.Iterations {
			complain(ruleLogSpan, "its trace id is of iteration %d: the segment has %d to %d, or the seed is another",
				o.Iteration, seg.FirstIteration, seg.FirstIteration+seg.Iterations-1)
			continue
		}
		if spans == nil {
			continue
		}
		switch span := spans.span(r.TraceID, r.SpanID); {
		case span == nil:
			complain(ruleLogSpan, "there is no such span in the segment")
		case r.Time < span.start:
			complain(ruleLogSpan, "its time is %v before its span", show.Duration(r.Time, span.start))
		case r.Time > span.end:
			complain(ruleLogSpan, "its time is %v after its span", show.Duration(span.end, r.Time))
		}
	}
}

func (f *fileVerifier) logFinding(rule string, record int, l *otlp.Logs, index int, text string) Finding {
	r := &l.Records[index]
	x := f.traceFinding(rule, record, r.TraceID, r.SpanID, text)
	x.Service = serviceOf(l.Strings, l.Attrs, l.Text, l.Resources, r.Resource)
	return x
}
