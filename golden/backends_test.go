package golden

import (
	"fmt"
	"slices"
	"strings"
)

// unknownTo are operations of the conventions that a backend has no type for
// yet: it draws the span as one that it does not know, or as a plain one.
var unknownTo = map[string]string{
	"Jaeger": "plan", // UNKNOWN_GENAI: drawn as a GenAI span of no kind
}

// misread returns what backends make of spans that is not so: what is drawn as
// a model call, a tool or an agent and is none, those that are missed, those
// of which a backend knows no more than that it is something of GenAI, and
// names that are not the span's.
func misread(traces [][]*observed) (found []complaint) {
	for _, trace := range traces {
		for _, s := range trace {
			if s.of == nil {
				found = append(found, complaint{fmt.Sprintf("%s %s: no span of this vocabulary is known by this name", s.kind, s.bare), s.at})
				continue
			}
			for _, b := range backends {
				if wrong := b.misreads(s); wrong != "" {
					found = append(found, complaint{b.name + ": " + s.of.name + wrong, s.at})
				}
				if shown := b.shown(s); shown != s.name && (s.of.role != "tool" || !strings.HasSuffix(s.name, " "+shown)) {
					found = append(found, complaint{b.name + ": " + s.of.name + " is shown as another name", s.at})
				}
			}
		}
	}
	return found
}

// misreads returns what is wrong with the type that the backend gives a span.
func (b *backend) misreads(s *observed) string {
	as, truth := b.typeOf(s), s.of.role
	switch told := roles[as]; {
	case told == truth:
	case told == "unknown" && unknownTo[b.name] == s.attrs.str("gen_ai.operation.name"):
	case told == "unknown":
		return " is GenAI that it does not know"
	case told == "agent" && truth == "plan": // the part of an agent that plans
	case told != "":
		return " is taken for " + as
	case (truth == "model" || truth == "agent" || s.of.name == "mcp.tool.execute") && b.tells(truth):
		// Of the spans of a tool call it is the agent's that must be seen; the
		// attempts and the tool server's own are transport.
		return " is missed, being " + as
	}
	return ""
}

// untreed returns the traces in which the backend draws more than one agent at
// the top, or something of GenAI that no agent is above.
func untreed(traces [][]*observed) (found []complaint) {
	for _, b := range backends {
		if !b.tells("agent") {
			continue
		}
		for _, trace := range traces {
			tops, genai := 0, 0
			for _, s := range trace {
				role := roles[b.typeOf(s)]
				if role == "" {
					continue
				}
				genai++
				above := s.parent
				for above != nil && roles[b.typeOf(above)] != "agent" {
					above = above.parent
				}
				switch {
				case above != nil:
				case role == "agent":
					tops++
				default:
					found = append(found, complaint{fmt.Sprintf("%s: %s stands below no agent", b.name, s.name), s.at})
				}
			}
			if genai > 0 && tops != 1 {
				found = append(found, complaint{fmt.Sprintf("%s: %d agents at the top of a trace", b.name, tops), trace[0].at})
			}
		}
	}
	return found
}

// unnamed returns the spans in which a backend does not find what it looks for,
// and the requests in which it finds several sessions or users. What was said
// is there with its content only.
func unnamed(traces [][]*observed) (found []complaint) {
	for _, b := range backends {
		for _, trace := range traces {
			for _, l := range lookups[:4] {
				if b.keys[l.what] == nil {
					continue
				}
				values := make(map[string]bool)
				for _, s := range trace {
					v := first(s, b.keys[l.what])
					if v == "" && b.needs(l.what, l.role, s) {
						found = append(found, complaint{fmt.Sprintf("%s: %s has no %s", b.name, s.name, l.what), s.at})
					}
					if v != "" {
						values[v] = true
					}
				}
				if l.role == "" && len(values) > 1 {
					found = append(found, complaint{fmt.Sprintf("%s: a trace of %d %ss", b.name, len(values), l.what), trace[0].at})
				}
			}
		}
	}
	return found
}

// needs says whether the backend must find something in a span: the model and
// its tokens in calls of models, the session and the user in all, unless it
// looks for them by a key of operations alone.
func (b *backend) needs(what, role string, s *observed) bool {
	if role != "" {
		return s.of != nil && s.of.role == role
	}
	return b.typeOf(s) != "-" || slices.Contains(b.keys[what], what+".id")
}
