package differ

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
	"github.com/otelsim/otelsim/pkg/show"
)

// valueOf returns the value of a field of an item as it is printed, "" where it
// has none or cannot be read.
func valueOf(item *match.Item, path string) string {
	fields, err := form.AppendFields(nil, item.Message, item.Bytes)
	if err != nil {
		return ""
	}
	for i := range fields {
		if fields[i].Path == path {
			return fields[i].Value.Text
		}
	}
	return ""
}

// nameOf returns what an item is called: the name of a span, an event or a metric.
func nameOf(item *match.Item) string {
	switch {
	case item.Signal == otlp.SignalTraces:
		return valueOf(item, "name")
	case item.Signal == otlp.SignalLogs:
		return valueOf(item, "event_name")
	case item.Metric != nil:
		return string(form.MetricName(item.Metric.Bytes))
	}
	return ""
}

// serviceOf returns the service.name of an item, "" where it has none.
func serviceOf(item *match.Item) string {
	if item.Resource == nil {
		return ""
	}
	v, _ := form.Attribute(form.ResourcePart, item.Resource.Bytes, "service.name")
	return v.Text
}

// timeOf returns when a data point is of.
func timeOf(item *match.Item) uint64 {
	at, _ := strconv.ParseUint(valueOf(item, "time_unix_nano"), 10, 64)
	return at
}

// pointKey orders data points: by name, then by time.
func pointKey(item *match.Item) string {
	return fmt.Sprintf("%s\x00%020d\x00%016x", nameOf(item), timeOf(item), item.Digest)
}

// labelsOf returns the attributes of a data point.
func labelsOf(item *match.Item) string {
	fields, err := form.AppendFields(nil, item.Message, item.Bytes)
	if err != nil {
		return ""
	}
	var labels []string
	for _, f := range fields {
		if key, ok := strings.CutPrefix(f.Path, "attributes."); ok {
			labels = append(labels, key+"="+printed(&f.Value))
		}
	}
	return strings.Join(labels, ", ")
}

// spans are those of a unit on one side, by id.
type spans map[otlp.SpanID]*match.Item

// side returns the spans of the unit as one side has them.
func (t *taken) side(kind Kind) spans {
	i := 0
	if kind == OnlyB {
		i = 1
	}
	if t.spans[i] != nil {
		return t.spans[i]
	}
	all := make(spans, len(t.Pairs))
	for k := range t.Pairs {
		switch pair := &t.Pairs[k]; {
		case i == 0:
			all[pair.Sent.SpanID] = &pair.Sent.Item
		case len(pair.Copies) > 0:
			all[pair.Copies[0].SpanID] = &pair.Copies[0].Item
		}
	}
	if i == 1 {
		for _, m := range t.MadeUp {
			all[m.SpanID] = &m.Item
		}
	}
	t.spans[i] = all
	return all
}

// maxPath is how many spans of a path are told: those above are left out.
const maxPath = 32

// path returns the names of the spans from the root of a trace to one of its
// spans, as show prints each of them.
func (all spans) path(item *match.Item) string {
	var names []string
	seen := make(map[otlp.SpanID]bool)
	for item != nil {
		names = append(names, title(valueOf(item, "name")))
		seen[item.SpanID] = true
		parent := valueOf(item, "parent_span_id")
		if parent == "" {
			break
		}
		var id otlp.SpanID
		n, err := hex.Decode(id[:], []byte(parent[:min(len(parent), 2*len(id))]))
		above := all[id]
		switch {
		case err != nil || n != len(id) || above == nil:
			names = append(names, "(parent "+parent+" is not here)")
			item = nil
		case seen[id]:
			names = append(names, "(its own ancestor)")
			item = nil
		case len(names) >= maxPath:
			names = append(names, "...")
			item = nil
		default:
			item = above
		}
	}
	slices.Reverse(names)
	return strings.Join(names, " > ")
}

// title is the name of a span within a path.
func title(name string) string {
	if strings.Contains(name, " > ") {
		return strconv.QuoteToASCII(name)
	}
	return string(show.AppendTitle(nil, name))
}

// place says where an item stands, beside its trace.
func (t *taken) place(kind Kind, item *match.Item) string {
	switch item.Signal {
	case otlp.SignalTraces:
		return t.side(kind).path(item)
	case otlp.SignalLogs:
		place := "log"
		if name := nameOf(item); name != "" {
			place += " " + string(show.AppendName(nil, name))
		}
		if item.SpanID != (otlp.SpanID{}) {
			place += " of span " + hex.EncodeToString(item.SpanID[:])
		}
		return place
	}
	at := timeOf(item)
	place := "at " + time.Unix(int64(at/1e9), int64(at%1e9)).UTC().Format(time.RFC3339Nano)
	if labels := labelsOf(item); labels != "" {
		place += " of " + labels
	}
	return place
}

// sizeOf says how much of a trace is on the one side that has it.
func (t *taken) sizeOf(kind Kind) string {
	n := t.onlyA
	if kind == OnlyB {
		n = len(t.MadeUp)
	}
	return "all of its " + text.Counted(n, t.Signal.Item())
}
