package learn

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
)

// serviceNode writes a service: what its resource says, and its operations.
func (w *writer) serviceNode(s *service) *node {
	m := mapping().with("protocol", "none")
	told := w.g.p.Services[s.was]
	if told != nil {
		if n := instances(told); n > 1 {
			node := m.put("instances", raw(strconv.FormatUint(n, 10)))
			node.beside = "at a time, of " + text.Counted(told.Instances.Distinct(), "different one")
		}
		if w.anonymous(s) {
			m.put("instance_id", raw("false"))
		}
		w.resourceNode(m, s)
	}
	w.tells(m, s)
	if scope := w.scope(s); scope != "" {
		m.with("scope", scope)
	}
	operations := mapping()
	for _, op := range s.operations {
		operations.put(op.key, w.operationNode(op))
	}
	m.put("operations", operations)
	return m
}

// anonymous reports whether resources of a service do not say which instance they are of, and
// need not: spans alone are told. What sends or consumes messages gives metrics.
func (w *writer) anonymous(s *service) bool {
	told := w.g.p.Services[s.was]
	if told.Attributes[instanceKey] != nil || told.Points > 0 {
		return false
	}
	if w.several { // what is said of a service has to be the same in all scenarios
		return w.g.p.Keys["messaging.system"] == nil
	}
	for _, at := range w.g.order {
		if at.classes[0].Service == s.was && (w.queues[at] != nil || w.senders[at] != nil) {
			return false
		}
	}
	return true
}

// maxInstances is how many instances a service may have.
const maxInstances = 1000

// instances is how many instances a service has at a time: one over how likely it is that
// two traces of about the same time come to the same one. Without a sign of that, it is
// how many there are in all.
func instances(s *profile.Service) uint64 {
	all := s.Instances.Distinct()
	shift := uint(0)
	for _, w := range s.Lives { // order-free: a maximum
		shift = max(shift, w.Shift())
	}
	together := make(map[uint64]float64)
	same := 0.0
	for _, w := range s.Lives { // order-free: whole numbers are added up
		c := w.Coarse(shift)
		first, last, ok := c.Range()
		for i := first; ok && i <= last; i++ {
			n := float64(c.At(i))
			together[i] += n
			same += float64(n * (n - 1))
		}
	}
	pairs := 0.0
	for _, n := range together { // order-free: likewise
		pairs += float64(n * (n - 1))
	}
	if same == 0 || pairs == 0 {
		return min(max(all, 1), maxInstances)
	}
	// What is kept is some of all instances, of which the rest is as busy.
	rest := float64(all) / float64(max(len(s.Lives), 1))
	return uint64(min(max(math.Round(float64(pairs/same*max(rest, 1))), 1), float64(min(all, maxInstances))))
}

// Sessions that are drawn together, which are a segment at least, and how many bytes of
// spans a segment should have at most that is to be larger.
const (
	usualSegment = 1024
	mostSegment  = 256 << 20
)

// oneLife is how many sessions a segment has to have for its processes to last as long as
// those of the capture do, each of which is there from its beginning to its end; 0: as many
// as usual. Where there are metrics, which begin anew with each segment, it is that.
func (w *writer) oneLife() uint64 {
	p := w.whole
	n := p.Sessions.Count
	if n == 0 {
		n = p.Traces.Count
	}
	if n <= usualSegment || p.Sizes[otlp.SignalMetrics].Items > 0 || p.Sizes[otlp.SignalTraces].Bytes > mostSegment {
		return 0
	}
	for _, s := range p.Services { // order-free: whether there is one
		if s.Spans > 0 && s.Instances.Distinct() >= 2*instances(s) {
			return 0
		}
	}
	return (n + usualSegment - 1) / usualSegment * usualSegment
}

// scope is the instrumentation scope that most spans of a service have.
func (w *writer) scope(s *service) string {
	counts, traces := make(map[string]uint64), make(map[string]uint64)
	for _, op := range s.operations {
		for _, c := range op.path.classes {
			for _, v := range c.Scopes.Kept() {
				counts[v.Text] += v.Traces
				traces[v.Text] = max(traces[v.Text], v.Traces) // those of several classes may be the same
			}
		}
	}
	best := ""
	for _, text := range slices.Sorted(maps.Keys(counts)) {
		if best == "" || counts[text] > counts[best] {
			best = text
		}
	}
	name, _ := w.policy.Name(best, traces[best])
	return name
}
