package verify

import (
	"bytes"
	"strconv"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// instances checks that the resources of a record are of the process that their
// segment is: what service.instance.id ends in.
func (f *fileVerifier) instances(n int, strs *otlp.Strings, attrs []otlp.Attr, text []byte, resources []otlp.Resource) {
	if f.s.v.o.Seeded == nil {
		return
	}
	for i := range resources {
		several := f.s.v.report.Manifest.Instances / turns
		if n, ok := f.s.v.o.Systems[string(resourceValue(strs, attrs, text, resources, uint32(i), serviceKey))]; ok {
			if several = n; n == 0 {
				continue
			}
		}
		id := resourceValue(strs, attrs, text, resources, uint32(i), instanceKey)
		head := id
		if several > 1 {
			cut := max(0, bytes.LastIndexByte(id, '-'))
			k, err := strconv.ParseUint(string(bytes.TrimPrefix(id[cut:], []byte("-"))), 10, 64)
			if err != nil || k >= several {
				f.at(ruleInstance, n, "instance %q does not end in the number of one of %d", id, several)
				continue
			}
			head = id[:cut]
		}
		if turn := f.segment.Segment % turns; !endsInTurn(head, turn) {
			f.at(ruleInstance, n, "instance %q is none of the process of segment %d, want %q after the name of it", id, f.segment.Segment, "-"+strconv.FormatUint(turn, 10))
		}
	}
}

// endsInTurn reports whether what an instance is called ends in the number of a process.
func endsInTurn(name []byte, turn uint64) bool {
	var digits [20]byte
	rest, ok := bytes.CutSuffix(name, strconv.AppendUint(digits[:0], turn, 10))
	return ok && bytes.HasSuffix(rest, []byte("-"))
}

// turns is the number of processes that an instance is, one after the other.
const turns = 16
