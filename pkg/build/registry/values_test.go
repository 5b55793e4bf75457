package registry

import (
	"slices"
	"testing"
)

// TestCandidates: values are of the type, in use, and as the policy has them.
func TestCandidates(t *testing.T) {
	r := Layer(Bundled(), acme(t))
	for _, a := range r.Attributes {
		values := a.Candidates()
		if len(values) == 0 {
			t.Errorf("%s has none", a.Key)
		}
		for _, v := range values {
			m := a.Check(v)
			old := m.ID == DeprecatedName && len(a.Type.Values()) == 0 // nothing is in use
			open := m.ID == UndefinedEnumVariant && len(a.Type.Values()) == 1
			if m.ID != "" && !old && !open {
				t.Errorf("%s: %s", a.Key, m.Text)
			}
		}
	}
	for key, want := range map[string][]string{
		"acme.channel":              {"web", "app"}, // members, without the deprecated one
		"acme.failure":              {"timeout", "500"},
		"error.type":                {"timeout", "java.net.UnknownHostException", "server_certificate_invalid"},
		"hw.physical_disk.state":    {"remaining"}, // one member, and no examples
		"acme.code":                 {"0", "2"},
		"faas.coldstart":            {"true", "false"},
		"exception.stacktrace":      {"stacktrace"},
		"file.size":                 {"1"},
		"http.response.status_code": {"200"},
	} {
		a, ok := r.Attribute(key)
		if !ok {
			t.Errorf("no attribute %s", key)
			continue
		}
		var got []string
		for _, v := range a.Candidates() {
			got = append(got, v.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	list := (&Attribute{Key: "x.list", Type: Type{Base: Int, Array: true}}).Candidates()
	if len(list) != 1 || len(list[0].List) != 1 || list[0].List[0].Text != "1" {
		t.Errorf("got %v", list)
	}
}
