package scenario

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// failures reads the key error of an operation: a rate, or a mapping. The types
// of what it returns are never empty; it is nil when the key is absent.
func (r *members) failures(n *input.Node, protocol Protocol) *ErrorModel {
	if n == nil {
		return nil
	}
	out := &ErrorModel{}
	if n.Kind != input.Mapping {
		out.Rate = r.share(n, 0)
	} else {
		m, _ := n.Map(r.p, systemErrorKeys...)
		if out.Rate = r.share(m.Get("rate"), 0); m.Get("rate") == nil {
			m.Fail("rate", "missing; want how likely it fails, such as 2%%")
		}
		out.Silent = !m.Bool("exception", true)
		out.Types = r.failureTypes(m.Get("types"), protocol)
		r.failureWeights(m, out, protocol)
	}
	if len(out.Types) == 0 {
		out.Types = []string{usualErrors[protocol]}
	}
	return out
}

// failureTypes reads a list of types, or one.
func (r *members) failureTypes(n *input.Node, protocol Protocol) []string {
	if n == nil {
		return nil
	}
	items := []*input.Node{n}
	if n.Kind == input.List || n.Kind == input.Mapping {
		items, _ = n.List(r.p)
		if n.Kind == input.List && len(items) == 0 {
			n.Fail(r.p, "no error types; leave the key out, or name one")
		}
	}
	var out []string
	for _, item := range items {
		switch s, ok := r.failureType(item, protocol); {
		case !ok:
		case slices.Contains(out, s):
			item.Fail(r.p, "%q is there twice; type_weights makes a type more frequent", s)
		default:
			out = append(out, s)
		}
	}
	return out
}

// failureWeights reads type_weights. Without types, the types are those with a
// weight; a mapping has no order, so they get one.
func (r *members) failureWeights(m input.Map, out *ErrorModel, protocol Protocol) {
	if m.Get("type_weights") == nil {
		return
	}
	before := r.p.Found()
	section, _ := m.Map("type_weights")
	of := make(map[string]float64)
	total := 0.0
	for _, e := range section.Entries() {
		s, ok := r.failureType(e.Name, protocol)
		w, _ := e.Value.Within(r.p, 0, maxNumber)
		if !ok {
			continue
		}
		of[s] = w
		total += w
		if m.Get("types") == nil {
			out.Types = append(out.Types, s)
		} else if !slices.Contains(out.Types, s) {
			r.p.Errorf(e.Pos, "type_weights: %q is none of the types", s)
		}
	}
	if total == 0 && r.p.Found() == before {
		m.Fail("type_weights", "all weights are zero")
	}
	if m.Get("types") == nil {
		slices.SortFunc(out.Types, cmp.Compare)
	}
	for _, s := range out.Types {
		w, ok := of[s]
		if !ok && r.p.Found() == before {
			m.Fail("type_weights", "no weight for %q; every type needs one", s)
		}
		out.Weights = append(out.Weights, w)
	}
}

// Forms of error types.
var (
	capitals = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)
	digits   = regexp.MustCompile(`^[0-9]+$`)
	sqlState = regexp.MustCompile(`^[0-9A-Z]{5}$`)
)

// failureType reads what something fails with: a word of the protocol, one that
// every protocol has its own for, or the type of an exception.
func (r *loader) failureType(n *input.Node, protocol Protocol) (string, bool) {
	s := strings.TrimSpace(n.Text())
	number := (n.Kind == input.Int || n.Kind == input.Float) && (protocol == ProtocolHTTP || protocol == ProtocolDB || protocol == ProtocolGRPC)
	if n.Kind != input.String && !number {
		_, ok := n.Str(r.p)
		return "", ok
	}
	before := r.p.Found()
	fail := func(format string, args ...any) { n.Fail(r.p, format, args...) }
	switch {
	case s == "":
		fail("empty")
	case slices.Contains(commonErrors, s):
		return s, true
	case strings.ContainsAny(s, " \t\n"):
		fail("%s has spaces; want the type of an exception, %s", input.Quote(s), errorForms[protocol])
	case protocol == ProtocolHTTP && (number || digits.MatchString(s)):
		if code, err := strconv.Atoi(s); err != nil || code < 400 || code > 599 {
			fail("%s is no HTTP status of a failure, which are 400 to 599", s)
		}
	case protocol == ProtocolGRPC && (number || digits.MatchString(s)):
		fail("%s: want the name of a gRPC code%s", s, grpcName(s))
	case protocol == ProtocolGRPC && s == grpcCodes[0]:
		fail("OK is no failure")
	case protocol == ProtocolGRPC && slices.Contains(grpcCodes, s):
	case protocol == ProtocolGRPC && (capitals.MatchString(s) || slices.Contains(grpcCodes, strings.ToUpper(s))):
		fail("%s", input.Unknown("gRPC code", s, grpcCodes[1:]))
	case protocol == ProtocolDB && number && !sqlState.MatchString(s):
		fail("%s is no SQLSTATE, which has five digits or capitals", s)
	case protocol == ProtocolNone && s[0] >= 'A' && s[0] <= 'Z': // what a type in code is called, or a code of any protocol
	default:
		r.nearCommon(n, s)
	}
	return s, r.p.Found() == before
}

// errorForms say what error types look like, by Protocol.
var errorForms = []string{
	"timeout, unavailable or a status from 400 to 599", "timeout, unavailable or the name of a gRPC code",
	"timeout, unavailable or a SQLSTATE", "timeout or unavailable", "timeout or unavailable",
}

// grpcName suggests the name of a gRPC code for its number.
func grpcName(number string) string {
	if i, err := strconv.Atoi(number); err == nil && i > 0 && i < len(grpcCodes) {
		return "; did you mean " + strconv.Quote(grpcCodes[i]) + "?"
	}
	return ""
}

// nearCommon warns of a type of its own that is spelt nearly as one that every
// protocol understands.
func (r *loader) nearCommon(n *input.Node, s string) {
	if near, ok := text.Nearest(s, commonErrors); ok {
		n.Warn(r.p, "%s is an exception type of its own; did you mean %q?", input.Quote(s), near)
	}
}

// retries reads the key retry of a call whose target has the protocol.
// That of an operation, which it is of, may have attempts that fail go in ways of their own.
func (r *members) retries(m input.Map, protocol Protocol, of *Call) *Retry {
	if n := m.Get("retry"); n != nil && n.Kind == input.Int {
		n.Fail(r.p, "found %s, want a mapping; did you mean {max_attempts: %s}?", n.Describe(), n.Text())
		return nil
	}
	keys := retryKeys
	if of != nil {
		keys = callRetryKeys
	}
	section, ok := m.Map("retry", keys...)
	if !ok {
		return nil
	}
	out := r.attempts(section)
	key := r.retryable(section)
	if out.RetryableTypes = r.failureTypes(section.Get(key), protocol); len(out.RetryableTypes) == 0 {
		out.RetryableTypes = slices.Concat(commonErrors, usualRetries[protocol])
	}
	drawn := of != nil && r.failing(section, out, of)
	if !section.Bool("enabled", true) {
		return nil
	}
	if drawn {
		of.Way = 0 // it is that of each attempt
	}
	return out
}
