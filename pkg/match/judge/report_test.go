package judge

import (
	"encoding/json"
	"encoding/xml"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/internal/documented"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/rules"
)

// TestFieldsAreDocumented: the page has every field, in the order of the code.
func TestFieldsAreDocumented(t *testing.T) {
	for mark, want := range map[string][]string{
		"check": documented.Fields[Result](), "totals": documented.Fields[Totals](), "found": documented.Fields[Finding](),
		"losses": documented.Fields[Losses](), "delays": documented.Fields[Delays](),
	} {
		if got := documented.Names(t, "commands.md", mark); !slices.Equal(got, want) {
			t.Errorf("%s: docs/commands.md has %q, want %q", mark, got, want)
		}
	}
}

// hostile must not end a text, close a tag or move a cursor.
const hostile = "a\x1b[2J\"</failure>]]>\xff\u202e&\n"

// found is a result with something of everything, in which strangers' texts are
// hostile.
func found(t *testing.T) *Result {
	rule := &rules.Rule{File: hostile, Line: 4, Column: 3, Path: "attributes[0].set"}
	a := &asked{
		differs: func(sent *match.Sent, got *match.Received) []rules.Difference {
			if sent.Digest == got.Digest {
				return nil
			}
			return []rules.Difference{
				{Path: "attributes." + hostile, Before: str(hostile), After: str(hostile + "b")},
				{Path: "attributes.x", Before: str("x"), After: str("x"), Rule: rule, Want: hostile},
			}
		},
		faults: []rules.Fault{{Kind: "partial", Rule: rule, Pair: 0, Message: hostile}},
	}
	u := whole(1, 4)
	u.Pairs[0].Copies = nil
	u.Pairs[1].Copies[0].Digest = 99
	u.Pairs[2].Copies, u.Pairs[2].Sent.Fate = nil, match.Unknown
	u.MadeUp = []*match.Received{{Item: match.Item{Signal: otlp.SignalTraces, Resource: part(hostile, 3)}}}
	return judged(t, Options{Outputs: []string{hostile}, Scenario: func(uint64) string { return hostile }}, a, u)
}

func TestHostileTexts(t *testing.T) {
	r := found(t)
	for name, write := range map[string]func(b *strings.Builder) error{
		"text": func(b *strings.Builder) error { return r.WriteText(b) }, "JSON": func(b *strings.Builder) error { return r.WriteJSON(b) },
		"JUnit": func(b *strings.Builder) error { return r.WriteJUnit(b) },
	} {
		var b strings.Builder
		if err := write(&b); err != nil || strings.ContainsAny(b.String(), "\x1b\u202e\xff") || !strings.Contains(b.String(), `\x1b`) {
			t.Errorf("%s: %v in %q", name, err, b.String())
		}
	}
	if r.Findings[0].Scenarios[0].Name != hostile {
		t.Error("the result itself was changed")
	}
}

func TestWriteJSON(t *testing.T) {
	var b strings.Builder
	if err := found(t).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Verdict  string
		Sent     map[string]int
		Totals   map[string]*int
		BySignal map[string]map[string]*int `json:"by_signal"`
		Findings []map[string]any
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	one := 1
	if got.Verdict != "findings" || got.Sent["spans"] != 4 || *got.Totals["lost"] != one || *got.BySignal["traces"]["lost_unknown"] != one {
		t.Errorf("got %s", b.String())
	}
	if *got.BySignal["metrics"]["lost"] != 0 || *got.BySignal["logs"]["lost"] != 0 {
		t.Errorf("got %v", got.BySignal)
	}
	if late, there := got.Totals["late"]; late != nil || !there {
		t.Errorf("late is %v, %t", late, there)
	}
	if f := got.Findings[0]; f["kind"] != "lost" || f["rule"] != "lost" || f["level"] != "violation" || f["signal"] != "traces" || f["count"] != 1.0 {
		t.Errorf("got %v", f)
	}
}

func TestWriteJUnit(t *testing.T) {
	cases := func(r *Result) map[string]bool {
		t.Helper()
		var b strings.Builder
		if err := r.WriteJUnit(&b); err != nil {
			t.Fatal(err)
		}
		var x struct {
			Cases []struct {
				Name    string    `xml:"name,attr"`
				Failure *struct{} `xml:"failure"`
			} `xml:"testsuite>testcase"`
		}
		if err := xml.Unmarshal([]byte(b.String()), &x); err != nil {
			t.Fatal(err)
		}
		passed := make(map[string]bool)
		for _, c := range x.Cases {
			if _, twice := passed[c.Name]; twice {
				t.Errorf("%s is a test twice", c.Name)
			}
			passed[c.Name] = c.Failure == nil
		}
		return passed
	}
	want := map[string]bool{
		"decided": true, "lost": false, "duplicated": true, "altered": false, "made_up": false, "moved": true, "reordered": true,
		"split_traces": true, "attributes[0].set": false,
	}
	if got := cases(found(t)); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := cases(New(Options{}).Result(&match.Summary{})); got["decided"] {
		t.Errorf("got %v", got)
	}
}
