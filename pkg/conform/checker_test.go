package conform

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// judged returns the findings of a story, each as rule and text, judged as a
// session. With coded the records went through their encoding first, which
// puts spans in another order and values in another form.
func judged(t *testing.T, c *semconv.Conventions, st *story, lenient, coded bool) (found []Finding) {
	t.Helper()
	k := NewChecker(c, storyPrefix)
	k.Lenient = lenient
	session := k.Session()
	for _, turn := range st.turns {
		r := st.record(turn)
		if coded {
			var d otlp.Decoder
			read := &otlp.Traces{}
			if err := d.Traces(read, otlp.AppendTraces(nil, r, otlp.FormatProto), otlp.FormatProto); err != nil {
				t.Fatal(err)
			}
			r = read
		}
		session.Traces(r, func(f Finding) { found = append(found, f) })
	}
	return found
}

// parse reads conventions.
func parse(t *testing.T, text string) (*semconv.Conventions, []input.Problem) {
	t.Helper()
	var p input.Problems
	c := semconv.Parse(input.File{Name: "a.yaml", Data: []byte(text)}, &p)
	return c, p.All()
}

// rulesOf lists the rules of findings, each once.
func rulesOf(found []Finding) []string {
	var out []string
	for _, f := range found {
		if !slices.Contains(out, f.Rule) {
			out = append(out, f.Rule)
		}
	}
	slices.Sort(out)
	return out
}

// valid are stories without anything to find.
var valid = []struct {
	why     string
	unified bool
	change  func(t *turn)
}{
	{"a request in three traces", false, func(*turn) {}},
	{"a request in one trace", true, func(*turn) {}},
	{"a task that fails, and an answer all the same", false, func(t *turn) { partial(t) }},
	{"no answer", false, func(t *turn) { hopeless(t) }},
	{"a blocked request", false, func(t *turn) { refuse(t, "invalid_payload") }},
	{"a request that is flagged", false, func(t *turn) { flagged(t) }},
	{"a response that is flagged", false, func(t *turn) {
		t.the("validation.policy", 1).set("*.policy.decision", "allow_with_audit")
		t.the("response.validation", 0).set("*.response.audit.flag", true)
		t.the("response.validation", 0).set("*.response.audit.source", "policy")
	}},
	{"a response that is held back", false, func(t *turn) {
		t.the("validation.policy", 1).set("*.policy.decision", "block")
		t.the("validation.policy", 1).set("*.step.outcome", "block")
		t.the("response.validation", 0).set("*.response.outcome", "blocked")
		t.the("response.validation", 0).set("*.block.reason", "response_policy")
	}},
	{"a response that nobody could judge", false, func(t *turn) {
		t.the("validation.policy", 1).fails("*.step.outcome", "fail")
		t.the("response.validation", 0).fails("*.response.outcome", "error")
	}},
	{"redacted content", false, func(t *turn) { redact(t) }},
	{"no content", false, func(t *turn) {
		for n := range 2 {
			s := t.the("llm.call", n)
			s.drop("gen_ai.input.messages")
			s.drop("gen_ai.output.messages")
			s.set("*.llm.content.capture.enabled", false)
		}
	}},
	{"a model that is nobody's", false, func(t *turn) {
		t.the("llm.call", 0).set("gen_ai.request.model", "house-7b")
		t.the("llm.call", 0).set("gen_ai.response.model", "house-7b")
	}},
	{"a turn that remembers the one before", false, remember},
	{"a turn that remembers the one before in short", false, func(t *turn) {
		remember(t)
		for n := range 2 {
			t.the("llm.call", n).edit("gen_ai.input.messages", asked+`,`+chosen, `{"role":"assistant","parts":[{"type":"compaction"}]}`)
		}
	}},
	{"a tool server that answers", false, func(t *turn) { serve(t) }},
	{"an event with the words of the user", false, func(t *turn) {
		t.the("tools.recommend", 0).happens("*.agent.tool_selection", said{"*.agent.tool_selection.input.raw", "help"},
			said{"*.agent.tool_selection.tool.plan", "{}"})
	}},
}

// partial lets the second tool call fail for good.
func partial(t *turn) {
	t.the("mcp.tool.execute.attempt", 2).fails("*.mcp.attempt.outcome", "fail")
	t.the("mcp.tool.execute", 1).fails("*.step.outcome", "fail")
	t.the("task.execute", 4).fails("*.step.outcome", "fail")
	t.the("a2a.orchestrate", 0).set("*.a2a.outcome", "partial")
}

