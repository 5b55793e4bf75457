package differ

import (
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// change is a field that differs, with its values as people read them.
type change struct{ path, before, after string }

// changes returns the fields in which an item of A and one of B differ, those of
// their resource, scope and metric with them.
func (t *taken) changes(a, b *match.Item) (all []change) {
	if a.Digest != b.Digest || a.Message != b.Message {
		all = compare(a.Message, a.Bytes, b.Message, b.Bytes)
	}
	parts := [...]struct {
		m    form.Message
		a, b *match.Part
	}{{form.ResourcePart, a.Resource, b.Resource}, {form.ScopePart, a.Scope, b.Scope}, {form.MetricPart, a.Metric, b.Metric}}
	for _, p := range parts {
		if p.a == nil || p.b == nil || p.a.Digest == p.b.Digest {
			continue
		}
		all = append(all, t.partChanges(p.m, p.a, p.b)...)
	}
	return all
}

// partChanges is changes for two parts, of which many items are.
func (t *taken) partChanges(m form.Message, a, b *match.Part) []change {
	k := partKey{what: m, a: a.Digest, b: b.Digest}
	all, ok := t.parts[k]
	if !ok {
		all = compare(m, a.Bytes, m, b.Bytes)
		if len(t.parts) < maxCached {
			t.parts[k] = all
		}
	}
	if m == form.ResourcePart {
		return t.withoutInstance(all)
	}
	return all
}

// damaged is the path of what cannot be read further in, and differs.
const damaged = "damaged bytes"

// compare returns how two messages differ whose digests do.
func compare(ma form.Message, a []byte, mb form.Message, b []byte) (all []change) {
	before, errA := form.AppendFields(nil, ma, a)
	after, errB := form.AppendFields(nil, mb, b)
	if errA != nil || errB != nil {
		return []change{{path: damaged}}
	}
	for _, c := range form.Diff(before, after) {
		before, after := c.Before, c.After
		if before != nil && after != nil {
			x, y := *before, *after
			x.Text, y.Text = text.Differing(x.Text, y.Text, maxValue)
			before, after = &x, &y
		}
		all = append(all, change{strings.Clone(c.Path), printed(before), printed(after)})
	}
	if ma != mb {
		all = append(all, change{"kind of point", ma.String(), mb.String()})
	}
	return all
}

// maxValue bounds what is told of a value, in bytes.
const maxValue = 200

// printed returns a value for people: "" where there is none. Texts are quoted, so
// that none looks like a number.
func printed(v *form.Value) string {
	switch {
	case v == nil:
		return ""
	case v.Kind == otlp.KindText || v.Kind == otlp.KindString:
		return text.Quote(v.Text, maxValue)
	case v.Text == "":
		return "(empty)"
	}
	return text.Line(v.Text, maxValue)
}

const instancePath = "resource.attributes.service.instance.id"

// withoutInstance leaves out that processes are other ones since the segments
// are cut elsewhere: the name of an instance ends in the number of the segment,
// modulo instances.
func (t *taken) withoutInstance(all []change) []change {
	sa, sb := t.d.o.A.PerSegment, t.d.o.B.PerSegment
	if !t.known || sa == sb || sa == 0 || sb == 0 {
		return all
	}
	for i, c := range all {
		if c.path == instancePath && sameProcess(c.before, c.after, t.origin.Iteration/sa%instances, t.origin.Iteration/sb%instances) {
			t.renamed = true
			return append(append([]change(nil), all[:i]...), all[i+1:]...)
		}
	}
	return all
}

// instances is how many processes of one instance of a service have names of
// their own, one after the other. Part of the format.
const instances = 16

// sameProcess reports whether the quoted names of two instances are one name
// but for the numbers of their segments: "gateway-3" and "gateway-5", or
// "gateway-3-1" and "gateway-5-1" where there are several at a time.
func sameProcess(a, b string, segmentA, segmentB uint64) bool {
	cut := func(s string, segment uint64) [][2]string {
		mark := "-" + strconv.FormatUint(segment, 10)
		var all [][2]string
		for from := 0; ; {
			at := strings.Index(s[from:], mark)
			if at < 0 {
				return all
			}
			at += from
			if rest := s[at+len(mark):]; rest == `"` || strings.HasPrefix(rest, "-") {
				all = append(all, [2]string{s[:at], rest})
			}
			from = at + 1
		}
	}
	for _, x := range cut(a, segmentA) {
		for _, y := range cut(b, segmentB) {
			if x == y {
				return true
			}
		}
	}
	return false
}

// isTime reports whether a path leads to a time, in ns since the epoch.
func isTime(path string) bool { return strings.HasSuffix(path, "time_unix_nano") }

// shared reports whether a path leads to what items of all names have alike: times, since
// one span that takes longer moves all after it, and fields of resources.
func shared(path string) bool {
	return isTime(path) || strings.HasPrefix(path, "resource.")
}
