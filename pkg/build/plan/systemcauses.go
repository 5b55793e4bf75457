package plan

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// causeKey is what a cause is made of: who fails, and the word of a scenario, or
// how the caller sees it whom nobody has answered.
type causeKey struct {
	protocol   scenario.Protocol
	word       string
	unanswered bool
}

// httpNames are what exceptions are called that services answer with a status for
// those that say none; others have the name of their class.
var httpNames = map[int64]string{
	400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 422: "UnprocessableContent",
	429: "TooManyRequests", 500: "InternalServerError", 501: "NotImplemented", 502: "BadGateway", 503: "ServiceUnavailable", 504: "GatewayTimeout",
}

// grpcCodes are the names of the codes of gRPC that are failures, and whether who
// answers with them has an error: the fault of others is the caller's. By the
// conventions for gRPC.
var grpcCodes = map[string]bool{
	"CANCELLED": false, "UNKNOWN": true, "INVALID_ARGUMENT": false, "DEADLINE_EXCEEDED": true, "NOT_FOUND": false,
	"ALREADY_EXISTS": false, "PERMISSION_DENIED": false, "RESOURCE_EXHAUSTED": false, "FAILED_PRECONDITION": false,
	"ABORTED": false, "OUT_OF_RANGE": false, "UNIMPLEMENTED": true, "INTERNAL": true, "UNAVAILABLE": true, "DATA_LOSS": true,
	"UNAUTHENTICATED": false,
}

// codesOf are the codes of a protocol for the words that all understand.
func codesOf(p scenario.Protocol, word string) string {
	late := word == late
	switch {
	case p == scenario.ProtocolHTTP && late:
		return "504"
	case p == scenario.ProtocolHTTP:
		return "503"
	case p == scenario.ProtocolGRPC && late:
		return "DEADLINE_EXCEEDED"
	case p == scenario.ProtocolGRPC:
		return "UNAVAILABLE"
	}
	return ""
}

// usualCode is what an operation of a protocol fails with that needed a call which
// has failed.
func usualCode(p scenario.Protocol) string {
	if p == scenario.ProtocolGRPC {
		return "INTERNAL"
	}
	return "500"
}

// cause returns the index of what an operation of a protocol fails with by a word,
// adding it at its first use.
func (b *systemBuilder) cause(p scenario.Protocol, word string) uint32 {
	return b.causeOf(causeKey{protocol: p, word: word})
}

// unanswered is what a caller fails with whom nobody has answered, in vain waited
// for or not there.
func (b *systemBuilder) unanswered(p scenario.Protocol, word string) uint32 {
	return b.causeOf(causeKey{p, word, true})
}

func (b *systemBuilder) causeOf(k causeKey) uint32 {
	if i := slices.Index(b.causes, k); i >= 0 {
		return uint32(i)
	}
	i := uint32(len(b.causes))
	b.causes = append(b.causes, k)
	c, alike := b.describe(k)
	c.Caller = i
	b.out.System.Causes = append(b.out.System.Causes, c)
	b.alike = append(b.alike, alike)
	if k.word == unreached && !k.unanswered {
		c.Unreached, c.Caller = true, b.unanswered(k.protocol, unreached)
	}
	for p := range c.Fails {
		p := scenario.Protocol(p)
		switch {
		case p != scenario.ProtocolHTTP && p != scenario.ProtocolGRPC:
			c.Fails[p] = c.Caller
		case alike != "":
			c.Fails[p] = b.cause(p, codesOf(p, alike))
		default:
			c.Fails[p] = b.cause(p, usualCode(p))
		}
	}
	b.out.System.Causes[i] = c
	return i
}

// describe says what a cause looks like, and which of the words that all
// understand it means; "" for none.
func (b *systemBuilder) describe(k causeKey) (c Cause, alike string) {
	typ, exception, message := k.word, k.word, k.word
	if k.word == late || k.word == unreached {
		exception, message, alike = said[k.word].exception, said[k.word].message, k.word
	}
	code := k.word
	if alike != "" {
		code = codesOf(k.protocol, alike)
	}
	switch k.protocol {
	case scenario.ProtocolHTTP:
		c.HTTP, alike = httpStatus(code, alike)
		if k.word == strconv.FormatInt(c.HTTP, 10) {
			exception, message = cmp.Or(httpNames[c.HTTP], "HTTPError"), "status "+k.word
		}
		typ, c.Quiet = strconv.FormatInt(c.HTTP, 10), c.HTTP < 500
		if k.unanswered {
			typ, c.HTTP = k.word, 0
		}
	case scenario.ProtocolGRPC:
		fault, known := grpcCodes[code]
		if known && code == k.word {
			exception, message = "RPCError", "status "+code
		}
		if !known {
			code, fault = usualCode(k.protocol), true
		}
		typ, c.Code, c.Quiet = code, b.strs.ID(code), !fault
		for _, word := range []string{late, unreached} {
			if code == codesOf(k.protocol, word) {
				alike = word
			}
		}
	case scenario.ProtocolDB:
		if isSQLState(k.word) {
			c.Code = b.strs.ID(k.word)
		}
	}
	c.Late = k.word == late && !k.unanswered
	c.Type, c.Exception, c.Message = b.strs.ID(typ), b.strs.ID(exception), b.strs.ID(message)
	c.Stack = b.strs.ID(exception + ": " + message)
	return c, alike
}