// hopeless lets the composition of the response fail.
func hopeless(t *turn) {
	t.the("response.compose", 0).fails("*.step.outcome", "fail")
	t.the("a2a.orchestrate", 0).fails("*.a2a.outcome", "error")
	t.the("response.validation", 0).fails("*.response.outcome", "error")
}

// refuse lets the request be blocked for what the payload check found.
func refuse(t *turn, reason string) {
	s := t.the("request.validation", 0)
	s.set("*.request.outcome", "blocked")
	s.set("*.block.reason", reason)
	p := t.the("validation.payload", 0)
	p.fails("*.step.outcome", "fail")
	p.set("*.validation.result", "invalid")
	p.events = nil
	p.happens("*.validation.error", said{"*.validation.error.path", "$.a"}, said{"*.validation.error.rule", "enum"},
		said{"*.validation.error.code", "invalid_enum"})
	t.without(t.the("validation.policy", 0))
	t.without(t.the("augmentation", 0))
	t.without(t.the("a2a.orchestrate", 0))
	t.without(t.the("response.validation", 0))
}

// flagged lets the request pass, for somebody to look at.
func flagged(t *turn) {
	t.the("validation.policy", 0).set("*.policy.decision", "allow_with_audit")
	t.the("request.validation", 0).set("*.request.audit.flag", true)
	t.the("request.validation", 0).set("*.request.audit.source", "policy")
}

// redact masks the words of model calls.
func redact(t *turn) {
	for n := range 2 {
		s := t.the("llm.call", n)
		s.rename("gen_ai.input.messages", "*.gen_ai.input.redacted")
		s.rename("gen_ai.output.messages", "*.gen_ai.output.redacted")
		s.set("*.llm.content.redaction.enabled", true)
		s.set("*.redaction.applied", "strict")
	}
}

func TestValidStoriesHaveNoFindings(t *testing.T) {
	c := bundledConventions(t)
	for _, row := range valid {
		for _, coded := range []bool{false, true} {
			st := tell(row.unified)
			last := st.turns[len(st.turns)-1]
			row.change(last)
			for _, f := range judged(t, c, st, false, coded) {
				t.Errorf("%s (coded %t): %s: %s", row.why, coded, f.Rule, f.Text)
			}
		}
	}
}

// TestEachViolationIsFoundByItsName plants one at a time. Each is found, and
// nothing else; each rule has at least one; and a lenient checker finds the
// same ones, but for those that are an author's business.
func TestEachViolationIsFoundByItsName(t *testing.T) {
	c := bundledConventions(t)
	planted := map[string]int{"error-type-value": 1, "content-option": 1, "span-name": 1} // each has a test of its own
	for _, row := range slices.Concat(violations, dialogueViolations) {
		planted[row.rule]++
		for _, lenient := range []bool{false, true} {
			for _, coded := range []bool{false, true} {
				st := tell(row.unified)
				row.plant(st, st.turns[1])
				found := judged(t, c, st, lenient, coded)
				want := row.rule
				if lenient && authors[row.rule] {
					want = ""
				}
				if got := strings.Join(rulesOf(found), " "); got != want {
					t.Errorf("%s: %s (lenient %t, coded %t): found %q", row.rule, row.why, lenient, coded, got)
					for _, f := range found {
						t.Logf("  %s: %s", f.Rule, f.Text)
					}
				}
			}
		}
	}
	for _, row := range systemViolations {
		planted[row.rule]++
	}
	for _, r := range rules {
		if planted[r.Name] == 0 {
			t.Errorf("nothing is planted against %s", r.Name)
		}
		delete(planted, r.Name)
	}
	for name := range planted { // order-free: each is an error of its own
		t.Errorf("rule %s is not listed", name)
	}
}

