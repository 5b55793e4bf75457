package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// garbage is an input that nobody meant to write, and what is to be made of it.
type garbage struct {
	files map[string]string // by name
	// What each verb says, on either stream: of what cannot be read, with exit code 2,
	// and nothing written. "" is for what is read like any other.
	stats, compare, learn string
	told                  string // of what is read: what stats says of it
}

// told is a span of a test, as OTLP/JSON.
type told struct {
	trace, id, parent  int
	name               string
	start, end         int64 // ms
	attributes, status string
}

const epoch = 1_767_225_600_000 // ms

func (s *told) json() string {
	parent := ""
	if s.parent != 0 {
		parent = fmt.Sprintf(`"parentSpanId":"%016x",`, s.parent)
	}
	name, _ := json.Marshal(s.name)
	return fmt.Sprintf(`{"traceId":"%032x","spanId":"%016x",%s"name":%s,"kind":1,"startTimeUnixNano":"%d000000","endTimeUnixNano":"%d000000","attributes":[%s],"status":{%s}}`,
		s.trace, s.id, parent, name, epoch+s.start, epoch+s.end, s.attributes, s.status)
}

const resourceOfTests = `{"attributes":[{"key":"service.name","value":{"stringValue":"web"}}]}`

// line is a message with spans of one service.
func line(resource string, spans ...told) string {
	var b strings.Builder
	for i := range spans {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(spans[i].json())
	}
	return `{"resourceSpans":[{"resource":` + resource + `,"scopeSpans":[{"spans":[` + b.String() + "]}]}]}\n"
}

// traces is so many traces of the spans that shape returns, each in a message.
func tracesLike(n int, shape func(trace int) []told) string {
	var b strings.Builder
	for i := range n {
		spans := shape(i)
		for k := range spans {
			spans[k].trace = i + 1
			spans[k].start += int64(500 * i)
			spans[k].end += int64(500 * i)
		}
		b.WriteString(line(resourceOfTests, spans...))
	}
	return b.String()
}

// plain is a request with one call.
func plain(trace int) []told {
	return []told{{id: 1, name: "GET /", end: int64(30 + trace%7)}, {id: 2, parent: 1, name: "load", start: 5, end: 20}}
}

// chain is spans below each other, and fan spans beside each other.
func chain(depth int, name func(i int) string) (out []told) {
	for i := range depth {
		out = append(out, told{id: i + 1, parent: i, name: name(i), start: int64(i), end: int64(2*depth - i)})
	}
	return out
}

func fan(width int) (out []told) {
	out = append(out, told{id: 1, name: "all", end: int64(width + 1)})
	for i := range width {
		out = append(out, told{id: i + 2, parent: 1, name: "one", start: int64(i), end: int64(i + 1)})
	}
	return out
}

// changed is plain with a change.
func changed(change func(trace int, s []told)) func(int) []told {
	return func(trace int) []told {
		s := plain(trace)
		change(trace, s)
		return s
	}
}

func attribute(key, value string) string {
	k, _ := json.Marshal(key)
	v, _ := json.Marshal(value)
	return fmt.Sprintf(`{"key":%s,"value":{"stringValue":%s}}`, k, v)
}

const jaegerOfTests = `{"data":[{"traceID":"%032x","spans":[{"traceID":"%032x","spanID":"0000000000000001","operationName":"old","references":[],"startTime":1767225600000000,"duration":1500,"tags":[],"logs":[],"processID":"p1"}],"processes":{"p1":{"serviceName":"legacy","tags":[]}}}]}`

