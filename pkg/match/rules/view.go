package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// view is an item as its fields, which are read when one is asked for.
type view struct {
	signal otlp.Signal
	item   *match.Item
	parts  *parts
	fields []form.Field
	read   bool
	scan   form.Scan
	seen   outside
	value  form.Value // that get returned last
	text   []byte     // scratch
	plan   plan
	err    error
}

// outside says whether the outside of an item is at hand.
type outside uint8

const (
	unseen outside = iota
	seen
	damaged
)

// parts keeps the fields of resources, scopes and metrics, which items share, and texts
// that items have in common. What means the same has the same digest and fields.
type parts struct {
	fields map[uint64][]form.Field
	kept   int // about how many bytes
	texts  map[string]string
}

// What a Segment keeps has bounds: where they are met, it forgets all and begins anew.
const (
	maxPartBytes  = 1 << 22
	maxTexts      = 1 << 12
	maxTextLength = 1 << 7
)

// intern returns a text, without new memory if it is one that was there before.
func (p *parts) intern(b []byte) string {
	if s, ok := p.texts[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(s) > maxTextLength {
		return s
	}
	if p.texts == nil || len(p.texts) >= maxTexts {
		p.texts = make(map[string]string)
	}
	p.texts[s] = s
	return s
}

func (p *parts) get(part *match.Part, m form.Message) ([]form.Field, error) {
	if part == nil {
		return nil, nil
	}
	if fields, ok := p.fields[part.Digest]; ok {
		return fields, nil
	}
	fields, err := form.AppendFields(nil, m, part.Bytes)
	if err != nil {
		return nil, err
	}
	const perField, perPart = 56 + 24, 128
	size := len(part.Bytes) + len(fields)*perField + perPart
	if p.kept += size; p.fields == nil || p.kept > maxPartBytes {
		p.fields, p.kept = make(map[uint64][]form.Field), size
	}
	p.fields[part.Digest] = fields
	return fields, nil
}

// set makes the view one of another item.
func (v *view) set(sig otlp.Signal, item *match.Item, p *parts) {
	v.signal, v.item, v.parts, v.fields, v.read = sig, item, p, v.fields[:0], false
	v.seen, v.plan, v.err = unseen, plan{}, nil
}

// own returns the item's own fields.
func (v *view) own() []form.Field {
	if !v.read {
		v.read = true
		fields, err := form.AppendFields(v.fields, v.item.Message, v.item.Bytes)
		v.fields = fields
		v.fail(err)
	}
	return v.fields
}

func (v *view) fail(err error) {
	if v.err == nil {
		v.err = err
	}
}

// at returns the fields of a level.
func (v *view) at(l level) []form.Field {
	var fields []form.Field
	var err error
	switch l {
	case levelResource:
		fields, err = v.parts.get(v.item.Resource, form.ResourcePart)
	case levelScope:
		fields, err = v.parts.get(v.item.Scope, form.ScopePart)
	case levelMetric:
		fields, err = v.parts.get(v.item.Metric, form.MetricPart)
	default:
		return v.own()
	}
	v.fail(err)
	return fields
}

// outside reads the outside of the item, if it is not at hand; false where it is damaged.
func (v *view) outside() bool {
	if v.seen == unseen {
		v.seen = seen
		if v.scan.Read(v.item.Message, v.item.Bytes) != nil {
			v.seen = damaged
		}
	}
	return v.seen == seen
}

// lookup finds the value at a path of the item from outside. It is not ok where only
// the fields can tell.
func (v *view) lookup(path string) (value *form.Value, ok bool) {
	if !v.outside() {
		return nil, false
	}
	text, kind, there := v.text[:0], otlp.KindEmpty, true
	if key, is := form.AttributeKey("attributes", path); is {
		i, ok := v.scan.Find(key)
		if !ok || i < 0 {
			return nil, ok
		}
		if a := &v.scan.Attributes[i]; len(a.Value) > 0 {
			if text, kind, ok = a.Append(text); !ok {
				return nil, false
			}
		}
	} else if text, kind, there, ok = v.scan.Append(text, path); !there {
		return nil, ok
	}
	v.text = text[:0]
	v.value = form.Value{Kind: kind, Text: v.parts.intern(text)}
	return &v.value, true
}

// get returns the value at a path, nil when there is none. It is valid until the next
// call.
func (v *view) get(path string) *form.Value {
	at := levelOf(path)
	if at == levelItem && !v.read {
		if value, ok := v.lookup(path); ok {
			return value
		}
	}
	fields := v.at(at)
	i, ok := slices.BinarySearchFunc(fields, path, func(f form.Field, path string) int {
		return strings.Compare(f.Path, path)
	})
	if !ok {
		return nil
	}
	return &fields[i].Value
}

// enum returns the name of an enum's value, "UNSPECIFIED" or "UNSET" by what is
// not there being the first.
func (v *view) enum(path string) string {
	if f := v.get(path); f != nil {
		return f.Text
	}
	if path == "status.code" {
		return "UNSET"
	}
	return "UNSPECIFIED"
}

// times returns when a span or a point begins and ends, in ns since the epoch.
func (v *view) times() (start, end int64, ok bool) {
	if start, ok = v.time("start_time_unix_nano"); ok {
		end, ok = v.time("end_time_unix_nano")
	}
	return start, end, ok
}

// time returns a time of the item, from outside if it can be: no two have the same, and
// none is kept.
func (v *view) time(path string) (ns int64, ok bool) {
	if !v.read && v.outside() {
		text, _, there, ok := v.scan.Append(v.text[:0], path)
		v.text = text[:0]
		if ok {
			ns, err := strconv.ParseInt(string(text), 10, 64)
			return ns, there && err == nil
		}
	}
	f := v.get(path)
	if f == nil {
		return 0, false
	}
	ns, err := strconv.ParseInt(f.Text, 10, 64)
	return ns, err == nil
}

// namePath is where the name of an item of a signal stands.
func (v *view) namePath() string {
	switch v.signal {
	case otlp.SignalLogs:
		return "event_name"
	case otlp.SignalMetrics:
		return "metric.name"
	}
	return "name"
}

// level is where fields stand.
type level uint8

const (
	levelItem level = iota
	levelResource
	levelScope
	levelMetric
	levelEvent // of spans: below the item
	numLevels
)

// fieldLevels are the levels that have fields of their own.
var fieldLevels = []level{levelItem, levelResource, levelScope, levelMetric}

// levelSet has bit 1<<level for each level.
type levelSet uint8

func (s levelSet) has(l level) bool { return s&(1<<l) != 0 }

// levelOf returns the level of a path.
func levelOf(path string) level {
	switch {
	case strings.HasPrefix(path, "resource."):
		return levelResource
	case strings.HasPrefix(path, "scope."):
		return levelScope
	case strings.HasPrefix(path, "metric."):
		return levelMetric
	}
	return levelItem
}
