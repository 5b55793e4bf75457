package learn

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// Model is what was learnt: files, with paths relative to their folder, in order of name but for
// ProjectName, which is last: without it nothing is taken for the whole.
type Model struct {
	Files   []File
	Report  string // what was learnt from how much, what is left out; the content of ReportName
	Summary string // in a line
}

// ReportName is the file of Model.Report, and ProjectName that which has all others for the
// parts of one thing.
const (
	ReportName  = "report.md"
	ProjectName = "project.yaml"
)

// Levels is how many levels of simplicity there are: on each further one there is less that
// could pass the limits of what can be loaded.
const Levels = 5

// ErrNothing says that there is nothing to learn from.
var ErrNothing = errors.New("no operation is in enough traces to be said")

// File is a file.
type File struct {
	Name string // with slashes
	Data []byte
}

// writer writes what a grammar says.
type writer struct {
	g          *grammar
	whole      *profile.Profile    // of the capture; of the scenario of a period what it is about
	first      *writer             // of the scenarios, beside which this is one; nil: none
	several    bool                // there are several scenarios
	giving     map[string][]*giver // by service
	joint      map[string][]*giver // likewise, of several names each
	level      int
	number     int            // of the period that it is about; 0: of none
	period     profile.Period // that one
	policy     *privacy.Policy
	services   []*service
	names      map[string]string // of services, by what they were
	operations map[*path]*operation
	reached    map[*path]bool
	queues     map[*path]*queue // by who consumes
	senders    map[*path]*sender
	sent       map[*path]bool // that begin traces because something that is written does
	extents    map[*path][2]int
	below      bool // not only what begins requests says which session it is of
	values     []*sharedValue
	shared     map[string]*sharedValue // by key of attributes
	repeated   map[pathKey]*sharedValue
	parts      map[string]*sharedValue // by form of what texts end with
	valueNames map[string]bool
	metrics    map[string]bool // by service and name; nil: not looked for yet
	own        []ownMetric
	leftKeys   map[string]leftKey
	bodies     map[string]int       // of log records, by what they were
	behind     map[uint64]following // by Path of roots
	resources  resources
	hangings   []*hanging
	lasting    map[*class][]lasting    // how long spans last with some words; nil: as with others
	followers  map[string]*sharedValue // by key of attributes
	rooted     map[classKey]*sharedValue
	asked      map[*path]bool // that sessions ask for
	callers    map[*class][]caller
	chains     chains
	paced      *lateness // at which pace sessions arrive; nil: that is to be found out
	retries    int       // that may be written
}

// From learns from a profile. The level, below Levels, is 0 unless what came of a lower one
// could not be loaded.
func From(p *profile.Profile, policy *privacy.Policy, level int) (*Model, error) {
	w, err := newWriter(p, policy, level, 0)
	if err != nil {
		return nil, err
	}
	return w.model(nil), nil
}

func newWriter(p *profile.Profile, policy *privacy.Policy, level, number int) (*writer, error) {
	w := &writer{
		g: newGrammar(p, policy.MinTraces()), whole: p, policy: policy, number: number,
		resources: newResources(), followers: make(map[string]*sharedValue), asked: make(map[*path]bool),
		operations: make(map[*path]*operation), reached: make(map[*path]bool), extents: make(map[*path][2]int),
		queues: make(map[*path]*queue), senders: make(map[*path]*sender), sent: make(map[*path]bool), shared: make(map[string]*sharedValue), repeated: make(map[pathKey]*sharedValue), parts: make(map[string]*sharedValue), valueNames: make(map[string]bool), names: make(map[string]string), level: level,
	}
	w.below = toldBelow(w.g)
	w.findFollowing()
	w.findShared()
	w.callers = w.callersOf()
	w.findRooted()
	w.findFollowers()
	w.findHanging()
	w.findChains()
	w.findSayings()
	w.findMessages()
	w.findOperations()
	if len(w.operations) == 0 {
		return nil, nothing(p)
	}
	return w, nil
}

