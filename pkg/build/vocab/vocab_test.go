package vocab

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// The place of a type in the table is its bit in sets of types.
const wordBits = 64

func TestTypesAreInOrderAndFitAWord(t *testing.T) {
	names := Names(nil)
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("types are not in byte order of their names, each once: %q", names)
	}
	if len(names) > wordBits {
		t.Errorf("%d types do not fit a word of %d bits", len(names), wordBits)
	}
}

func TestRowsAreWhole(t *testing.T) {
	for _, typ := range All() {
		if typ.Kind != otlp.SpanKindClient && typ.Kind != otlp.SpanKindServer && typ.Kind != otlp.SpanKindInternal {
			t.Errorf("%s: kind %d", typ.Name, typ.Kind)
		}
		asks := typ.Name == Forward // the gateway's call of the runtime runs as the runtime does, and decides nothing
		if typ.IsControl() != (typ.Role == RoleFixed) && !asks {
			t.Errorf("%s: the control plane is what is decided when it is compiled: got component %q and role %d", typ.Name, typ.Component, typ.Role)
		}
		if typ.IsControl() != (typ.Verdicts != nil) && !asks {
			t.Errorf("%s: verdicts %q", typ.Name, typ.Verdicts)
		}
		if typ.Latency < 0 || typ.LatencyKey != "" && typ.Latency == 0 {
			t.Errorf("%s: latency %v for key %q", typ.Name, typ.Latency, typ.LatencyKey)
		}
		if typ.Wrapped && typ.Task == "" {
			t.Errorf("%s: wrapped in a task of no type", typ.Name)
		}
	}
}

func TestLogsAreWhole(t *testing.T) {
	for _, typ := range All() {
		l := typ.Log
		named := l.Story == Ended || l.Story == FailedStep
		if named != (l.Event != "") {
			t.Errorf("%s: story %d with the event %q", typ.Name, l.Story, l.Event)
		}
		if (named || l.Story == Verdict) != (l.Noun != "") {
			t.Errorf("%s: story %d with the noun %q", typ.Name, l.Story, l.Noun)
		}
		if (l.Story == Silent) != (l.Copy == "") {
			t.Errorf("%s: story %d copies %q", typ.Name, l.Story, l.Copy)
		}
		if l.About != "" && !strings.Contains(" "+strings.Join(strings.Fields(l.Copy), " ")+" ", " "+l.About+" ") {
			t.Errorf("%s: its body tells %s, which it does not copy", typ.Name, l.About)
		}
	}
}

// A tree may name what is not in the table only to be told so.
func TestUnknownTypes(t *testing.T) {
	if typ, ok := Find("no.such"); ok || typ.Name != "" || IsControl("no.such") {
		t.Errorf("got %+v, %v", typ, ok)
	}
}
