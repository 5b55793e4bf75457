package wire

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// ShiftTimes adds delta nanoseconds to every time of a protobuf payload: see
// Times.Apply. Shifting by -delta undoes it.
func ShiftTimes(sig otlp.Signal, payload []byte, delta int64) error {
	t := Times{Delta: delta}
	return t.Apply(sig, payload)
}

// ShiftTimesJSON is ShiftTimes for an OTLP/JSON object: see Times.ApplyJSON.
func ShiftTimesJSON(sig otlp.Signal, object []byte, delta int64) error {
	t := Times{Delta: delta}
	return t.ApplyJSON(sig, object)
}