// edited returns the bundled conventions with one text in place of another.
func edited(t *testing.T, old, new string) *semconv.Conventions {
	t.Helper()
	data, err := fs.ReadFile(config.FS, "semconv.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("the conventions do not say %q", old)
	}
	var p input.Problems
	c := semconv.Parse(input.File{Name: "semconv.yaml", Data: told([]byte(strings.ReplaceAll(string(data), old, new)))}, &p)
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestErrorTypesAreTheUsualOnesUnlessListed: without a list the five hold, and
// a list of a span type's own is what holds there.
func TestErrorTypesAreTheUsualOnesUnlessListed(t *testing.T) {
	const list = "    allowed_values: [timeout, unavailable, invalid_arguments, tool_error, protocol_error]\n"
	for _, row := range []struct{ why, new, want string }{
		{"no list", "", "error-type-value"},
		{"a list with it", "    allowed_values: [timeout, bad_luck]\n", ""},
		{"a list without it", "    allowed_values: [timeout, boredom]\n", "attribute-value"},
	} {
		st := tell(false)
		partial(st.turns[1])
		st.turns[1].the("mcp.tool.execute", 1).set("error.type", "bad_luck")
		if got := strings.Join(rulesOf(judged(t, edited(t, list, row.new), st, false, false)), " "); got != row.want {
			t.Errorf("%s: found %q, want %q", row.why, got, row.want)
		}
	}
}

// TestRecordsAloneKnowNoOthers: what takes the turn before is not found.
func TestRecordsAloneKnowNoOthers(t *testing.T) {
	c := bundledConventions(t)
	st := tell(false)
	st.turns[1].the("request.validation", 0).links = nil
	st.turns[1].the("planner", 0).drop("*.step.outcome")
	k := NewChecker(c, storyPrefix)
	for i, want := range []string{"", "attribute-missing"} {
		var found []Finding
		k.Traces(st.record(st.turns[i]), func(f Finding) { found = append(found, f) })
		if got := strings.Join(rulesOf(found), " "); got != want {
			t.Errorf("record %d: found %q, want %q", i, got, want)
		}
	}
}

// TestPartsOfTracesAreJudgedSpanBySpan: half a trace has no parents, no last
// attempts and no roots, and that is no fault of its spans.
func TestPartsOfTracesAreJudgedSpanBySpan(t *testing.T) {
	c := bundledConventions(t)
	st := tell(false)
	t1 := st.turns[1]
	t1.spans = t1.spans[len(t1.spans)/2:]
	t1.the("response.compose", 0).drop("*.response.format")
	k := NewChecker(c, storyPrefix)
	k.Parts = true
	var found []Finding
	k.Session().Traces(st.record(t1), func(f Finding) { found = append(found, f) })
	if got := strings.Join(rulesOf(found), " "); got != "attribute-missing" {
		t.Errorf("found %q", got)
	}
}

// TestValuesAreJudgedAlone: what is missing or too much is nothing to Values.
func TestValuesAreJudgedAlone(t *testing.T) {
	c := bundledConventions(t)
	st := tell(false)
	s := st.turns[0].the("planner", 0)
	s.drop("*.span.class")
	s.set("house.colour", "red")
	s.failed = true
	st.turns[0].the("llm.call", 0).set("gen_ai.usage.input_tokens", "many")
	st.turns[0].the("task.execute", 0).set("*.task.type", "none")
	var found []Finding
	NewChecker(c, storyPrefix).Values(st.record(st.turns[0]), func(f Finding) { found = append(found, f) })
	if got := strings.Join(rulesOf(found), " "); got != "attribute-type attribute-value" || len(found) != 2 {
		t.Errorf("found %v", found)
	}
}

// TestConventionsThatDefineLittleAreKeptTo: a lenient checker demands of spans
// nothing that the conventions do not speak of.
func TestConventionsThatDefineLittleAreKeptTo(t *testing.T) {
	c, problems := parse(t, "span_names:\n  vendor.a2a.orchestrate: {span_kind: SERVER, is_root: true}\n")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	st := tell(false)
	st.turns[0].the("planner", 0).drop("*.step.outcome")
	for _, f := range judged(t, c, st, true, false) {
		t.Errorf("%s: %s", f.Rule, f.Text)
	}
	st.turns[0].the("planner", 0).set("*.step.outcome", "fail")
	if got := strings.Join(rulesOf(judged(t, c, st, true, false)), " "); got != "status-outcome" {
		t.Errorf("a contradiction: found %q", got)
	}
}

// TestOlderMessagesHaveTheirOwnForm: conventions from before there were parts
// say nothing of the form of messages.
func TestOlderMessagesHaveTheirOwnForm(t *testing.T) {
	c := edited(t, "gen_ai.provider.name", "gen_ai.system")
	st := tell(false)
	s := st.turns[0].the("llm.call", 0)
	s.set("gen_ai.input.messages", `[{"role":"user","content":"x"}]`)
	for _, turn := range st.turns {
		turn.the("llm.call", 0).rename("gen_ai.provider.name", "gen_ai.system")
		turn.the("llm.call", 1).rename("gen_ai.provider.name", "gen_ai.system")
	}
	for _, f := range judged(t, c, st, true, false) {
		t.Errorf("%s: %s", f.Rule, f.Text)
	}
}

// TestSessionsFollowEachOther: another session may be another user's, and its
// first trace links nowhere.
func TestSessionsFollowEachOther(t *testing.T) {
	c := bundledConventions(t)
	k := NewChecker(c, storyPrefix)
	session := k.Session()
	for _, id := range []string{"1", "2"} {
		st := tell(false)
		change := func(s *telling) {
			for i := range s.attrs {
				if v, ok := s.attrs[i].value.(string); ok {
					s.attrs[i].value = strings.NewReplacer("sess_1", "sess_"+id, "usr_1", "usr_"+id, "tenant-1", "tenant-"+id).Replace(v)
				}
			}
		}
		for _, r := range st.resources {
			change(r)
		}
		for _, turn := range st.turns {
			turn.all(change)
			session.Traces(st.record(turn), func(f Finding) { t.Errorf("session %s: %s: %s", id, f.Rule, f.Text) })
		}
	}
}

// TestCheckingCostsNoMemory once everything was looked up.
func TestCheckingCostsNoMemory(t *testing.T) {
	c := bundledConventions(t)
	st := tell(false)
	r := st.record(st.turns[0])
	k := NewChecker(c, storyPrefix)
	ignore := func(Finding) {}
	perSpan := testing.AllocsPerRun(100, func() { k.Traces(r, ignore) }) / float64(len(r.Spans))
	if perSpan >= 0.2 {
		t.Errorf("%.1f allocations for each of %d spans", perSpan, len(r.Spans))
	}
}

// TestRulesAreDocumented: the page lists every rule as it is, in its order.
func TestRulesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/conventions.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, r := range Rules() {
		left := ""
		if r.Author {
			left = "author"
		}
		fmt.Fprintf(&want, "| `%s` | %s | %s |\n", r.Name, r.Meaning, left)
	}
	if !strings.HasSuffix(string(page), "|---|---|---|\n"+want.String()) {
		t.Errorf("docs/conventions.md should end in\n%s", want.String())
	}
}

