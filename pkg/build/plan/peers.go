package plan

import (
	"cmp"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// addressOf is where a tool server is called: one that no service stands for goes
// by its key.
func addressOf(s *scenario.Server) string {
	switch {
	case s == nil:
		return "tools" // a call that says itself what it calls
	case s.Service == nil:
		return s.Key
	}
	return s.Service.Address
}

func portOf(s *scenario.Server) (a Attr, omit, ok bool) {
	if s == nil || s.Service == nil || s.Service.Port == 0 {
		return Attr{}, true, true
	}
	return integer(s.Service.Port), false, true
}

// route is what the runtime is asked for by requests.
const route = "/agents/"

// programOfRequest is that of both sides of a request to the runtime.
func (b *builder) programOfRequest(class, bare string, f facts) (a Attr, omit, ok bool) {
	runtime := resourceValue(b.res.DataPlane, "service.name")
	switch bare {
	case "http.request.method":
		return b.str("POST"), false, true
	case "http.route":
		return b.str(route + "{agent}"), class == vocab.Forward, true
	case "url.path":
		return b.str(route + cmp.Or(f.agent, b.agent)), class == vocab.Forward, true
	case "url.scheme":
		return b.str("http"), false, true
	case "http.response.status_code":
		return Attr{Op: OpOutcome, Values: []otlp.Attr{integer(200).Attr, integer(200).Attr, integer(500).Attr}}, false, true
	case serverAddress:
		return b.str(runtime), runtime == "", true
	}
	return Attr{}, false, false
}
