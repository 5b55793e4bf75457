package intake

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/captures"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// tempoOf checks that the traces of a corpus in the JSON of Tempo, in each way that it
// has, are the same.
func tempoOf(t *testing.T, dir string, want *kept) {
	var groups []json.RawMessage
	for _, line := range payloads(t, dir, otlp.FormatJSON, false) {
		var m struct {
			ResourceSpans []json.RawMessage `json:"resourceSpans"`
		}
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatal(err)
		}
		groups = append(groups, m.ResourceSpans...)
	}
	pretty, err := json.MarshalIndent(object{"resourceSpans": groups}, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	answer := asJSON(t, object{"batches": groups})
	old := bytes.ReplaceAll(bytes.ReplaceAll(answer, []byte(`"scopeSpans"`), []byte(`"instrumentationLibrarySpans"`)), []byte(`"scope"`), []byte(`"instrumentationLibrary"`))
	for name, data := range map[string][]byte{
		"answer":  answer,
		"version": asJSON(t, object{"trace": object{"resourceSpans": groups}, "status": "COMPLETE"}),
		"pretty":  pretty,
		"hex":     appendModern(nil, answer),
		"old":     old,
		"list":    asJSON(t, groups),
		"answers": asJSON(t, []any{object{"batches": groups[:1]}, object{"trace": object{"resourceSpans": groups[1:]}}}),
		"two":     append(asJSON(t, object{"batches": groups[:1]}), asJSON(t, object{"batches": groups[1:]})...),
		"gzip":    captures.Compress(t, codec.Gzip, answer),
	} {
		t.Run(name, func(t *testing.T) {
			k, in := read(t, captures.File(t, data))
			if in.Notes() != nil {
				t.Errorf("notes: %q", in.Notes())
			}
			withoutLogs(k).same(t, withoutLogs(want))
		})
	}
}

// withoutLogs returns nothing but the spans of what was read.
func withoutLogs(k *kept) *kept {
	out := &kept{spans: k.spans}
	for _, trace := range k.traces {
		at := strings.Index(trace, "\n  log ")
		if at < 0 {
			at = len(trace) - 1
		}
		out.traces = append(out.traces, trace[:at+1])
	}
	return out
}
