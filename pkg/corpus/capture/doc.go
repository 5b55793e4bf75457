// Package capture reads what the Collector's file exporter writes, in any of its
// forms, and what the sink keeps, which has the same ones.
//
//	files, err := capture.Files("received") // of a folder, rotated ones first
//	f, err := capture.Open(ctx, files[0], capture.Options{})
//	defer f.Close()
//	err = f.Each(ctx, func(m *capture.Message) error {
//		return take(m.Signal, m.Format, m.Payload) // valid during the call
//	})
//	cut := errors.Is(err, capture.ErrCut)
//
// A file may hold messages of all signals, and of both formats when each is
// compressed by itself. Nothing is assumed about where it comes from: a damaged or
// hostile one gives an error, takes memory for one message of 64 MB at most, and
// is never waited for longer than a context allows.
package capture
