//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// forgeries change what a corpus says and make the rest fit.
func forgeries() []tampering {
	list := slices.Concat(forgedRecords(), forgedSpans(), forgedOthers(), forgedHeaders(), forgedTexts())
	for i := range list {
		list[i].forged = true
	}
	return list
}

var signalsOfAll = []otlp.Signal{otlp.SignalTraces, otlp.SignalMetrics, otlp.SignalLogs}

// record returns what changes the list of records of any signal.
func record(change func(f *forgery, records *[][]byte, n int) bool) func(v *victim) bool {
	return forge(func(f *forgery) bool {
		records, n, ok := f.any(signalsOfAll[f.v.r.IntN(len(signalsOfAll))])
		if !ok {
			return false
		}
		*records = slices.Clone(*records)
		return change(f, records, n)
	})
}

// empty returns a record that holds nothing.
func (f *forgery) empty() []byte {
	if f.format == otlp.FormatJSON {
		return []byte("{}")
	}
	return nil
}

func forgedRecords() []tampering {
	return []tampering{
		{name: "drop a record", states: everyState, want: mayBeLawful, apply: record(func(_ *forgery, records *[][]byte, n int) bool {
			*records = slices.Delete(*records, n, n+1)
			return true
		})},
		{name: "double a record", states: everyState, want: mustBeFound, apply: record(func(_ *forgery, records *[][]byte, n int) bool {
			*records = slices.Insert(*records, n, (*records)[n])
			return true
		})},
		{name: "an empty record", states: everyState, want: mustBeFound, apply: record(func(f *forgery, records *[][]byte, n int) bool {
			*records = slices.Insert(*records, n, f.empty())
			return true
		})},
		{name: "many empty records", states: everyState, want: mustBeFound, apply: record(func(f *forgery, records *[][]byte, n int) bool {
			*records = slices.Insert(*records, n, slices.Repeat([][]byte{f.empty()}, 100_000)...)
			return true
		})},
		{name: "another order of records", states: everyState, want: mayBeLawful, apply: record(func(_ *forgery, records *[][]byte, n int) bool {
			rs := *records
			if n == 0 || bytes.Equal(rs[n], rs[n-1]) {
				return false
			}
			rs[n], rs[n-1] = rs[n-1], rs[n]
			return true
		})},
		{name: "what no reader sees", states: everyState, want: mustBeFound, apply: record(func(f *forgery, records *[][]byte, n int) bool {
			r := (*records)[n]
			if f.format == otlp.FormatJSON {
				texts := []string{`"x":null,`, `"droppedThings":7,`, ` `, `"resourceSpans":null,`}
				(*records)[n] = slices.Concat([]byte("{"), []byte(texts[f.v.r.IntN(len(texts))]), r[1:])
				return true
			}
			(*records)[n] = slices.Concat(r, []byte{0xf8, 0x07, 0x05}) // field 127
			return true
		})},
		{name: "null in place of a value", states: everyState, want: mustBeFound, apply: record(func(f *forgery, records *[][]byte, n int) bool {
			r := string((*records)[n])
			at := strings.Index(r, `"stringValue":"`)
			if f.format != otlp.FormatJSON || at < 0 {
				return false
			}
			at += len(`"stringValue":`)
			end := at + 1 + strings.IndexByte(r[at+1:], '"')
			if r[end-1] == '\\' {
				return false
			}
			(*records)[n] = []byte(r[:at] + "null" + r[end+1:])
			return true
		})},
		{name: "segments change places", states: everyState, want: mustBeFound, apply: forge(func(f *forgery) bool {
			sig := signalsOfAll[f.v.r.IntN(len(signalsOfAll))]
			f.records[0][sig], f.records[1][sig] = f.records[1][sig], f.records[0][sig]
			return f.v.did("0 and 1 of %v", sig)
		})},
	}
}

