package verify

import (
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// instances checks that the resources of a record are of the process that their
// segment is: what service.instance.id ends in.
func (f *fileVerifier) instances(n int, strs *otlp.Strings, attrs []otlp.Attr, text []byte, resources []otlp.Resource) {
	if f.s.v.o.Seeded == nil {
		return
	}
	turn := "-" + strconv.FormatUint(f.segment.Segment%turns, 10)
	for i := range resources {
		several := f.s.v.report.Manifest.Instances / turns
		if n, ok := f.s.v.o.Systems[resourceValue(strs, attrs, text, resources, uint32(i), serviceKey)]; ok {
			several = n
		}
		id := resourceValue(strs, attrs, text, resources, uint32(i), instanceKey)
		head := id
		if several > 1 {
			cut := max(0, strings.LastIndexByte(id, '-'))
			k, err := strconv.ParseUint(strings.TrimPrefix(id[cut:], "-"), 10, 64)
			if err != nil || k >= several {
				f.at(ruleInstance, n, "instance %q does not end in the number of one of %d", id, several)
				continue
			}
			head = id[:cut]
		}
		if !strings.HasSuffix(head, turn) {
			f.at(ruleInstance, n, "instance %q is none of the process of segment %d, want %q after the name of it", id, f.segment.Segment, turn)
		}
	}
}

// turns is the number of processes that an instance is, one after the other.
const turns = 16
