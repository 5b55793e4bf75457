package main

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// The pages that describe what is emitted, by vocabulary.
var telemetryPages = map[string]string{"vendor": "../../docs/telemetry.md", "genai": "../../docs/genai.md"}

// checkTable holds the part of a page between its marks to a table, or writes
// it there.
func checkTable(t *testing.T, page, mark, table string) {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	part := regexp.MustCompile(`(?s)(<!-- ` + mark + `: [^\n]*\n)(.*?)(<!-- end -->)`)
	found := part.FindSubmatch(data)
	if found == nil {
		t.Fatalf("%s has no part %s", page, mark)
	}
	if string(found[2]) == table {
		return
	}
	if !*update {
		t.Fatalf("%s, %s: got\n%s\nwant\n%s", page, mark, found[2], table)
	}
	data = part.ReplaceAllFunc(data, func([]byte) []byte { return slices.Concat(found[1], []byte(table), found[3]) })
	if err := os.WriteFile(page, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// coded returns names as code, in one cell.
func coded(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "`" + strings.Join(names, "`, `") + "`"
}

// TestMetricsAreDocumented: the pages have every metric of their conventions.
func TestMetricsAreDocumented(t *testing.T) {
	for vocabulary, page := range telemetryPages {
		file, _ := otelsim.BundledConventions(vocabulary)
		var p input.Problems
		c := semconv.Parse(input.File{Name: file.Name, Data: file.Data}, &p)
		if p.Errors() > 0 {
			t.Fatal(p.All())
		}
		var b strings.Builder
		b.WriteString("| metric | type | unit | of the | what | dimensions |\n|---|---|---|---|---|---|\n")
		for _, m := range c.Metrics {
			fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | %s | %s |\n", m.Name, m.Type, m.Unit, m.EmittedBy,
				strings.TrimSuffix(m.Description, "."), coded(m.Dimensions))
		}
		checkTable(t, page, "metrics", b.String())
	}
}

// tells says when each log event happens. An event without a row is missed.
var tells = []struct{ event, when string }{
	{"vendor.request.allowed", "a request was let in"},
	{"vendor.request.flagged", "a request was let in and flagged for an audit"},
	{"vendor.request.blocked", "a request was turned away"},
	{"vendor.request.failed", "the check of a request failed"},
	{"vendor.validation.error", "a mistake in the body of a request"},
	{"vendor.policy.decision", "a policy engine decided about a request or an answer"},
	{"vendor.turn.start", "an agent begins to work on a turn"},
	{"vendor.turn.end", "and ends, with an answer, a part of one or none"},
	{"vendor.llm.call", "a model call ended"},
	{"vendor.tool.call", "a tool call ended, with its last attempt"},
	{"vendor.tool.retry", "a tool call is tried again"},
	{"vendor.tool.attempt.failed", "an attempt failed"},
	{"vendor.context.augment", "documents were looked up"},
	{"vendor.rag.retrieve", "documents were queried"},
	{"vendor.a2a.call", "another agent was called"},
	{"vendor.step.failed", "another step of the work failed"},
	{"gen_ai.evaluation.result", "an answer, or other work, was judged"},
	{"vendor.response.allowed", "an answer was sent"},
	{"vendor.response.flagged", "an answer was sent and flagged for an audit"},
	{"vendor.response.blocked", "an answer was held back"},
	{"vendor.response.failed", "the check of an answer failed"},
}

// everywhere matches the attributes that the pages name for all events.
var everywhere = regexp.MustCompile(`^(session\.id|user\.id|vendor\.(session\.id|tenant\.id|request\.id|(cp|dp)\..*trace_id|` +
	`(request|response)\.(outcome|audit\..*)|error\.category)|gen_ai\.conversation\.id|error\.type)$`)

// TestLogEventsAreDocumented: the pages have every event of the bundled
// scenarios, with every severity and attribute that occurs.
func TestLogEventsAreDocumented(t *testing.T) {
	for vocabulary, page := range telemetryPages {
		severities, attributes := observedLogs(t, vocabulary)
		var b strings.Builder
		b.WriteString("| event | when | severity | attributes |\n|---|---|---|---|\n")
		for _, row := range tells {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", row.event, row.when,
				strings.Join(severities[row.event], ", "), coded(slices.Sorted(maps.Keys(attributes[row.event]))))
			delete(severities, row.event)
		}
		for event := range severities {
			t.Errorf("%s: say when it happens", event)
		}
		checkTable(t, page, "logs", b.String())
	}
}

// observedLogs generates bundled scenarios and returns the severities and the
// attributes of each event.
func observedLogs(t *testing.T, vocabulary string) (severities map[string][]string, attributes map[string]map[string]bool) {
	t.Helper()
	conventions, _ := otelsim.BundledConventions(vocabulary)
	plan, err := otelsim.New(otelsim.Options{Seed: 1, Count: 4000, Inputs: otelsim.Inputs{Conventions: conventions}})
	if err != nil {
		t.Fatal(err)
	}
	g, err := plan.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	severities, attributes = make(map[string][]string), make(map[string]map[string]bool)
	for i := range uint64(4000) {
		g.IterationLogs(i, func(_ *otlp.Traces, l *otlp.Logs) {
			for _, r := range l.Records {
				name, severity := l.Strings.String(r.EventName), l.Strings.String(r.SeverityText)
				if attributes[name] == nil {
					attributes[name] = make(map[string]bool)
				}
				if !slices.Contains(severities[name], severity) {
					severities[name] = append(severities[name], severity)
					slices.Sort(severities[name])
				}
				for _, a := range l.Attrs[r.Attrs.Start:r.Attrs.End] {
					if key := l.Strings.String(a.Key); !everywhere.MatchString(key) {
						attributes[name][key] = true
					}
				}
			}
		})
	}
	return severities, attributes
}

// TestOldNamesAreDocumented: whoever is told of a page finds there what was
// answered.
func TestOldNamesAreDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/migrating.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range oldFlags {
		if !strings.Contains(string(data), "--"+flag.name) {
			t.Errorf("docs/migrating.md does not name --%s", flag.name)
		}
	}
	for _, verb := range oldVerbs {
		if !strings.Contains(string(data), "`otelsim "+verb) {
			t.Errorf("docs/migrating.md does not name %s", verb)
		}
	}
}

// TestVariablesAreDocumented: the page has every variable and its flag.
func TestVariablesAreDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range variables {
		if !strings.Contains(string(data), "| `"+v.name+"` | otelsim-gen | `--"+v.flag+"`") {
			t.Errorf("docs/commands.md does not say that %s is --%s", v.name, v.flag)
		}
	}
}
