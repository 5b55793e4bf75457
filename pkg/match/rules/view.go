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
	err    error
}

// parts keeps the fields of resources, scopes and metrics, which items share.
type parts struct {
	fields map[*match.Part][]form.Field
}

func (p *parts) reset() { clear(p.fields) }

func (p *parts) get(part *match.Part, m form.Message) ([]form.Field, error) {
	if part == nil {
		return nil, nil
	}
	if fields, ok := p.fields[part]; ok {
		return fields, nil
	}
	fields, err := form.AppendFields(nil, m, part.Bytes)
	if err != nil {
		return nil, err
	}
	if p.fields == nil {
		p.fields = make(map[*match.Part][]form.Field)
	}
	p.fields[part] = fields
	return fields, nil
}

// set makes the view one of another item.
func (v *view) set(sig otlp.Signal, item *match.Item, p *parts) {
	*v = view{signal: sig, item: item, parts: p, fields: v.fields[:0]}
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

// get returns the value at a path, nil when there is none.
func (v *view) get(path string) *form.Value {
	fields := v.at(levelOf(path))
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
	for _, t := range []struct {
		path string
		to   *int64
	}{{"start_time_unix_nano", &start}, {"end_time_unix_nano", &end}} {
		f := v.get(t.path)
		if f == nil {
			return 0, 0, false
		}
		n, err := strconv.ParseInt(f.Text, 10, 64)
		if err != nil {
			return 0, 0, false
		}
		*t.to = n
	}
	return start, end, true
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