func forgedSpans() []tampering {
	span := func(change func(f *forgery, t *otlp.Traces, s *otlp.Span) bool) func(v *victim) bool {
		return traces(func(f *forgery, t *otlp.Traces) bool { return change(f, t, &t.Spans[f.v.r.IntN(len(t.Spans))]) })
	}
	return []tampering{
		{name: "drop a span", states: everyState, want: mayBeLawful, apply: traces(func(f *forgery, t *otlp.Traces) bool {
			n := f.v.r.IntN(len(t.Spans))
			t.Spans = slices.Delete(t.Spans, n, n+1)
			return len(t.Spans) > 0
		})},
		{name: "another attribute of a span", states: everyState, want: mayBeLawful, apply: span(func(f *forgery, t *otlp.Traces, s *otlp.Span) bool {
			return f.text(t.Attrs, t.Text, s.Attrs)
		})},
		{name: "an attribute less", states: everyState, want: mayBeLawful, apply: span(func(_ *forgery, _ *otlp.Traces, s *otlp.Span) bool {
			if s.Attrs.Len() == 0 {
				return false
			}
			s.Attrs.End--
			return true
		})},
		{name: "another status", states: everyState, want: mustBeFound, apply: span(func(_ *forgery, _ *otlp.Traces, s *otlp.Span) bool {
			s.Status ^= otlp.StatusError
			return true
		})},
		{name: "another time", states: everyState, want: mayBeLawful, apply: span(func(f *forgery, _ *otlp.Traces, s *otlp.Span) bool {
			if f.v.r.IntN(2) == 0 {
				s.End++
			} else {
				s.Start++
			}
			return true
		})},
		{name: "another kind", states: everyState, want: mustBeFound, apply: span(func(_ *forgery, _ *otlp.Traces, s *otlp.Span) bool {
			s.Kind = s.Kind%5 + 1
			return true
		})},
		{name: "another id of a span", states: everyState, want: mustBeFound, apply: span(func(f *forgery, _ *otlp.Traces, s *otlp.Span) bool {
			s.SpanID[f.v.r.IntN(8)] ^= 1
			return true
		})},
		{name: "another id of a trace", states: everyState, want: mustBeFound, apply: span(func(f *forgery, t *otlp.Traces, s *otlp.Span) bool {
			was, at := s.TraceID, f.v.r.IntN(16)
			for i := range t.Spans {
				if t.Spans[i].TraceID == was {
					t.Spans[i].TraceID[at] ^= 1
				}
			}
			return true
		})},
		{name: "no event", states: everyState, want: mayBeLawful, apply: span(func(_ *forgery, _ *otlp.Traces, s *otlp.Span) bool {
			if s.Events.Len() == 0 {
				return false
			}
			s.Events.End--
			return true
		})},
		{name: "no link", states: everyState, want: mayBeLawful, apply: span(func(_ *forgery, _ *otlp.Traces, s *otlp.Span) bool {
			if s.Links.Len() == 0 {
				return false
			}
			s.Links = otlp.Range{}
			return true
		})},
	}
}

func forgedOthers() []tampering {
	point := func(change func(f *forgery, m *otlp.Metrics, p *otlp.Point) bool) func(v *victim) bool {
		return metricsOf(func(f *forgery, m *otlp.Metrics) bool { return change(f, m, &m.Points[f.v.r.IntN(len(m.Points))]) })
	}
	log := func(change func(f *forgery, l *otlp.Logs, r *otlp.LogRecord) bool) func(v *victim) bool {
		return logsOf(func(f *forgery, l *otlp.Logs) bool { return change(f, l, &l.Records[f.v.r.IntN(len(l.Records))]) })
	}
	return []tampering{
		{name: "drop a metric", states: everyState, want: mustBeFound, apply: metricsOf(func(f *forgery, m *otlp.Metrics) bool {
			n := f.v.r.IntN(len(m.Metrics))
			m.Metrics = slices.Delete(m.Metrics, n, n+1)
			return len(m.Metrics) > 0
		})},
		{name: "another value", states: everyState, want: mustBeFound, apply: point(func(_ *forgery, _ *otlp.Metrics, p *otlp.Point) bool {
			if p.Kind == otlp.KindInt {
				p.Value++
			} else if p.Kind == otlp.KindDouble {
				p.Value = math.Float64bits(math.Float64frombits(p.Value) + 1)
			} else {
				p.Sum++
			}
			return true
		})},
		{name: "another time of a point", states: everyState, want: mayBeLawful, apply: point(func(_ *forgery, _ *otlp.Metrics, p *otlp.Point) bool {
			p.Time++
			return true
		})},
		{name: "no exemplars", states: everyState, want: mayBeLawful, apply: point(func(_ *forgery, _ *otlp.Metrics, p *otlp.Point) bool {
			if p.Exemplars.Len() == 0 {
				return false
			}
			p.Exemplars = otlp.Range{}
			return true
		})},
		{name: "drop a log record", states: everyState, want: mustBeFound, apply: logsOf(func(f *forgery, l *otlp.Logs) bool {
			n := f.v.r.IntN(len(l.Records))
			l.Records = slices.Delete(l.Records, n, n+1)
			return len(l.Records) > 0
		})},
		{name: "another severity", states: everyState, want: mustBeFound, apply: log(func(_ *forgery, _ *otlp.Logs, r *otlp.LogRecord) bool {
			r.Severity++
			return true
		})},
		{name: "another time of a log record", states: everyState, want: mustBeFound, apply: log(func(_ *forgery, _ *otlp.Logs, r *otlp.LogRecord) bool {
			r.Time++
			return true
		})},
		{name: "another body", states: everyState, want: mayBeLawful, apply: log(func(_ *forgery, l *otlp.Logs, r *otlp.LogRecord) bool {
			if r.Body.Kind != otlp.KindText {
				return false
			}
			x := otlp.UnpackRange(r.Body.Word)
			if x.Len() == 0 || l.Text[x.Start] == 'z' {
				return false
			}
			l.Text[x.Start] = 'z'
			return true
		})},
		{name: "another attribute of a log record", states: everyState, want: mayBeLawful, apply: log(func(f *forgery, l *otlp.Logs, r *otlp.LogRecord) bool {
			return f.text(l.Attrs, l.Text, r.Attrs)
		})},
		{name: "an attribute of a log record less", states: everyState, want: mayBeLawful, apply: log(func(_ *forgery, _ *otlp.Logs, r *otlp.LogRecord) bool {
			r.Attrs.End--
			return true
		})},
	}
}

