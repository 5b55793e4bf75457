package gen

import (
	"strconv"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// evaluator writes the value of an attribute of a span, whose key v has; false
// means that the span goes without it.
type evaluator func(g *Generator, a *plan.Attr, s *span, v *otlp.Attr) bool

// evaluators say by operation who writes the value. A constant needs nobody, and
// the instance is that of the resource, which has no span: see resource.
var evaluators = [plan.NumOps]evaluator{
	plan.OpConst: nil, plan.OpInstance: nil, plan.OpByInstance: nil,

	plan.OpChoice: (*Generator).draw, plan.OpInt: (*Generator).draw, plan.OpDouble: (*Generator).draw,
	plan.OpBool: (*Generator).draw, plan.OpHex: (*Generator).draw,
	plan.OpInputTokens: (*Generator).tokens, plan.OpOutputTokens: (*Generator).tokens, plan.OpReasoning: (*Generator).tokens,
	plan.OpCacheRead: (*Generator).tokens, plan.OpCacheWrite: (*Generator).tokens,

	plan.OpSession: (*Generator).ofRequest, plan.OpRequest: (*Generator).ofRequest, plan.OpUser: (*Generator).ofRequest,
	plan.OpTurn:         (*Generator).ofRequest,
	plan.OpRequestTrace: (*Generator).ofRequest, plan.OpDataTrace: (*Generator).ofRequest, plan.OpReplyTrace: (*Generator).ofRequest,
	plan.OpStreaming: (*Generator).ofRequest, plan.OpFormat: (*Generator).ofRequest, plan.OpSelected: (*Generator).ofRequest,

	plan.OpProvider: (*Generator).ofModel, plan.OpModel: (*Generator).ofModel, plan.OpAnswering: (*Generator).ofModel,
	plan.OpAddress: (*Generator).ofModel, plan.OpPort: (*Generator).ofModel, plan.OpParam: (*Generator).ofModel,
	plan.OpReply: (*Generator).ofModel, plan.OpFirstChunk: (*Generator).ofModel, plan.OpIfStreaming: (*Generator).ofRequest,

	plan.OpConnection: (*Generator).ofServer, plan.OpRequestNumber: (*Generator).ofServer,

	plan.OpCall: (*Generator).ofCalls, plan.OpTask: (*Generator).ofCalls, plan.OpTools: (*Generator).ofCalls,
	plan.OpCalled: (*Generator).ofCalls, plan.OpAsked: (*Generator).ofCalls,

	plan.OpDuration: (*Generator).ofSpan, plan.OpAttempt: (*Generator).ofSpan, plan.OpRetries: (*Generator).ofSpan,
	plan.OpPolicy: (*Generator).ofSpan, plan.OpTaskRetries: (*Generator).ofSpan, plan.OpBackoff: (*Generator).ofSpan,

	plan.OpInput: (*Generator).content, plan.OpOutput: (*Generator).content, plan.OpCaptured: (*Generator).content,
	plan.OpRedactedIn: (*Generator).content, plan.OpRedactedOut: (*Generator).content, plan.OpRedacted: (*Generator).content,

	plan.OpArguments: (*Generator).content, plan.OpResult: (*Generator).content,
	plan.OpIfCaptured: (*Generator).content, plan.OpIfRaw: (*Generator).content,

	plan.OpOutcome: (*Generator).ending, plan.OpPartOutcome: (*Generator).ending, plan.OpFinish: (*Generator).ending,
	plan.OpUnlessFailed: (*Generator).ending, plan.OpIfFailed: (*Generator).ending,
	plan.OpErrorType: (*Generator).ending, plan.OpCategory: (*Generator).ending, plan.OpException: (*Generator).ending,
	plan.OpMessage: (*Generator).ending, plan.OpStack: (*Generator).ending,
	plan.OpStatusCode: (*Generator).ending, plan.OpReason: (*Generator).ending,

	plan.OpText: (*Generator).draw, plan.OpPairText: (*Generator).ofPair, plan.OpUse: (*Generator).ofSystem,
	plan.OpHTTPCode: (*Generator).ofCause, plan.OpCode: (*Generator).ofCause, plan.OpCauseType: (*Generator).ofCause,
	plan.OpThrown: (*Generator).ofCause, plan.OpThrownMessage: (*Generator).ofCause, plan.OpThrownStack: (*Generator).ofCause,
	plan.OpResend: (*Generator).ofSystem,
}

// ofRequest writes what all spans of a request share.
func (g *Generator) ofRequest(a *plan.Attr, _ *span, v *otlp.Attr) bool {
	r := &g.req
	switch a.Op {
	case plan.OpSession:
		setText(v, r.session)
	case plan.OpRequest:
		setText(v, r.request)
	case plan.OpUser:
		setText(v, r.user)
	case plan.OpTurn:
		setInt(v, int64(r.turn)+1)
	case plan.OpRequestTrace:
		return setTrace(v, r, g.it.scenario, ids.PartRequest)
	case plan.OpDataTrace:
		return setTrace(v, r, g.it.scenario, ids.PartOrchestration)
	case plan.OpReplyTrace:
		return setTrace(v, r, g.it.scenario, ids.PartResponse)
	case plan.OpStreaming:
		setBool(v, r.streaming)
	case plan.OpIfStreaming:
		return r.streaming
	case plan.OpFormat:
		*v = pick(a, r.streaming)
	case plan.OpSelected:
		*v = valueAt(a, selectedValue(a, r.selected))
		return v.Word != 0 || v.Kind == otlp.KindBool // the one that is selected may have none
	}
	return true
}

// selectedValue is the index of the value of an OpSelected for the alternative
// that the request takes: those from Word on have one each, and all others the
// first.
func selectedValue(a *plan.Attr, selected uint64) int {
	first, count := a.Word, uint64(len(a.Values)-1)
	if selected < first || selected-first >= count {
		return 0
	}
	return 1 + int(selected-first)
}

// ofCalls writes what the tasks and tool calls of a trace have come to.
func (g *Generator) ofCalls(a *plan.Attr, s *span, v *otlp.Attr) bool {
	t := g.req.t
	begin := len(t.Text)
	switch a.Op {
	case plan.OpCall:
		call := s.call
		if call == 0 {
			call = g.part.call // a span beside the calls speaks of the latest
		}
		if call == 0 {
			return false
		}
		setText(v, call)
	case plan.OpTask:
		g.part.tasks++
		t.Text = strconv.AppendInt(append(t.Text, "task_"...), int64(g.part.tasks), 10)
		setText(v, packText(begin, len(t.Text)))
	case plan.OpTools:
		n := uint64(g.part.tools)
		if a.Word > 0 {
			n = min(n, a.Word-1)
		}
		setInt(v, int64(n))
	case plan.OpCalled:
		t.Text = g.called(t.Text, a)
		setText(v, packText(begin, len(t.Text)))
	case plan.OpAsked:
		if !s.node.LLM {
			return false
		}
		setInt(v, g.part.calls[s.said].asked)
	}
	return true
}

// ofSpan writes how long a span takes, and how often something was tried.
func (g *Generator) ofSpan(a *plan.Attr, s *span, v *otlp.Attr) bool {
	switch a.Op {
	case plan.OpDuration:
		setInt(v, millis(s.duration))
	case plan.OpAttempt:
		setInt(v, int64(s.attempt))
	case plan.OpRetries:
		setInt(v, int64(max(s.attempts, 1)-1))
	case plan.OpPolicy:
		*v = pick(a, s.attempts > 1)
	case plan.OpTaskRetries:
		setInt(v, int64(s.retries))
	case plan.OpBackoff:
		setInt(v, millis(s.backoff))
		return s.attempt > 1
	}
	return true
}

// millis is nanoseconds as milliseconds, rounded.
func millis(ns int64) int64 { return (ns + 500_000) / 1_000_000 }

// setTrace writes the id of a part's trace, if the request has that part.
func setTrace(v *otlp.Attr, r *request, s *plan.Scenario, part uint32) bool {
	if !s.Has(part) {
		return false
	}
	setText(v, r.traces[part])
	return true
}