// FuzzChecker judges whatever can be decoded. It must come to an end.
func FuzzChecker(f *testing.F) {
	for _, row := range valid {
		st := tell(row.unified)
		row.change(st.turns[1])
		f.Add(otlp.AppendTraces(nil, st.record(st.turns[1]), otlp.FormatProto))
	}
	for _, row := range shopStories {
		st := shop()
		row.change(st.turns[1])
		f.Add(otlp.AppendTraces(nil, st.record(st.turns[1]), otlp.FormatProto))
	}
	c := *bundledConventions(f)
	c.Systems = shopSystems
	f.Fuzz(func(t *testing.T, data []byte) {
		var d otlp.Decoder
		r := &otlp.Traces{}
		if d.Traces(r, data, otlp.FormatProto) != nil {
			return
		}
		k := NewChecker(&c, storyPrefix)
		session := k.Session()
		check := func(found Finding) {
			if found.Span < 0 || found.Span >= len(r.Spans) {
				t.Errorf("a finding about span %d of %d", found.Span, len(r.Spans))
			}
			if _, ok := authors[found.Rule]; !ok {
				t.Errorf("rule %s is not listed", found.Rule)
			}
		}
		session.Traces(r, check)
		session.Traces(r, check)
		k.Values(r, check)
		k.Systems(r, func(span int, _, _ bool) {
			if span < 0 || span >= len(r.Spans) {
				t.Errorf("span %d of %d is of a system", span, len(r.Spans))
			}
		})
	})
}

// TestContentOfTheCorpus holds messages to what a corpus says that its spans may
// hold of them.
func TestContentOfTheCorpus(t *testing.T) {
	c := bundledConventions(t)
	for _, row := range []struct {
		content          string
		redacted, broken bool
	}{
		{"", false, false}, {"scenario", true, false}, {"raw", false, false}, {"raw", true, true},
		{"redacted", true, false}, {"redacted", false, true}, {"none", false, true}, {"none", true, true},
	} {
		st := tell(false)
		if row.redacted {
			for _, turn := range st.turns {
				redact(turn)
			}
		}
		k := NewChecker(c, storyPrefix)
		k.Content = row.content
		found := 0
		for _, turn := range st.turns {
			k.Traces(st.record(turn), func(f Finding) {
				if f.Rule == "content-option" {
					found++
				}
			})
		}
		if found > 0 != row.broken {
			t.Errorf("content %q, redacted %t: %d findings", row.content, row.redacted, found)
		}
	}
}