// garbageFiles are inputs that hold less than they should, or other things.
func garbageFiles() map[string]garbage {
	whole := tracesLike(40, plain)
	const nothing = "no span, log record or data point"
	unreadable := func(words string) garbage { return garbage{stats: words, compare: words, learn: words} }
	with := func(g garbage, name, data string) garbage {
		g.files = map[string]string{name: data}
		return g
	}
	logs := `{"resourceLogs":[{"resource":` + resourceOfTests + `,"scopeLogs":[{"logRecords":[{"timeUnixNano":"1767225600000000000","severityNumber":9,"body":{"stringValue":"started"}}]}]}]}` + "\n"
	points := `{"resourceMetrics":[{"resource":` + resourceOfTests + `,"scopeMetrics":[{"metrics":[{"name":"a.b","gauge":{"dataPoints":[{"timeUnixNano":"1767225600000000000","asDouble":1}]}}]}]}]}` + "\n"
	return map[string]garbage{
		"truncated":         with(garbage{told: "the file ends within it"}, "traces.json", whole[:len(whole)-40]),
		"truncated frames":  with(unreadable("traces.pb"), "traces.pb", "\x00\x00\x01\x00\x0a\x20only the start of a message"),
		"an empty file":     with(unreadable(nothing), "traces.json", ""),
		"no message":        with(unreadable(nothing), "traces.json", "{\"resourceSpans\":[]}\n"),
		"no JSON":           with(unreadable("traces.json"), "traces.json", "this is a log file\nof some program\n"),
		"other JSON":        with(unreadable("traces.json"), "traces.json", "{\"name\": \"package\", \"version\": 3}\n"),
		"one trace":         with(garbage{compare: "at least 10", learn: "enough traces"}, "traces.json", tracesLike(1, plain)),
		"no service.name":   with(garbage{}, "traces.json", strings.ReplaceAll(whole, "service.name", "host.name")),
		"no resource":       with(garbage{}, "traces.json", strings.ReplaceAll(whole, resourceOfTests, "{}")),
		"nothing but logs":  with(garbage{compare: "too little to compare", learn: "trace"}, "logs.json", strings.Repeat(logs, 50)),
		"no start":          with(garbage{told: "without a start", compare: "left out: 80 spans without a start", learn: "left out are 80 spans without a start"}, "traces.json", strings.ReplaceAll(whole, "startTimeUnixNano", "start")),
		"no ids":            with(garbage{told: "ids of the right length", compare: "left out: 80 spans without ids", learn: "left out are 80 spans without ids"}, "traces.json", strings.ReplaceAll(whole, "traceId", "trace")),
		"nothing but gauge": with(garbage{compare: "too little to compare", learn: "trace"}, "metrics.json", strings.Repeat(points, 50)),
		"Jaeger among OTLP": {files: map[string]string{"a.json": whole, "b.json": fmt.Sprintf(jaegerOfTests, 999, 999)}},
	}
}

// garbageTraces are inputs whose traces are odd.
func garbageTraces() map[string]garbage {
	of := func(n int, words string, shape func(int) []told) garbage {
		return garbage{files: map[string]string{"traces.json": tracesLike(n, shape)}, told: words}
	}
	many := func(int) (all string) {
		for i := range 1000 {
			all += "," + attribute(fmt.Sprintf("key.%d", i), fmt.Sprint(i%3))
		}
		return all[1:]
	}(0)
	long := strings.Repeat("a very long name ", 5<<20/17)
	return map[string]garbage{
		"orphans":         of(40, "parent", changed(func(_ int, s []told) { s[1].parent = 77 })),
		"clock skew":      of(40, "before", changed(func(_ int, s []told) { s[1].start, s[1].end = -400, -390 })),
		"cycles":          of(40, "below themselves", changed(func(_ int, s []told) { s[0].parent = 2 })),
		"its own parent":  of(40, "below themselves", changed(func(_ int, s []told) { s[0].parent = 1 })),
		"duplicates":      of(40, "id", changed(func(_ int, s []told) { s[1].id = 1 })),
		"ends at no time": of(40, "", changed(func(_ int, s []told) { s[1].end = -epoch })),
		"ends in 2554":    of(40, "", changed(func(_ int, s []told) { s[1].end = 18446744073709 - epoch - 20_000 })),
		"a clock of 1970": of(40, "before", changed(func(trace int, s []told) {
			s[1].start, s[1].end = s[1].start-epoch+int64(trace), s[1].end-epoch+int64(trace)
		})),
		"lasts for years": of(40, "", changed(func(_ int, s []told) { s[0].end += 3 * 31_536_000_000 })),
		"months apart":    of(40, "", changed(func(trace int, s []told) { s[0].start += int64(trace) * 3e9; s[0].end += int64(trace) * 3e9 })),
		"numbers too great": of(40, "", changed(func(trace int, s []told) {
			s[1].attributes = fmt.Sprintf(`{"key":"a","value":{"doubleValue":%de300}},{"key":"b","value":{"doubleValue":1e-310}},%s`, trace+1, attribute("note", fmt.Sprint(trace, long[:150_000])))
		})),
		"backwards":       of(40, "", changed(func(_ int, s []told) { s[1].start, s[1].end = 20, 5 })),
		"many attributes": of(12, "", changed(func(_ int, s []told) { s[1].attributes = many })),
		"a name of 5 MB": of(12, "", changed(func(trace int, s []told) {
			if trace < 2 {
				s[1].name = long[:5<<20-20-trace]
			}
		})),
		"no names": of(40, "", changed(func(_ int, s []told) { s[0].name, s[1].name = "", "" })),
		"hostile escapes": of(40, "", changed(func(_ int, s []told) {
			s[1].name = "\x1b[2J\x1b]0;own\x07\u202e<script>alert(1)</script>\r\n: {a: [\x00'\""
		})),
		"hostile keys": of(40, "", changed(func(_ int, s []told) { s[1].attributes = attribute("\x1b[31m\n? [", "\u2028- {x: *y}") })),
		"deep":         of(12, "", func(int) []told { return chain(600, func(i int) string { return fmt.Sprintf("f%d", i%40) }) }),
		"wide": of(12, "", func(trace int) []told {
			if trace < 2 {
				return fan(12_000)
			}
			return fan(50)
		}),
		"deep among others": of(52, "", func(trace int) []told {
			if trace < 40 {
				return plain(trace)
			}
			return chain(600, func(i int) string { return "walk" })
		}),
		"recursion":         of(40, "", func(trace int) []told { return chain(2+trace%5, func(int) string { return "walk" }) }),
		"names of every id": of(40, "", changed(func(trace int, s []told) { s[1].name = fmt.Sprintf("user 8f14e45f-ceea-467f-a8f0-%012x", trace) })),
		"few sessions": of(40, "", changed(func(trace int, s []told) {
			s[1].attributes = attribute("session.id", fmt.Sprint("visit-", trace%9))
			if trace%2 == 0 {
				s[0].attributes = s[1].attributes
			}
		})),
		"rare sessions": of(60, "", changed(func(trace int, s []told) {
			s[0].attributes = attribute("session.id", fmt.Sprint("visit-", trace/4))
			if trace/4%3 == 0 && trace%4 > 1 {
				s[0].name = "GET /again"
			}
		})),
		"all fail": of(40, "", changed(func(_ int, s []told) { s[0].status, s[1].status = `"code":2,"message":"no"`, `"code":2` })),
	}
}

