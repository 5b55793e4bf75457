package show

import (
	"bytes"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Whatever decodes can be printed, each span and record on a line and a row.
func FuzzShow(f *testing.F) {
	f.Add(otlp.AppendTraces(nil, dumped(), otlp.FormatProto), otlp.AppendLogs(nil, dumpedLogs(), otlp.FormatProto))
	f.Fuzz(func(t *testing.T, traces, logs []byte) {
		var d otlp.Decoder
		var r request
		if d.Traces(&r.traces, traces, otlp.FormatProto) != nil || d.Logs(&r.logs, logs, otlp.FormatProto) != nil {
			return
		}
		text := AppendRequest(nil, &r.traces, &r.logs, true)
		for _, c := range text {
			if c != '\n' && (c < ' ' || c > '~') {
				t.Fatalf("byte %#x in\n%s", c, text)
			}
		}
		want := len(r.traces.Spans) + len(r.logs.Records)
		if got := bytes.Count(AppendRequest(nil, &r.traces, &r.logs, false), []byte("\n")); got < want {
			t.Errorf("%d lines for %d spans and logs", got, want)
		}
		rows := 0
		for _, tree := range treesOf(&r.traces, &r.logs) {
			rows += len(tree.rows)
		}
		if rows != want {
			t.Errorf("%d rows for %d spans and logs", rows, want)
		}
	})
}
