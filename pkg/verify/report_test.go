package verify

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// small writes a corpus of the bundled inputs.
func small(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	plan, err := otelsim.New(otelsim.Options{Seed: 42, Count: 10})
	if err == nil {
		_, err = plan.Write(context.Background(), otelsim.WriteOptions{Dir: dir})
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// edit replaces the first place of a text in a file.
func edit(t *testing.T, path, from, to string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil && !strings.Contains(string(data), from) {
		t.Fatalf("%s: no %q", path, from)
	}
	if err == nil {
		err = os.WriteFile(path, []byte(strings.Replace(string(data), from, to, 1)), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func reported(t *testing.T, dir string, o Options) (r *Report, e envelope, cases map[string]bool) {
	t.Helper()
	r, err := Corpus(context.Background(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(b.String()), &e); err != nil {
		t.Fatal(err)
	}
	b.Reset()
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
	cases = make(map[string]bool)
	for _, c := range x.Cases {
		if _, twice := cases[c.Name]; twice {
			t.Errorf("rule %s is a test twice", c.Name)
		}
		cases[c.Name] = c.Failure == nil
	}
	return r, e, cases
}

func TestReportOfAWholeCorpus(t *testing.T) {
	r, e, cases := reported(t, small(t), Options{})
	if e.Verdict != "no findings" || len(e.Findings) != 0 || e.Judged.Segments != 1 || e.Judged.Spans != r.Spans || r.Spans == 0 {
		t.Errorf("got %+v", e)
	}
	for _, rule := range Rules() {
		passed, judged := cases[rule.Name]
		if !passed && judged || judged == (rule.Name == ruleRemade) {
			t.Errorf("rule %s: judged %t, passed %t", rule.Name, judged, passed)
		}
	}
	if _, judged := cases["span-root"]; judged {
		t.Error("a rule that authors may break is no test")
	}
}

func TestReportOfFindings(t *testing.T) {
	dir := small(t)
	edit(t, filepath.Join(dir, "traces", "000000.pb"), "sess_", "sexs_")
	r, e, cases := reported(t, dir, Options{})
	if e.Verdict != "findings" || len(e.Findings) != len(r.Groups) {
		t.Fatalf("got %+v", e)
	}
	total := uint64(0)
	for i, f := range e.Findings {
		total += f.Count
		if passed, judged := cases[f.Rule]; passed || !judged {
			t.Errorf("rule %s: judged %t, passed %t", f.Rule, judged, passed)
		}
		if f.Rule != r.Groups[i].Rule || f.Message == "" || f.Level != "violation" {
			t.Errorf("got %+v", f)
		}
		if f.Rule != "session" {
			continue
		}
		w := f.Where
		if f.Signal != "traces" || w.File != "traces/000000.pb" || *w.Segment != 0 || *w.Iteration != 0 || w.Service == "" || w.Scenario == "" ||
			len(w.TraceID) != 32 || len(w.SpanID) != 16 || f.Count > 1 && !reflect.DeepEqual(f.Examples[0].Where, w) {
			t.Errorf("got %+v", f)
		}
	}
	if total != r.Count {
		t.Errorf("findings count %d, the report %d", total, r.Count)
	}
}

// TestRulesThatCouldNotBeJudgedAreNoTests: without conventions nothing is held
// to them.
func TestRulesThatCouldNotBeJudgedAreNoTests(t *testing.T) {
	dir := small(t)
	if err := os.WriteFile(filepath.Join(dir, corpus.ConventionsFile), []byte("- no\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, _, cases := reported(t, dir, Options{Inputs: &otelsim.Inputs{}})
	if _, judged := cases["session"]; judged {
		t.Error("session is a test, and was not judged")
	}
	for _, rule := range []string{ruleNotJudged, ruleRemade} {
		if passed, judged := cases[rule]; passed || !judged {
			t.Errorf("rule %s: judged %t, passed %t", rule, judged, passed)
		}
	}
}

// TestReportIsDocumented: the page has the fields of a report.
func TestReportIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	of := func(typ reflect.Type) (names []string) {
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			names = append(names, "`"+name+"`")
		}
		return names
	}
	for _, name := range of(reflect.TypeFor[envelope]()) {
		if !strings.Contains(string(page), "\n| "+name+" | ") {
			t.Errorf("docs/commands.md has no row for %s", name)
		}
	}
	counts := of(reflect.TypeFor[judged]())
	last := len(counts) - 1
	if row := "| `judged` | " + strings.Join(counts[:last], ", ") + " and " + counts[last] + " that"; !strings.Contains(string(page), row) {
		t.Errorf("docs/commands.md has no %q", row)
	}
}
