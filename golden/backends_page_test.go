package golden

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const genaiPage = "../docs/genai.md"

// TestGenAIPage holds the tables of the page to the corpora: which spans each
// vocabulary has, and what each backend makes of them.
func TestGenAIPage(t *testing.T) {
	dependOnTree(t)
	words := generator(t)
	seen := make(map[string]bool) // keys of spans
	for i := range vocabularies {
		v := &vocabularies[i]
		traces := v.gather(t, words)
		for _, trace := range traces {
			for _, s := range trace {
				for k := range s.attrs {
					seen[strings.Replace(k, "*.", vendorsPrefix, 1)] = true
				}
			}
		}
		checkPart(t, v.name+" spans", spansTable(traces))
		checkPart(t, v.name+" backends", backendsTable(traces))
		checkPart(t, v.name+" lookups", lookupsTable(traces))
	}
	data, err := os.ReadFile(genaiPage)
	if err != nil {
		t.Fatal(err)
	}
	_, ids, found := strings.Cut(string(data), "## How long an id lives\n")
	ids, _, ends := strings.Cut(ids, "\n## ")
	if !found || !ends {
		t.Fatalf("%s does not say how long ids live", genaiPage)
	}
	for _, m := range regexp.MustCompile("`([a-z_]+\\.[a-z_.]*id)`").FindAllStringSubmatch(ids, -1) {
		if !seen[m[1]] {
			t.Errorf("%s tells of %s, which no span has", genaiPage, m[1])
		}
	}
}

