package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// done is a key that was masked or, by a list of those that are kept, deleted.
type done struct {
	kind        opKind
	prefix, key string
}

// note notes what an operation did, once for each key.
func (s *scheme) note(o *op, path string) {
	if o.prefix == "" || o.kind != opMask && o.kind != opKeepOnly {
		return
	}
	prefix, key, _ := o.key(path)
	if d := (done{o.kind, prefix, key}); !slices.Contains(s.done, d) {
		s.done = append(s.done, d)
	}
}

// summarize adds what the Collector's redaction processor says of its work beside the
// attributes: how many it masked and deleted, and which.
func (s *scheme) summarize(o *op) {
	for _, prefix := range s.prefixes(o) {
		for _, of := range []struct {
			kind opKind
			name string
		}{{opMask, "redaction.masked."}, {opKeepOnly, "redaction.redacted."}} {
			var keys []string
			for _, d := range s.done {
				if d.kind == of.kind && d.prefix == prefix {
					keys = append(keys, d.key)
				}
			}
			if len(keys) == 0 {
				continue
			}
			s.hit[o.rule.id] = true
			slices.Sort(keys)
			s.add(wanted{path: o.at(prefix, of.name+"count"), rule: o.rule,
				value: form.Value{Kind: otlp.KindInt, Text: strconv.Itoa(len(keys))}})
			if o.names {
				s.add(wanted{path: o.at(prefix, of.name+"keys"), rule: o.rule,
					value: form.Value{Kind: otlp.KindText, Text: strings.Join(keys, ",")}})
			}
		}
	}
}
