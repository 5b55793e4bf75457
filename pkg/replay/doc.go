// Package replay sends telemetry at an exact rate and says what happened.
//
//	src, err := replay.OpenCorpus(ctx, "corpus", replay.CorpusOptions{}) // or OpenFiles: of a Collector
//	defer src.Close()
//	rate, err := replay.ParseRate("5k")
//	report, err := replay.Run(ctx, src, replay.Options{
//		Pacer:     replay.Constant{Rate: rate, Of: replay.UnitRecords},
//		Transport: transport, // of package otlphttp or otlpgrpc
//	})
//	err = report.WriteText(os.Stdout)
//
// # How it works
//
//	Source -> batches (prefetched) -> schedule -> workers -> Transport
//	                                     |           |
//	                              Pacer.Due(n)   retime, re-key, retry -> Report
//
// A Source yields the records of one lap in their order. The Pacer turns the
// number of a record into the time at which it is due, by integer arithmetic
// alone. The schedule, one goroutine, releases everything that is due each time
// it wakes and knows nothing of answers: the loop is open. A worker moves the
// times of the record, where it stands in its batch, to its due time, sends it,
// and sends it again while the receiver says that it may. Every record that was
// released ends in exactly one of four columns of the ledger: accepted,
// rejected, failed or unknown.
//
// The clock is read here and in the transports only.
//
// # Words
//
//	record    one export request; its items are spans, data points or log records
//	batch     records with the memory that holds them: a segment of a corpus
//	lap       all records of the source once; ids differ from lap to lap
//	stamps    where the times of a record stand in its payload
//	scan      the one walk over a payload that finds them; a lazy one is a worker's
//	retime    how the times of a record change, which depends on when it is due
//	cursor    how far the schedule has come
//	slot      room for one record in flight
//	attempt   one try to send a record; the others are retries
//	late      sent later than Options.LateAfter after it was due
//	lateness  by how much, of every record
package replay
