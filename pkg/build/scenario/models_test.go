package scenario

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
)

func TestModelsOfAConfig(t *testing.T) {
	text := small + `models:
  - name: small-1
    provider: gateway
    response_model: small-1-2026
    server: "models.example.com:8443"
    tokens: {prompt: 500, output: {distribution: uniform, low: 10, high: 20}, cache: 0.5, reasoning: 0.25}
    latency: {first_chunk_ms: {distribution: constant, value: 100}, ms_per_token: 2}
    request: {temperature: 0.5, max_tokens: 100, reasoning.level: low}
  - {name: large-1, latency: 900, server: "[::1]:80"}
`
	var p input.Problems
	c := ParseConfig(input.File{Name: "a.yaml", Data: []byte(text)}, &p)
	checkLines(t, lines(&p))
	m := c.Model("small-1")
	if m == nil || m.Provider != "gateway" || m.Response != "small-1-2026" || m.Host != "models.example.com" || m.Port != 8443 {
		t.Fatalf("got %+v", m)
	}
	if m.Prompt.Value != 500 || m.Output.Kind != dist.Uniform || *m.Cache != 0.5 || m.Reasoning.Value != 0.25 {
		t.Errorf("tokens: got %+v", m)
	}
	if m.FirstChunk.Value != 100 || m.PerToken.Value != 2 || m.Latency != nil || !m.Timed() {
		t.Errorf("latency: got %+v", m)
	}
	if got := attributes(m.Request); got != "temperature=0.5 max_tokens=100 reasoning.level=low" {
		t.Errorf("request: got %s", got)
	}
	if l := c.Model("large-1"); l.Latency == nil || l.PerToken != nil || l.Host != "::1" || l.Port != 80 {
		t.Errorf("got %+v", l)
	}
	if c.ModelLatency {
		t.Error("the config says nothing of the duration of calls of models")
	}
}

func TestMistakesInModels(t *testing.T) {
	for _, row := range []struct {
		why, text string
		want      []string
	}{
		{"no models", "models: []\n", []string{"models: no models; leave the key out or add one"}},
		{"no name", "models: [{provider: openai}]\n", []string{"models[0].name: missing"}},
		{"a name twice", "models: [{name: a}, {name: a}]\n", []string{`duplicate model "a"; the first is at a.yaml:`}},
		{"an unknown key", "models: [{name: a, tokens: {promt: 5}}]\n", []string{`unknown key "promt"; did you mean "prompt"? allowed: cache, output, prompt, reasoning`}},
		{"a port", `models: [{name: a, server: "a:99999"}]` + "\n", []string{`models[0].server: "99999" is no port`}},
		{"an address", `models: [{name: a, server: "https://a"}]` + "\n", []string{`models[0].server: "//a" is no port`}},
		{"a path", `models: [{name: a, server: a/b}]` + "\n", []string{`models[0].server: "a/b" is no host, or host:port`}},
		{"a share", "models: [{name: a, tokens: {cache: 1.5}}]\n", []string{"models[0].tokens.cache: 1.5 is not between 0 and 1"}},
		{"another share", "models: [{name: a, tokens: {reasoning: 2}}]\n", []string{"models[0].tokens.reasoning: 2 is not between 0 and 1"}},
		{"a latency of both kinds", "models: [{name: a, latency: {first_chunk_ms: 1, mean: 5}}]\n", []string{`unknown key "mean"; allowed: first_chunk_ms, ms_per_token`}},
		{"a parameter", "models: [{name: a, request: {temperatur: 1}}]\n", []string{`unknown key "temperatur"; did you mean "temperature"?`}},
		{"a value of it", "models: [{name: a, request: {temperature: 3}}]\n", []string{"models[0].request.temperature: 3 is not between 0 and 2"}},
	} {
		var p input.Problems
		ParseConfig(input.File{Name: "a.yaml", Data: []byte(small + row.text)}, &p)
		got := lines(&p)
		if len(got) != len(row.want) {
			t.Errorf("%s: got %q", row.why, got)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], row.want[i]) {
				t.Errorf("%s: got %s, want %s", row.why, got[i], row.want[i])
			}
		}
	}
}

func TestMistakesAboutModels(t *testing.T) {
	var p input.Problems
	c := ParseConfig(input.File{Name: "a.yaml", Data: []byte(small + "models: [{name: small-1}, {name: large-1}]\n")}, &p)
	checkLines(t, lines(&p))
	Parse([]input.File{{Name: "a.yaml", Data: []byte("model: smal-1\nroot: {model: [large-1, tiny-1], children: [{type: llm.call, model: []}]}\n")}}, c, ParseOptions{Prefixes: prefixes}, &p)
	checkLines(t, lines(&p),
		`a.yaml:1:1: control_plane: unknown request validation template "allowed"; none is defined`,
		`a.yaml:1:8: model: unknown model "smal-1"; did you mean "small-1"? allowed: large-1, small-1`,
		`a.yaml:2:25: root.model[1]: unknown model "tiny-1"; allowed: large-1, small-1`,
		"a.yaml:2:69: root.children[0].model: no models; leave the key out or name one")
}
