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
// A [Plan] is what a seed, inputs and options come to. It is immutable: any
// number of goroutines may take records, segments and corpora from one. Without
// inputs of one's own it runs the scenarios that come with the project.
//
// # Words
//
//	scenario    what may happen in a session: tasks, calls of models and tools, failures
//	session     one iteration of the run: one user's conversation, of one scenario,
//	            in one or several turns
//	record      one export request of one signal: a turn's traces, or its logs, or
//	            what all metrics were at one time
//	segment     a block of sessions, a function of plan and index alone: what is
//	            made, written, checked and sent at a time
//	corpus      all segments with a manifest; its header is its identity
//	plan        says all of that without making it
//
// # The same bytes
//
// Equal headers ([Plan.Header]) mean equal bytes. They change with the seed, with
// anything in [Options] and in the inputs that can be seen in what is emitted,
// and with the revision of the generator; not with the number of workers, the
// machine or the clock. The spans and logs of a session do not depend on how many
// there are: those of the first 100 of 1,000 are those of a run of 100.
//
// # Where to go next
//
//   - [New] for inputs that are wrong: an [*InputError] holds every problem with
//     its position. [Validate] judges all scenarios, selected or not.
//   - [Plan.Memory] for a corpus without a disk, [Plan.Segment] for one segment,
//     [Remake] for the plan of a corpus that somebody else made.
//   - Package otelsimtest for tests that want telemetry sent to a receiver, and to
//     know what must arrive.
//   - Package corpus says what is on disk, and reads it ([corpus.Open]); it is
//     judged with verify.Corpus and sent with replay.Run.
//
// # Stability
//
// This package keeps to semantic versions, as do the formats on disk, the flags
// and the JSON that the commands print. The other packages are not stable yet.
package otelsim