// TestGarbage gives the verbs that read what others wrote things that nobody meant to
// write: each is a clear word or a result, never a crash, and what is learnt loads.
func TestGarbage(t *testing.T) {
	all := garbageFiles()
	maps.Copy(all, garbageTraces())
	plainDir := writeGarbage(t, garbage{files: map[string]string{"traces.json": tracesLike(40, plain)}})
	for _, name := range slices.Sorted(maps.Keys(all)) {
		g := all[name]
		t.Run(name, func(t *testing.T) {
			dir := writeGarbage(t, g)
			if out := g.try(t, g.stats, "stats", dir); g.told != "" && !strings.Contains(out, g.told) {
				t.Errorf("stats does not say %q:\n%s", g.told, out)
			}
			g.try(t, g.stats, "stats", dir, "--html", filepath.Join(t.TempDir(), "page.html"))
			g.try(t, g.compare, "compare", dir, plainDir)
			g.try(t, g.compare, "compare", plainDir, dir)
			model := filepath.Join(t.TempDir(), "model")
			g.try(t, g.learn, "learn", dir, "-o", model)
			if _, err := os.Stat(model); g.learn != "" {
				if err == nil {
					t.Error("something was written")
				}
				return
			}
			project, made := filepath.Join(model, "project.yaml"), filepath.Join(t.TempDir(), "made")
			g.try(t, "", "validate", "--project", project, "--strict")
			g.try(t, "", "--project", project, "-n", "20", "--quiet", "-o", made)
			g.try(t, "", "verify", made, "--quiet")
		})
	}
}

func writeGarbage(t *testing.T, g garbage) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range g.files { // order-free: files of their own
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// try runs the command, which is to be refused with the words, or else to work, and
// returns what it said.
func (g *garbage) try(t *testing.T, words string, args ...string) string {
	t.Helper()
	code, stdout, stderr := command(args...)
	said := stdout + stderr
	switch {
	case words == "" && code != exitDone && (args[0] != "compare" || code != exitFailed):
		t.Errorf("%s: exit %d\n%.2000s", args[0], code, stderr)
	case words != "" && (code != exitUsage || !strings.Contains(stderr, words)):
		t.Errorf("%s: exit %d, want %d and %q\n%.2000s", args[0], code, exitUsage, words, said)
	}
	if i := strings.IndexFunc(said, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) && r != '\t' }); i >= 0 {
		t.Errorf("%s prints %q", args[0], said[i:min(len(said), i+10)])
	}
	return said
}
