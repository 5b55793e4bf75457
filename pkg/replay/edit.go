package replay

import (
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// editor moves the times of payloads and re-keys their ids, in place.
type editor struct {
	format   otlp.Format
	seed     uint64
	original bool
}

// apply changes payload, a copy of j's, into what is to be sent.
func (e *editor) apply(payload []byte, j *job) error {
	return nil
}