func forgedHeaders() []tampering {
	header := func(name string, want consequence, change func(f *forgery, h *corpus.Header)) tampering {
		return tampering{name: "another " + name, states: everyState, want: want, apply: forge(func(f *forgery) bool {
			f.header.Scenarios = slices.Clone(f.header.Scenarios)
			change(f, &f.header)
			return f.v.did("in the manifest")
		})}
	}
	scenario := func(f *forgery, h *corpus.Header) *corpus.Scenario { return &h.Scenarios[f.v.r.IntN(len(h.Scenarios))] }
	return []tampering{
		header("start", mustBeFound, func(_ *forgery, h *corpus.Header) { h.Options.Start++ }),
		header("interval", mustBeFound, func(_ *forgery, h *corpus.Header) { h.Options.Interval++ }),
		header("deviation", mustBeFound, func(_ *forgery, h *corpus.Header) { h.Options.Deviation += 1e9 }),
		header("seed", mustBeFound, func(_ *forgery, h *corpus.Header) { h.Seed++ }),
		header("revision", mustBeFound, func(_ *forgery, h *corpus.Header) { h.Revision++ }),
		header("prefix", mustBeFound, func(_ *forgery, h *corpus.Header) { h.Prefix = "acme" }),
		header("content", mayBeLawful, func(f *forgery, h *corpus.Header) {
			others := []string{"none", "raw", "redacted"}
			if len(f.v.base.given) > 0 { // the only agents there are record redacted messages anyway
				others = others[:2]
			}
			h.Options.Content = others[f.v.r.IntN(len(others))]
		}),
		header("shape", mustBeFound, func(_ *forgery, h *corpus.Header) {
			if h.Options.TraceShape == "unified" {
				h.Options.TraceShape = "separate"
			} else {
				h.Options.TraceShape = "unified"
			}
		}),
		header("batch", mayBeLawful, func(_ *forgery, h *corpus.Header) { h.Options.BatchItems += 17 }),
		header("metric interval", mayBeLawful, func(_ *forgery, h *corpus.Header) { h.Options.MetricInterval += 1e9 }),
		header("plan digest", mayBeLawful, func(_ *forgery, h *corpus.Header) { h.PlanDigest = strings.Repeat("ab", len(h.PlanDigest)/2) }),
		header("number of users", mayBeLawful, func(_ *forgery, h *corpus.Header) { h.Users++ }),
		header("number of instances", mayBeLawful, func(_ *forgery, h *corpus.Header) { h.Instances++ }),
		header("weight", mayBeLawful, func(f *forgery, h *corpus.Header) { scenario(f, h).Weight++ }),
		header("digest of a scenario", mayBeLawful, func(f *forgery, h *corpus.Header) { scenario(f, h).Digest = "abcd" }),
		header("set of scenarios", mayBeLawful, func(_ *forgery, h *corpus.Header) { h.Scenarios = h.Scenarios[1:] }),
		header("name of a scenario", mayBeLawful, func(_ *forgery, h *corpus.Header) { h.Scenarios[0].Name = "0" }),
		header("silence", mayBeLawful, func(f *forgery, h *corpus.Header) { scenario(f, h).NoLogs = true }),
	}
}

