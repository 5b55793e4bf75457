package conform

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
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

// evaluationOf is an evaluation of a span.
type evaluationOf struct {
	span spanKey
	name string
}

// evaluations holds what evaluations say to the spans that they judge, and to each
// other: a span is judged once by each, and of two scores the greater never has
// the label of something worse.
func (a *Audit) evaluations(fail func(rule, format string, args ...any)) {
	scores := make(map[string][]score)
	for i := range a.logs {
		l := &a.logs[i]
		s := l.of
		if l.name != evaluationEvent || s == nil {
			continue
		}
		name := a.word(l.said, a.known.evaluation)
		wrong := func(format string, args ...any) {
			fail("audit-evaluation", "evaluation %s of span %x of trace %x: "+format, append([]any{name, l.key.span, l.key.trace}, args...)...)
		}
		if a.judged[evaluationOf{l.key, name}] {
			wrong("is there twice")
		}
		a.judged[evaluationOf{l.key, name}] = true
		if s.failed {
			wrong("the span failed")
		}
		if x := attrOf(l.said, a.known.score); x != nil && x.kind == otlp.KindDouble {
			value := math.Float64frombits(x.word)
			if !(value >= 0 && value <= 1) {
				wrong("the score %v is not between 0 and 1", value)
			}
			scores[name] = append(scores[name], score{value, a.word(l.said, a.known.label)})
		}
		if got, want := attrOf(l.said, a.known.answer), attrOf(s.said, a.known.answer); !a.alike(got, want) {
			wrong("gen_ai.response.id is %v, of the span %v", a.value(got), a.value(want))
		}
		captured, ok := flag(s.said, a.known.captured)
		if attrOf(l.said, a.known.explanation) != nil && ok && !captured {
			wrong("it is explained, and the span says that no content is captured")
		}
	}
	for _, name := range sortedKeys(scores) {
		inRuns(name, scores[name], fail)
	}
}

// alike is equal for what may be missing.
func (a *Audit) alike(x, y *auditAttr) bool {
	if x == nil || y == nil {
		return x == y
	}
	return a.equal(x, y)
}

// word returns an attribute that is a text, empty when it is none. Those of evaluations
// are the same again and again: each is made once.
func (a *Audit) word(list []auditAttr, name uint32) string {
	x := attrOf(list, name)
	if x == nil || x.kind != otlp.KindText {
		return ""
	}
	b := a.textOf(x)
	s, ok := a.words[string(b)]
	if !ok {
		s = string(b)
		a.words[s] = s
	}
	return s
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
