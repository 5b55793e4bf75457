package learn

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// mixed is an attribute of some values of two kinds.
func mixed(traces uint64, a otlp.Kind, value string, b otlp.Kind, other string) *profile.Attribute {
	out := &profile.Attribute{Present: traces, Traces: traces, Values: sketch.NewValues(64)}
	for i := range traces {
		if i < traces/2 {
			out.Values.Add(a, []byte(value), i+1)
		} else {
			out.Values.Add(b, []byte(other), i+1)
		}
	}
	out.Kinds[a], out.Kinds[b] = traces/2, traces-traces/2
	return out
}

// TestWhatIsOtherwiseIsInARegistry: names that are deprecated or not there, values of another type
// and other units, and nothing else.
func TestWhatIsOtherwiseIsInARegistry(t *testing.T) {
	constant := func(kind otlp.Kind, value string) *profile.Attribute { return mixed(950, kind, value, kind, value) }
	h := small()
	web := h.Classes[10].Attributes
	web["http.method"] = constant(otlp.KindText, "GET")
	web["http.rout"] = constant(otlp.KindText, "/items")
	web["http.response.status_code"] = constant(otlp.KindText, "200")
	web["http.response.body.size"] = mixed(950, otlp.KindInt, "12", otlp.KindText, "few")
	web["http.request.method"] = constant(otlp.KindText, "PSOT")
	web["http.request.header.accept"] = constant(otlp.KindText, "*/*")
	web["http.route"] = constant(otlp.KindText, "/items")
	web["error.type"] = constant(otlp.KindText, "500")
	web["shop.part"] = constant(otlp.KindInt, "3")
	web["rpc.system"] = constant(otlp.KindText, "x")
	web["rpc.mine"] = constant(otlp.KindText, "x")
	web["rpc.mine"].Traces = 1
	h.told("process.pid", constant(otlp.KindInt, "12"), 1000, 300)
	got := fileOf(t, modelOf(t, h, 0), RegistryName)
	var keys []string
	for line := range strings.Lines(strings.ReplaceAll(strings.ReplaceAll(got, "\n    ", ", "), "- {", "- ")) {
		if def, ok := strings.CutPrefix(strings.TrimSpace(line), "- key: "); ok {
			key, rest, _ := strings.Cut(def, ", type: ")
			kind, _, _ := strings.Cut(rest, ",")
			keys = append(keys, key+" "+kind)
		}
	}
	want := []string{"http.method string", "http.request.header.accept string", "http.request.method string", "http.response.body.size any",
		"http.response.status_code string", "http.rout string", "process.pid string", "rpc.system string"}
	if !slices.Equal(keys, want) {
		t.Errorf("got %q\nwant %q\n%s", keys, want, got)
	}
	if project := fileOf(t, modelOf(t, h, 0), ProjectName); !strings.Contains(project, "registries: registry.yaml\n") {
		t.Error(project)
	}
	for _, f := range modelOf(t, small(), 0).Files {
		if f.Name == RegistryName || strings.Contains(string(f.Data), "registries") {
			t.Errorf("nothing is otherwise, and there is %s:\n%s", f.Name, f.Data)
		}
	}
}

// TestRegistrySaysNothingRare: neither a name that too few traces have, though all know it, nor
// that a few of many values are of another type; and names that are given stand in it as they
// stand in what is learnt.
func TestRegistrySaysNothingRare(t *testing.T) {
	h := small()
	web := h.Classes[10].Attributes
	web["http.method"] = mixed(9, otlp.KindText, "GET", otlp.KindText, "PUT")
	web["http.response.status_code"] = mixed(950, otlp.KindInt, "200", otlp.KindInt, "201")
	web["http.mine"] = mixed(950, otlp.KindText, "a", otlp.KindText, "b")
	for i := range uint64(9) {
		web["http.response.status_code"].Values.Add(otlp.KindText, []byte("odd"), i+1)
		web["http.mine"].Values.Add(otlp.KindInt, []byte("7"), i+1)
	}
	got := fileOf(t, modelOf(t, h, 0), RegistryName)
	says(t, "as it is", strings.Join(strings.Fields(strings.ReplaceAll(got, ",", "")), " "), []string{"key: http.mine type: string"}, []string{"http.method", "status_code", "type: any"})

	for i := range uint64(10) {
		web["http.method"].Values.Add(otlp.KindText, []byte("GET"), i+1)
		web["http.mine"].Values.Add(otlp.KindInt, []byte("8"), i+1)
	}
	web["http.method"].Traces = 10
	got = fileOf(t, modelOf(t, h, 0), RegistryName)
	says(t, "of enough traces", strings.Join(strings.Fields(strings.ReplaceAll(got, ",", "")), " "), []string{"key: http.mine type: any", "key: http.method type: string"}, nil)

	policy, err := privacy.New(privacy.Options{Public: privacy.Bundled(), Rename: []byte(strings.Repeat("k", privacy.MinKey))})
	if err != nil {
		t.Fatal(err)
	}
	m, err := From(h.Profile, policy, 0)
	if err != nil {
		t.Fatal(err)
	}
	name, _ := policy.Key("http.mine", 950)
	if got = fileOf(t, m, RegistryName); name == "http.mine" || !strings.Contains(got, "key: "+name) || strings.Contains(got, "http.mine") {
		t.Errorf("renamed to %s:\n%s", name, got)
	}
}