// checkPart holds the part of the page between its marks to a table, or writes
// it there.
func checkPart(t *testing.T, mark, table string) {
	t.Helper()
	data, err := os.ReadFile(genaiPage)
	if err != nil {
		t.Fatal(err)
	}
	part := regexp.MustCompile(`(?s)(<!-- ` + mark + `: [^\n]*\n)(.*?)(<!-- end -->)`)
	found := part.FindSubmatch(data)
	switch {
	case found == nil:
		t.Fatalf("%s has no part %s", genaiPage, mark)
	case string(found[2]) == table:
	case !*update:
		t.Errorf("%s, %s: got\n%s\nwant\n%s", genaiPage, mark, found[2], table)
	default:
		data = part.ReplaceAllFunc(data, func([]byte) []byte { return slices.Concat(found[1], []byte(table), found[3]) })
		if err := os.WriteFile(genaiPage, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// byType returns the spans of each type, in the order of the types' table.
func byType(traces [][]*observed) (order []string, spans map[string][]*observed) {
	spans = make(map[string][]*observed)
	for _, trace := range traces {
		for _, s := range trace {
			if s.of != nil {
				spans[s.of.name] = append(spans[s.of.name], s)
			}
		}
	}
	for i := range spanTypes {
		if n := spanTypes[i].name; spans[n] != nil && !slices.Contains(order, n) {
			order = append(order, n)
		}
	}
	return order, spans
}

// frequent returns the words of a count, most frequent first.
func frequent(count map[string]int) []string {
	return slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
}

// nameOf returns the name of a span, with attributes in braces for their values.
func nameOf(s *observed) string {
	word, rest, more := strings.Cut(s.bare, " ")
	if !more {
		return strings.Replace(s.bare, "*.", vendorsPrefix, 1)
	}
	for _, key := range []string{"gen_ai.agent.name", "gen_ai.tool.name", "gen_ai.request.model", "gen_ai.data_source.id"} {
		if s.attrs[key] == rest {
			return word + " {" + key + "}"
		}
	}
	return s.bare
}

const vendorsPrefix = "vendor."

// standard returns the keys of a span that are not the vendor's.
func standard(s *observed) (keys []string) {
	for k := range s.attrs {
		if !strings.HasPrefix(k, "*.") {
			keys = append(keys, k)
		}
	}
	return keys
}

// everywhereKeys are those that all spans have.
func everywhereKeys(traces [][]*observed) (keys []string) {
	count, spans := make(map[string]int), 0
	for _, trace := range traces {
		for _, s := range trace {
			spans++
			for k := range s.attrs {
				count[k]++
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(count)) {
		if count[k] == spans {
			keys = append(keys, k)
		}
	}
	return keys
}

func codes(keys []string) string {
	if len(keys) == 0 {
		return ""
	}
	return "`" + strings.ReplaceAll(strings.Join(keys, "`, `"), "*.", vendorsPrefix) + "`"
}

// spansTable has a row for each type: its names, kind, and the attributes that
// are OpenTelemetry's.
func spansTable(traces [][]*observed) string {
	common := everywhereKeys(traces)
	b := []byte("| type | name, kind | always | where it applies |\n|---|---|---|---|\n")
	b = fmt.Appendf(b, "| every span | | %s | |\n", codes(common))
	order, spans := byType(traces)
	var plain []string // the names of types without any
	for _, name := range order {
		names, always, some := described(spans[name], common)
		if len(always) == 0 && len(some) == 0 {
			plain = append(plain, "`"+names)
			continue
		}
		b = fmt.Appendf(b, "| %s | `%s | %s | %s |\n", name, names, codes(always), codes(some))
	}
	b = fmt.Appendf(b, "| the rest | %s | | |\n", strings.Join(plain, ", "))
	return string(b)
}

// described returns the names and kinds of spans of one type, the keys that all
// have and those that some have, without what any type may have.
func described(spans []*observed, common []string) (names string, always, some []string) {
	called, count := make(map[string]int), make(map[string]int)
	for _, s := range spans {
		called[nameOf(s)+"` "+s.kind]++
		for _, k := range standard(s) {
			count[k]++
		}
	}
	for _, k := range slices.Sorted(maps.Keys(count)) {
		switch {
		case k == "error.type" || slices.Contains(common, k):
		case count[k] == len(spans):
			always = append(always, k)
		default:
			some = append(some, k)
		}
	}
	return strings.Join(frequent(called), ", `"), always, some
}

// backendsTable says what the backends make of each type of span. Types of which
// all make the same share a row.
func backendsTable(traces [][]*observed) string {
	head, rule := "| type |", "|---|"
	for _, k := range backends {
		head, rule = head+" "+k.name+" |", rule+"---|"
	}
	b := []byte(head + "\n" + rule + "\n")
	order, spans := byType(traces)
	var rows []string // what they say
	alike := make(map[string][]string)
	for _, name := range order {
		var row string
		for _, k := range backends {
			types := make(map[string]int)
			for _, s := range spans[name] {
				types[k.typeOf(s)]++
			}
			row += " " + strings.Join(frequent(types), ", ") + " |"
		}
		if alike[row] == nil {
			rows = append(rows, row)
		}
		alike[row] = append(alike[row], name)
	}
	for _, row := range rows {
		b = fmt.Appendf(b, "| %s |%s\n", strings.Join(alike[row], ", "), row)
	}
	return string(b)
}

// lookupsTable says in which attributes the backends find what else they show.
func lookupsTable(traces [][]*observed) string {
	head, rule := "| backend |", "|---|"
	for _, l := range lookups {
		head, rule = head+" "+l.what+" |", rule+"---|"
	}
	b := []byte(head + " shows as |\n" + rule + "---|\n")
	for _, k := range backends {
		if len(k.keys) == 0 {
			continue
		}
		b = fmt.Appendf(b, "| %s |", k.name)
		for _, l := range lookups {
			b = fmt.Appendf(b, " %s |", lookedUp(traces, k.keys[l.what], l.role))
		}
		renamed := make(map[string]bool)
		for _, trace := range traces {
			for _, s := range trace {
				if s.of != nil && k.shown(s) != s.name {
					renamed[s.of.name] = true
				}
			}
		}
		as := "its name"
		if len(renamed) > 0 {
			as = "its name; the tool's: " + strings.Join(slices.Sorted(maps.Keys(renamed)), ", ")
		}
		b = fmt.Appendf(b, " %s |\n", as)
	}
	return string(b)
}

// lookedUp says by which keys something is found in the spans of a role. Of
// those of a tool the execution counts.
func lookedUp(traces [][]*observed, keys []string, role string) string {
	if keys == nil {
		return ""
	}
	found, spans := make(map[string]int), 0
	for _, trace := range traces {
		for _, s := range trace {
			if role != "" && (s.of == nil || s.of.role != role || role == "tool" && s.of.name != "mcp.tool.execute") {
				continue
			}
			spans++
			if i := slices.IndexFunc(keys, func(key string) bool { return s.attrs[key] != nil }); i >= 0 {
				found[keys[i]]++
			}
		}
	}
	var parts []string
	total := 0
	for _, key := range keys {
		if total += found[key]; found[key] > 0 {
			parts = append(parts, "`"+key+"`")
		}
	}
	switch text := strings.Join(parts, ", else "); {
	case parts == nil:
		return "not found"
	case total < spans:
		return text + ", where it is"
	default:
		return text
	}
}
