package replay

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// SignalsOf returns the signals of which src has records to send, nil when only
// reading it tells. The slice is the caller's.
func SignalsOf(src Source) []otlp.Signal {
	s, ok := src.(*corpusSource)
	if !ok {
		return nil
	}
	var all []otlp.Signal
	for _, sig := range s.signals {
		for _, t := range s.manifest.Totals {
			if t.Signal == sig.String() && t.Records > 0 {
				all = append(all, sig)
			}
		}
	}
	return all
}
