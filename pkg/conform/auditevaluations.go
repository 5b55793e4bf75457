package conform

import (
	"cmp"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
)

// evaluationEvent is what evaluations log, about a span of any type.
const evaluationEvent = "gen_ai.evaluation.result"

// evaluationTypes are the attributes of its own.
var evaluationTypes = map[string]semconv.Type{
	"gen_ai.evaluation.name": semconv.String, "gen_ai.evaluation.score.value": semconv.Double,
	"gen_ai.evaluation.score.label": semconv.String, "gen_ai.evaluation.explanation": semconv.String,
}

// score is what an evaluation calls a number.
type score struct {
	value float64
	label string
}

// evaluations holds what evaluations say to the spans that they judge, and to each
// other: a span is judged once by each, and of two scores the greater never has
// the label of something worse.
func (a *Audit) evaluations(fail func(rule, format string, args ...any)) {
	type judged struct {
		span spanKey
		name string
	}
	seen := make(map[judged]bool)
	scores := make(map[string][]score)
	for i := range a.logs {
		l := &a.logs[i]
		s := a.spans[l.key]
		if l.name != evaluationEvent || s == nil {
			continue
		}
		attrs, of := a.mapOf(l.said), a.mapOf(s.said)
		name, _ := attrs["gen_ai.evaluation.name"].(string)
		wrong := func(format string, args ...any) {
			fail("audit-evaluation", "evaluation %s of span %x of trace %x: "+format, append([]any{name, l.key.span, l.key.trace}, args...)...)
		}
		if seen[judged{l.key, name}] {
			wrong("is there twice")
		}
		seen[judged{l.key, name}] = true
		if s.failed {
			wrong("the span failed")
		}
		value, ok := attrs["gen_ai.evaluation.score.value"].(float64)
		if ok && !(value >= 0 && value <= 1) {
			wrong("the score %v is not between 0 and 1", value)
		}
		label, _ := attrs["gen_ai.evaluation.score.label"].(string)
		if ok {
			scores[name] = append(scores[name], score{value, label})
		}
		if id := of["gen_ai.response.id"]; attrs["gen_ai.response.id"] != id {
			wrong("gen_ai.response.id is %v, of the span %v", attrs["gen_ai.response.id"], id)
		}
		if attrs["gen_ai.evaluation.explanation"] != nil && of[a.prefix+".llm.content.capture.enabled"] == false {
			wrong("it is explained, and the span says that no content is captured")
		}
	}
	for _, name := range sortedKeys(scores) {
		inRuns(name, scores[name], fail)
	}
}

// inRuns checks that each label of an evaluation stands for one stretch of scores.
func inRuns(name string, list []score, fail func(rule, format string, args ...any)) {
	slices.SortFunc(list, func(x, y score) int {
		return cmp.Or(cmp.Compare(x.value, y.value), strings.Compare(x.label, y.label))
	})
	ended := make(map[string]bool)
	for i, s := range list {
		if i > 0 && list[i-1].label != s.label {
			ended[list[i-1].label] = true
			if ended[s.label] || list[i-1].value == s.value {
				fail("audit-evaluation", "evaluation %s: the score %v is %q, and %v is %q: no threshold is between them",
					name, list[i-1].value, list[i-1].label, s.value, s.label)
				return
			}
		}
	}
}
