// Package otelsim is the face of the project for Go programs: it makes
// OpenTelemetry data of an agentic system that is the same bytes every time, on
// every machine, and that a test can name by a seed.
//
//	plan, err := otelsim.New(otelsim.Options{Seed: 42, Count: 100})
//	for r, err := range plan.Records() { // export requests, in protobuf
//		post(r.Signal, r.Payload)
//	}
//	manifest, err := plan.Write(ctx, otelsim.WriteOptions{Dir: "corpus"})
//
// A Plan is what a seed, inputs and options come to. It is immutable: any number
// of goroutines may take records, segments and corpora from one. Without inputs
// of one's own it runs the scenarios that come with the project.
//
// What a corpus on disk is, pkg/corpus describes; it is read with corpus.Open,
// judged with verify.Corpus, and sent with replay.Run. Tests that want telemetry
// sent to a receiver, and to know what must arrive, use otelsimtest.
//
// This package keeps to semantic versions, as do the formats on disk, the flags
// and the JSON that the commands print. The packages below it are not stable
// yet.
package otelsim
