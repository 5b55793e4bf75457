// Package replay sends telemetry at an exact rate and says what happened.
//
//	Source -> batches (prefetched) -> scheduler -> workers -> Transport
//	                                     |            |
//	                                 Pacer.Due(n)   retime, re-key, retry -> Report
//
// A Source yields the records of one lap in their order. The Pacer turns the
// place of a record into the time at which it is due, by integer arithmetic
// alone. The scheduler, one goroutine, releases everything that is due each
// time it wakes and knows nothing of answers: the loop is open. A worker moves
// the times of the record, where it stands in its batch, to its due time, sends
// it, and sends it again while the receiver says that it may. Every record that
// was released ends in exactly one of three columns of the ledger: accepted,
// rejected or failed.
//
// The clock is read here and in the transports only.
package replay
