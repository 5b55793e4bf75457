package damage

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// plantedField is a field that no message of OTLP has.
const plantedField = 999

// Plant gives a fourth of the items of a segment of protobuf records a field that the
// protocol does not know, for LoseUnknown to lose.
func Plant(seg *otlp.Segment, seed uint64) (err error) {
	for sig := range seg.Blocks {
		b := &seg.Blocks[sig]
		if b.Data, err = plant(otlp.Signal(sig), b.Data, seed); err != nil {
			return err
		}
	}
	return nil
}

func plant(sig otlp.Signal, framed []byte, seed uint64) ([]byte, error) {
	var out []byte
	for n := uint64(0); len(framed) > 0; n++ {
		payload, rest, err := otlp.NextFrame(framed, otlp.FormatProto)
		if err != nil {
			return nil, err
		}
		m, err := decode(sig, otlp.FormatProto, payload)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", n, err)
		}
		pieces := flatten(sig, m, n)
		for i, p := range pieces {
			if r := mix(seed ^ n<<20 ^ uint64(i)); r%4 == 0 {
				field := protowire.AppendTag(nil, plantedField, protowire.VarintType)
				p.message.ProtoReflect().SetUnknown(protowire.AppendVarint(field, r))
			}
		}
		planted, err := encode(otlp.FormatProto, join(sig, pieces))
		if err != nil {
			return nil, err
		}
		out = otlp.AppendFrame(out, planted, otlp.FormatProto)
		framed = rest
	}
	return out, nil
}
