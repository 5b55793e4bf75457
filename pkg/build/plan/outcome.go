package plan

import (
	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Outcome is how a span ended.
type Outcome uint8

// The outcomes. Only an orchestration can be partial.
const (
	Succeeded Outcome = 0
	Partial   Outcome = 1
	Failed    Outcome = 2
)

// Failure is something that spans fail with.
type Failure struct {
	Type, Category            otlp.StringID // of error.type and error.category
	Exception, Message, Stack otlp.StringID // of the exception event
	Reason                    otlp.StringID // retry.reason of the attempt after it
	Codes                     []int64       // of HTTP: one is drawn; empty: there was no response
	Response                  Text          // the message to a model whose tool it failed, after the id
	Unreached                 bool          // nobody was there to take the call
	Late                      bool          // it was waited for until the deadline, see Node.Deadline
}

// Fail is how a span fails by itself. Kinds are indices into
// Scenario.Failures, chosen from by Choice when there are several.
type Fail struct {
	Probability dist.Probability
	Kinds       []uint32
	Choice      *dist.Choice
	FromParent  dist.Probability // also, when the parent failed by itself
	Siblings    dist.Probability // that the next siblings fail when it does

	// From and To restrict it to requests whose selection is in [From, To); To 0
	// does not.
	From, To uint64
}

// Strikes reports whether it is for requests with the selection.
func (f *Fail) Strikes(selection uint64) bool {
	return f.To == 0 || selection >= f.From && selection < f.To
}

// Retry is what follows a failed attempt.
type Retry struct {
	Max     int64
	Forced  bool               // the first attempt fails
	Success []dist.Probability // of attempt n at index n-1, the last for all further; empty: by Fail alone
	Kinds   []uint32           // what can be tried again
	Choice  *dist.Choice       // between Kinds, when Success or Forced makes an attempt fail
	Backoff []int64            // nanoseconds before attempt n at index n-2
	Jitter  *dist.Table        // millionths of the backoff, to either side; nil: none

	Failing, Succeeding *dist.Choice // between the ways that attempts go in as Success has it; nil: they go in any
}