// nothing is ErrNothing with what of a profile was left out before.
func nothing(p *profile.Profile) error {
	left := p.Faults.LeftOut()
	if p.Left.Spans > 0 {
		left = append(left, text.Counted(p.Left.Spans, "span")+" of operations beyond the number that a profile holds")
	}
	if len(left) == 0 {
		return ErrNothing
	}
	return fmt.Errorf("%w; left out are %s", ErrNothing, strings.Join(left, ", "))
}

// model writes the files, beside the scenarios of periods.
func (w *writer) model(parts []*writer) *Model {
	m := &Model{}
	w.several = len(parts) > 0
	for _, x := range parts {
		x.several = true
	}
	m.Files = []File{
		{"config.yaml", w.config(parts)},
		{"scenarios/" + w.name() + ".yaml", w.scenario()},
	}
	for _, x := range parts {
		m.Files = append(m.Files, File{"scenarios/" + x.name() + ".yaml", x.scenario()})
	}
	registry := w.registry(parts)
	if registry != nil {
		m.Files = append(m.Files, File{RegistryName, registry})
	}
	m.Report = w.report(parts)
	m.Files = append(m.Files, File{ReportName, []byte(m.Report)})
	slices.SortFunc(m.Files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	m.Files = append(m.Files, File{ProjectName, w.project(parts, registry != nil)})
	m.Summary = amountOf(w.whole)
	return m
}

// file writes a file: what it is, and its content.
func (n *node) file(about string) []byte {
	var b strings.Builder
	comment(&b, about, 0)
	n.write(&b, 0)
	return []byte(b.String())
}

// scenario writes the system.
func (w *writer) scenario() []byte {
	m := mapping()
	m.with("name", w.name())
	m.with("description", "Learnt from a capture: "+w.source()+".")
	m.put("tags", list(word("learnt")))
	pace := w.pace()
	if !pace.poisson {
		m.put("interval_ms", raw(digits(pace.interval, 5)))
		if pace.vary > float64(0.01*pace.interval) {
			m.put("interval_deviation_ms", raw(digits(pace.vary, 3)))
		}
	}
	if share := w.inStep(); share > 0 {
		m.put("in_step", raw(digits(share, 2)))
	}
	if c := w.conversation(); c != nil {
		m.put("conversation", c)
	}
	w.putSession(m)
	w.prune()
	services := mapping()
	for _, s := range w.services {
		services.put(s.name, w.serviceNode(s))
	}
	if len(w.values) > 0 {
		m.put("values", w.valuesNode())
	}
	m.put("services", services)
	return m.file("What a capture is like, as a system of services: " + w.source() + ".\n" +
		"Comments say from how much each number is. docs/systems.md says what every key means.")
}

// conversation is what is between the requests of a session.
func (w *writer) conversation() *node {
	s := w.g.p.Sessions
	if s.Count == 0 { // a session is one request, which there is nothing to say of
		return nil
	}
	out := mapping()
	if thinks := w.thinks(); thinks.Count() > 0 {
		f := fit(thinks, 1e6)
		out.put("think_time", f.duration())
	}
	if w.g.p.Keys[sessionKey] == nil || w.below { // another key says which session it is, or spans of all sorts do
		out.put("session_id", raw("false"))
	}
	if len(out.entries) == 0 {
		return nil
	}
	return out
}

func (w *writer) pace() pace {
	p, share := paceOf(w.starts()), w.requested()
	if !p.poisson {
		if _, late := w.late(); late || w.isChanging() {
			p.poisson = true
		}
	}
	p.interval, p.vary = min(p.interval/share, mostMillis), min(p.vary/share, mostMillis)
	return p
}

// starts returns when sessions start, or traces where there are none.
func (w *writer) starts() (starts *sketch.Windows, first, last uint64) {
	p := w.g.p
	if w.inSessions() {
		return p.Sessions.Starts, p.First, p.Last
	}
	return p.Starts, p.First, p.Last
}

func (w *writer) inSessions() bool { return w.g.p.Sessions.Count > 0 && w.g.p.Sessions.Starts != nil }

// requested is the share of starts that are asked for: traces begin when a message is sent, too.
func (w *writer) requested() float64 {
	asked, sent := 0.0, 0.0
	for _, at := range w.g.order {
		switch {
		case w.operations[at] == nil:
		case w.sent[at]:
			sent += float64(at.roots)
		default:
			asked += float64(at.roots)
		}
	}
	if asked == 0 || w.inSessions() {
		return 1
	}
	return asked / (asked + sent)
}

// config writes how sessions arrive, and when another scenario comes up.
func (w *writer) config(parts []*writer) []byte {
	m := mapping().with("extends", "bundled")
	about := w.arrivals(m)
	w.phases(m, parts)
	return m.file(about)
}

// arrivals writes how sessions arrive, and returns what is to be said of that.
func (w *writer) arrivals(m *node) string {
	pace := w.pace()
	if w.policy.TimesOfDay() {
		if d := w.day(); d != nil {
			m.put("arrivals", mapping().set("day", d))
			return "When sessions start: so many in a second, by hour of the day in UTC."
		}
	}
	if !pace.poisson {
		return "When sessions start: at an interval, which is said where they are selected."
	}
	out, how := mapping(), "by chance"
	low, bursts, changes := w.changes()
	if changes {
		rate := raw(digits(low, 4))
		rate.beside = "sessions a second, at least"
		out.set("rate", rate).set("bursts", bursts)
	} else {
		rate := raw(digits(max(1000/pace.interval, 1e-6), 4))
		rate.beside = "sessions a second"
		out.set("rate", rate)
	}
	if late, ok := w.late(); ok {
		late.put(out)
		how = "at a pace, and somewhat later"
	}
	m.put("arrivals", out)
	if changes {
		return "When sessions start: " + how + ", at a rate that changes."
	}
	return "When sessions start: " + how + ", at a mean rate."
}

// signals lists those that the capture has; nil: all. Services give metrics of what they send and
// of the processes that they are without being asked.
func (w *writer) signals() *node {
	out := list(word("traces"))
	for _, s := range []struct {
		is   otlp.Signal
		name string
	}{{otlp.SignalMetrics, "metrics"}, {otlp.SignalLogs, "logs"}} {
		if w.whole.Sizes[s.is].Items > 0 {
			out.items = append(out.items, word(s.name))
		}
	}
	if len(out.items) == 3 {
		return nil
	}
	return out
}

// project writes what makes a corpus of it without further flags; registered says that there is
// a registry.
func (w *writer) project(parts []*writer, registered bool) []byte {
	m := mapping().with("description", "Learnt from a capture")
	m.with("config", "config.yaml")
	m.put("definitions", list(word("scenarios")))
	if registered {
		m.with("registries", RegistryName)
	}
	options := m.put("options", mapping())
	if n := w.oneLife(); n > 0 {
		life := options.put("segment-iterations", raw(strconv.FormatUint(n, 10)))
		life.beside = "no process ends before so many"
	}
	if signals := w.signals(); signals != nil {
		options.put("signals", signals)
	}
	if left := w.metricInterval(); left > 0 {
		options.put("metric-interval", raw(strconv.FormatUint(left, 10)+"s"))
	}
	if len(parts) == 0 {
		options.with("scenario", w.name()) // whose interval it then is
		return m.file("otelsim-gen --project project.yaml -n 20000 -o corpus")
	}
	names := options.put("scenario", list(word(w.name())))
	for _, x := range parts {
		names.items = append(names.items, word(x.name()))
	}
	if pace := w.pace(); !pace.poisson {
		options.put("interval", raw(digits(pace.interval, 5)+"ms"))
		options.put("interval-deviation", raw(digits(pace.vary, 3)+"ms"))
	}
	return m.file("otelsim-gen --project project.yaml -n 20000 -o corpus")
}