// forgedTexts change files that are no segments, and their sums with them.
func forgedTexts() []tampering {
	only := []state{finished}
	text := func(name string, want consequence, file string, change func(v *victim, data []byte) []byte) tampering {
		return tampering{name: name, states: only, want: want, apply: func(v *victim) bool {
			data := change(v, v.read(file))
			if data == nil {
				return false
			}
			v.write(file, data)
			v.resum(file)
			return v.did("%s", file)
		}}
	}
	conventions := func(name string, want consequence, change func(v *victim, data []byte) []byte) tampering {
		x := text(name, want, corpus.ConventionsFile, change)
		x.states = everyState
		return x
	}
	return []tampering{
		text("another build info", harmless, corpus.BuildInfoFile, func(_ *victim, _ []byte) []byte { return []byte("{}\n") }),
		conventions("no conventions", mustBeFound, func(_ *victim, _ []byte) []byte { return []byte{} }),
		conventions("garbled conventions", mustBeFound, func(_ *victim, data []byte) []byte { return append([]byte("[\n"), data...) }),
		conventions("a comment more", mayBeLawful, func(_ *victim, data []byte) []byte { return append(data, "# more\n"...) }),
		conventions("conventions less", mayBeLawful, func(v *victim, data []byte) []byte {
			lines := bytes.SplitAfter(data, []byte("\n"))
			n := v.r.IntN(len(lines))
			return slices.Concat(bytes.Join(lines[:n], nil), bytes.Join(lines[n+1:], nil))
		}),
		text("a claim of bytes", mustBeFound, corpus.ManifestFile, func(_ *victim, data []byte) []byte {
			i := bytes.Index(data, []byte(`"bytes": `))
			end := i + bytes.IndexByte(data[i:], ',')
			return slices.Concat(data[:i], []byte(`"bytes": 2147400000`), data[end:])
		}),
		text("a prefix of a megabyte", mustBeFound, corpus.ManifestFile, func(_ *victim, data []byte) []byte {
			return bytes.Replace(data, []byte(`"prefix": "vendor"`), []byte(`"prefix": "`+strings.Repeat("v", 1<<20)+`"`), 1)
		}),
		text("a prefix of escapes", mustBeFound, corpus.ManifestFile, func(_ *victim, data []byte) []byte {
			return bytes.Replace(data, []byte(`"prefix": "vendor"`), []byte(`"prefix": "\u001b[31m"`), 1)
		}),
		text("no list of scenarios", mustBeFound, corpus.ManifestFile, func(_ *victim, data []byte) []byte {
			i, j := bytes.Index(data, []byte(`"scenarios": [`)), bytes.Index(data, []byte(`"segments": [`))
			return slices.Concat(data[:i], []byte("\"scenarios\": null,\n  "), data[j:])
		}),
		text("a metric interval of 1ns", mayBeLawful, corpus.ManifestFile, func(_ *victim, data []byte) []byte {
			return bytes.Replace(data, []byte(`"metric_interval": "10s"`), []byte(`"metric_interval": "1ns"`), 1)
		}),
		text("a start in 2554", mustBeFound, corpus.ManifestFile, func(_ *victim, data []byte) []byte {
			return bytes.Replace(data, []byte(`"start": "2026-`), []byte(`"start": "2554-`), 1)
		}),
		text("lists in the manifest", mustBeFound, corpus.ManifestFile, func(_ *victim, data []byte) []byte {
			return slices.Concat(data[:len(data)-2], []byte(`,"x":`), bytes.Repeat([]byte("["), 100_000))
		}),
	}
}

// resum makes SHA256SUMS fit a file that was changed.
func (v *victim) resum(file string) {
	if v.base.state != finished {
		return
	}
	lines := strings.SplitAfter(string(v.read(corpus.SumsFile)), "\n")
	for i, line := range lines {
		if strings.HasSuffix(line, "  "+file+"\n") {
			lines[i] = fmt.Sprintf("%x  %s\n", sha256.Sum256(v.read(file)), file)
		}
	}
	v.write(corpus.SumsFile, []byte(strings.Join(lines, "")))
}