// httpStatus is the status that a word stands for: that of an internal error for
// the type of an exception.
func httpStatus(word, alike string) (int64, string) {
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil || n < 400 || n > 599 {
		n = 500
	}
	for _, common := range []string{late, unreached} {
		if word == codesOf(scenario.ProtocolHTTP, common) {
			alike = common
		}
	}
	return n, alike
}

// isSQLState reports whether a word is a code of a database: five digits and
// capitals, of which one at least is a digit.
func isSQLState(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r < 'A' || r > 'Z':
			return false
		}
	}
	return len(s) == 5 && digits > 0
}

// fail compiles how an operation fails by itself; nil: it does not.
func (b *systemBuilder) fail(p scenario.Protocol, m *scenario.ErrorModel, op *scenario.Operation) *Fail {
	if m == nil || m.Rate == 0 {
		return nil
	}
	out := &Fail{Probability: b.probability(m.Rate, op.Pos)}
	out.Kinds, out.Choice = b.causesOf(p, b.typesOf(p, m), m.Weights, op)
	return out
}

// typesOf are the words that an operation fails with.
func (b *systemBuilder) typesOf(p scenario.Protocol, m *scenario.ErrorModel) []string {
	switch {
	case m != nil && len(m.Types) > 0:
		return m.Types
	case p == scenario.ProtocolHTTP || p == scenario.ProtocolGRPC:
		return []string{usualCode(p)}
	}
	return []string{otherError}
}

// otherError is error.type where nothing more is known.
const otherError = "_OTHER"

func (b *systemBuilder) causesOf(p scenario.Protocol, words []string, weights []float64, op *scenario.Operation) ([]uint32, *dist.Choice) {
	var kinds []uint32
	for _, w := range words {
		kinds = append(kinds, b.cause(p, w))
	}
	if weights == nil {
		return kinds, nil
	}
	return kinds, b.choice(weights, op.Pos)
}

// retry compiles the further attempts of a call of an operation. What attempts
// fail with that fail by a rate is what can be tried again.
func (b *systemBuilder) retry(r *scenario.Retry, op *scenario.Operation, act *Act, pos input.Pos) *Retry {
	again := r.RetryableTypes
	if again == nil {
		again = retryable
	}
	out := b.waits(r, pos)
	if r.Failing != nil {
		if op.Conditions() != nil {
			b.problems.Errorf(pos, "retry.failed_variants: which of the variants it is follows from a value: they have when")
		}
		out.Failing, out.Succeeding = b.waysOf(op, r.Failing, pos), b.waysOf(op, r.Succeeding, pos)
	}
	var words []string
	var weights []float64
	errors := errorsOf(op)
	for i, w := range b.typesOf(op.Protocol, errors) {
		if k := b.cause(op.Protocol, w); b.matches(b.out.System.Causes[k].Caller, again) {
			words = append(words, w)
			if errors != nil && errors.Weights != nil {
				weights = append(weights, errors.Weights[i])
			}
		}
	}
	if words == nil || weights != nil && slices.Max(weights) == 0 {
		words, weights = again, nil
	}
	out.Kinds, out.Choice = b.causesOf(op.Protocol, words, weights, op)
	b.retried = append(b.retried, retriedAct{act, again})
	return out
}

// retriedAct is a call that is made again after what some words mean.
type retriedAct struct {
	act   *Act
	words []string
}

// finishRetries finds out which causes calls are made again after, when all causes
// are known.
func (b *systemBuilder) finishRetries() {
	for _, r := range b.retried {
		for i := range b.causes {
			if b.matches(uint32(i), r.words) {
				r.act.Again = append(r.act.Again, uint32(i))
			}
		}
	}
}

// matches reports whether a cause is what one of the words means: a word that all
// protocols understand means their codes for it, too.
func (b *systemBuilder) matches(cause uint32, words []string) bool {
	k, typ := b.causes[cause], b.strs.String(b.out.System.Causes[cause].Type)
	return slices.ContainsFunc(words, func(w string) bool {
		return w == k.word || w == typ || w == b.alike[cause]
	})
}

// thrown is the event of a span that failed by itself.
func (b *systemBuilder) thrown() Event {
	var set attrSet
	set.put("exception.type", op(OpThrown))
	set.put("exception.message", op(OpThrownMessage))
	set.put("exception.stacktrace", op(OpThrownStack))
	return Event{Name: b.strs.ID("exception"), Failed: true, Own: true, Attrs: set.finish(b.strs)}
}
