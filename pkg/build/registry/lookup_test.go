package registry

import (
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestBundledSpans: what systems are held to is there, with its levels.
func TestBundledSpans(t *testing.T) {
	r := Bundled()
	for _, c := range []struct {
		span     string
		kind     uint8
		required []string
	}{
		{"http.server", otlp.SpanKindServer, []string{"http.request.method", "url.path", "url.scheme"}},
		{"http.client", otlp.SpanKindClient, []string{"http.request.method", "server.address", "server.port", "url.full"}},
		{"db.client", otlp.SpanKindClient, []string{"db.system.name"}},
		{"messaging.send.producer", otlp.SpanKindProducer, []string{"messaging.operation.name", "messaging.system"}},
		{"messaging.process.consumer", otlp.SpanKindConsumer, []string{"messaging.operation.name", "messaging.system"}},
		{"rpc.grpc.call.server", otlp.SpanKindServer, []string{"rpc.status_code"}},
		{"gen_ai.client.inference", otlp.SpanKindClient, []string{"gen_ai.operation.name", "gen_ai.provider.name"}},
	} {
		s, ok := r.Span(c.span)
		if !ok {
			t.Errorf("no span %s", c.span)
			continue
		}
		var required []string
		for _, u := range s.Required() {
			required = append(required, u.Attribute.Key)
		}
		if s.Kind != c.kind || !slices.Equal(required, c.required) {
			t.Errorf("%s: kind %d, required %q, want %d, %q", c.span, s.Kind, required, c.kind, c.required)
		}
	}
	m, ok := r.Metric("http.server.request.duration")
	if !ok || m.Instrument != Histogram || m.Unit != "s" || len(m.Required()) != 2 {
		t.Errorf("got %+v", m)
	}
	if e, ok := r.Event("exception"); !ok || len(e.Required()) != 0 {
		t.Errorf("got %+v", e)
	}
	if e, ok := r.Entity("service"); !ok || len(e.Identity) == 0 {
		t.Errorf("got %+v", e)
	}
	if s, _ := r.Span("http.server"); s != nil {
		u, ok := s.Attribute("http.request.header.x-id")
		if !ok || u.Level != OptIn || u.Attribute.Key != "http.request.header" {
			t.Errorf("got %+v, %v", u, ok)
		}
		if u, ok := s.Attribute("http.route.x"); ok {
			t.Errorf("got %+v", u)
		}
	}
}

// TestLayersOfBundled: GenAI's registry owns its namespaces, and what it defines is
// in use, whatever the official one says of the names that moved.
func TestLayersOfBundled(t *testing.T) {
	r := Bundled()
	for _, key := range []string{"gen_ai.request.model", "gen_ai.agent.name", "mcp.method.name", "openai.api.type"} {
		if n := r.Name(key); n.Status != Known {
			t.Errorf("%s: status %d: %s", key, n.Status, n.Problem())
		}
	}
	if s, ok := r.Span("gen_ai.invoke_agent.client"); !ok || s.Deprecated != nil {
		t.Errorf("got %+v", s)
	}
}

// TestName: what is said of names.
func TestName(t *testing.T) {
	r := Layer(Bundled(), acme(t))
	for _, c := range []struct {
		key     string
		status  Status
		problem string
	}{
		{"http.request.method", Known, ""},
		{"acme.order.id", Known, ""},
		{"base.tenant", Known, ""}, // of a dependency: a signal uses it
		{"http.request.header.host", Known, ""},
		{"http.method", Deprecated, `attribute "http.method" is deprecated; use "http.request.method"`},
		{"db.system", Deprecated, `attribute "db.system" is deprecated; use "db.system.name"`},
		{"acme.old", Deprecated, `attribute "acme.old" is deprecated: Nobody asks any more.`},
		{"http.request.metod", Unknown, `the registry has no attribute "http.request.metod"; did you mean "http.request.method"?`},
		{"acme.flavour.of.the.day", Unknown, `the registry has no attribute "acme.flavour.of.the.day"`},
		{"http.request.header.", Unknown, `the registry has no attribute "http.request.header."; did you mean "http.request.header"?`},
		{"acme.size.of.all", Unknown, `the registry has no attribute "acme.size.of.all"`}, // no template
		{"vendor.anything", Foreign, ""},
		{"anything", Foreign, ""},
		{"", Foreign, ""},
	} {
		if n := r.Name(c.key); n.Status != c.status || n.Problem() != c.problem {
			t.Errorf("%q: got %d %q, want %d %q", c.key, n.Status, n.Problem(), c.status, c.problem)
		}
	}
	// Names that the conventions in use define are neither unknown nor deprecated, in
	// whatever order registries are laid over each other.
	mine := func(key string) bool { return key == "http.method" || key == "http.mine" }
	for i, view := range []*Registry{r.Accept(mine), Layer(r.Accept(mine), acme(t)), Layer(Bundled(), acme(t).Accept(mine))} {
		for _, key := range []string{"http.method", "http.mine"} {
			if n := view.Name(key); n.Status != Accepted || n.Problem() != "" {
				t.Errorf("view %d: %s: got %d %q", i, key, n.Status, n.Problem())
			}
			if _, renamed := view.Successor(key); renamed || view.Deprecated(key) != nil {
				t.Errorf("view %d: %s is deprecated", i, key)
			}
		}
		if n := view.Name("http.url"); n.Status != Deprecated || n.Successor != "url.full" {
			t.Errorf("view %d: got %+v", i, n)
		}
	}
}

// TestSuccessor: over several renamings, and no further than a circle goes.
func TestSuccessor(t *testing.T) {
	renamed := func(key, to string) *Attribute {
		return &Attribute{Key: key, Deprecated: &Deprecation{Reason: Renamed, RenamedTo: to}}
	}
	r := (&Registry{Attributes: []*Attribute{renamed("a.a", "a.b"), renamed("a.b", "a.c"), {Key: "a.c"}, renamed("a.x", "a.y"), renamed("a.y", "a.x")}}).finish()
	if got, ok := r.Successor("a.a"); got != "a.c" || !ok {
		t.Errorf("got %q, %v", got, ok)
	}
	if got, ok := r.Successor("a.c"); got != "a.c" || ok {
		t.Errorf("got %q, %v", got, ok)
	}
	r.Successor("a.x")
}

// TestNoSuccessorIsDeprecated: what the bundled registries say to use is in use.
func TestNoSuccessorIsDeprecated(t *testing.T) {
	r := Bundled()
	for _, a := range r.Attributes {
		next, ok := r.Successor(a.Key)
		if _, known := r.Attribute(next); ok && !known {
			t.Errorf("%s is renamed to %s, which is not there", a.Key, next)
		}
		if ok && r.Deprecated(next) != nil && r.Deprecated(next).Reason == Renamed {
			t.Errorf("%s is renamed to %s, which is renamed too", a.Key, next)
		}
	}
}

// TestLayer: a later registry goes before an earlier one, name by name.
func TestLayer(t *testing.T) {
	low := (&Registry{SchemaURL: "low", Attributes: []*Attribute{{Key: "a.a"}, {Key: "a.b", Type: Type{Base: Int}}}, Spans: []*Span{{Type: "s", Kind: 1}}}).finish()
	high := (&Registry{Attributes: []*Attribute{{Key: "a.b"}, {Key: "b.c"}}, Spans: []*Span{{Type: "s", Kind: 2}, {Type: "t"}}}).finish()
	r := Layer(low, high)
	if a, _ := r.Attribute("a.b"); a.Type.Base != String || len(r.Attributes) != 3 || r.SchemaURL != "low" {
		t.Errorf("got %+v of %d, %s", a, len(r.Attributes), r.SchemaURL)
	}
	if s, _ := r.Span("s"); s.Kind != 2 || len(r.Spans) != 2 {
		t.Errorf("got %+v", s)
	}
	if got := r.Namespaces(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q", got)
	}
	if len(low.Attributes) != 2 {
		t.Error("a layer was changed")
	}
}

// TestCheck: values are held to type and members.
func TestCheck(t *testing.T) {
	r := Layer(Bundled(), acme(t))
	one := func(b Base, s string) Value { return Value{Base: b, Text: s} }
	for _, c := range []struct {
		key   string
		value Value
		id    string
		text  string
	}{
		{"http.request.method", one(String, "GET"), "", ""},
		{"http.request.method", one(String, "get"), UndefinedEnumVariant, ""},
		{"http.request.method", one(Int, "1"), TypeMismatch, "found int 1, want string"},
		{"http.response.status_code", one(Int, "200"), "", ""},
		{"http.response.status_code", one(String, "200"), TypeMismatch, `found string "200", want int`},
		{"rpc.grpc.status_code", one(Int, "14"), "", ""},
		{"rpc.grpc.status_code", one(Int, "99"), UndefinedEnumVariant, ""},
		{"acme.ratio", one(Int, "1"), "", ""}, // a whole number
		{"acme.code", one(Double, "0"), TypeMismatch, "found double 0, want int"},
		{"acme.cart", one(Boolean, "true"), "", ""},
		{"acme.channel", one(String, "fax"), DeprecatedName, `member "fax" is deprecated`},
		{"acme.sizes", Value{List: []Value{one(Int, "1")}}, "", ""},
		{"acme.sizes", Value{List: []Value{}}, "", ""},
		{"acme.sizes", Value{List: []Value{one(String, "1")}}, TypeMismatch, `found string "1", want int`},
		{"acme.sizes", one(Int, "1"), TypeMismatch, "found int 1, want a list, of int"},
		{"acme.order.id", Value{List: []Value{one(String, "1")}}, TypeMismatch, "found a list of 1 value, want string"},
	} {
		a, ok := r.Attribute(c.key)
		if !ok {
			t.Errorf("no attribute %s", c.key)
			continue
		}
		if m := a.Check(c.value); m.ID != c.id || c.text != "" && m.Text != c.text {
			t.Errorf("%s: got %+v, want %s %q", c.key, m, c.id, c.text)
		}
	}
}
