package otlp

// MaxRecordBytes is the size that no record of a corpus reaches, in either
// format, without its frame. Receivers refuse larger messages by default and
// the Collector's file receiver loses lines over 1 MiB.
const MaxRecordBytes = 1_000_000

// Block is the content of one segment for one signal: framed records, as they
// stand in the uncompressed file, with the counts that the manifest holds.
type Block struct {
	Data    []byte
	Records uint64 // framed records in Data
	Items   uint64 // spans, data points or log records in them
	Splits  uint64 // records that exist only because one was over MaxRecordBytes
	First   uint64 // earliest start of spans or time of points and log records, nanoseconds since the Unix epoch
	Last    uint64 // latest end of spans or time of points and log records
}

// Reset empties b, keeping its memory.
func (b *Block) Reset() { *b = Block{Data: b.Data[:0]} }

// Segment is one segment of a corpus, before compression.
type Segment struct {
	Blocks [NumSignals]Block // indexed by Signal
}

// Reset empties s, keeping its memory.
func (s *Segment) Reset() {
	for i := range s.Blocks {
		s.Blocks[i].Reset()
	}
}
