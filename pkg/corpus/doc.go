// Package corpus is the on-disk format: a directory of segments with a
// manifest, written by an ordered pipeline of workers, read back with every
// byte checked.
//
//	c, err := corpus.Open("corpus")
//	r, err := c.NewReader() // one for each goroutine
//	for i := range c.Manifest().Segments {
//		data, err := r.AppendSegment(nil, uint64(i), otlp.SignalTraces)
//		for len(data) > 0 {
//			var payload []byte // TracesData
//			payload, data, err = otlp.NextFrame(data, c.Manifest().Options.OTLPFormat())
//		}
//	}
//
// Write makes one, of what a Fill says is in each segment; Seal joins those that
// several processes wrote a shard of. Package otelsim makes the header and the
// Fill. What can go wrong has a sentinel each: ErrIncomplete, ErrCorrupt,
// ErrVersion of what is read, ErrExists, ErrMismatch, ErrLocked, ErrContent of
// what is written.
//
// # The directory
//
//	corpus/
//	  manifest.json         what the corpus is; written last
//	  conventions.yaml      the conventions that it was generated with
//	  SHA256SUMS            the files as written, for sha256sum -c
//	  build-info.json       what wrote it, when; nobody reads it back
//	  traces/000000.pb.zst  segment 0 of the traces
//	  metrics/000000.pb.zst
//	  logs/000000.pb.zst
//
// # Segments
//
// A segment is a fixed block of iterations: segment s holds iterations
// s x segment_iterations up to the next one's first, or up to count. Each
// signal of it is one file, named by the segment in at least six digits, then
// .pb or .jsonl for the format, then .zst, .gz or nothing for the compression.
// A signal that has no records in a segment has no file.
//
//	.pb     +----------------+------------------+----------------+----
//	        | 4 bytes, big-  | TracesData, or   | 4 bytes        | ...
//	        | endian: length | MetricsData, or  |                |
//	        |                | LogsData         |                |
//	        +----------------+------------------+----------------+----
//
//	.jsonl  one OTLP/JSON object, newline, and so on
//
// A record of traces or logs is of one request, or of whole requests; one of
// metrics is what all series of the segment are at one time. A record that
// would reach 1,000,000 bytes is several. Two .jsonl files of a signal differ
// within their first 1,000 bytes.
//
// Both are what the OpenTelemetry Collector's file exporter writes. The
// payload of a .pb frame is at once the export request of its signal. A
// compressed file is one zstd frame with checksum, or one gzip member.
//
// # Checksums
//
//	what                  over what                     where
//	XXH64                 a segment file, uncompressed  manifest.json
//	SHA-256               a file as written             SHA256SUMS
//	low half of XXH64     the content of a zstd frame   the frame itself
//	CRC-32                the content of a gzip member  the member itself
//
// The first is identity: a function of the content alone, equal on every
// machine. The others are integrity: compressed bytes may differ between
// versions of the compression library. The two never mix.
//
// # Manifest
//
// manifest.json holds content only, in one spelling: field order as in
// Manifest, indented by two spaces, a newline at the end. Two runs that wrote
// the same content wrote the same manifest, byte for byte.
//
//	format_version  the version of this page
//	revision        of the generator: the same inputs give other content
//	seed            64 bits
//	plan_digest     of what can be emitted, after compiling the inputs
//	prefix          of emitted names
//	options         what content depends on beside the above; metric_interval
//	                and temporality are there with metrics only
//	scenarios       the selected ones by name, with weight and digest
//	arrivals        how iterations arrive, unless it is one every interval
//	segments        first iteration, iterations; per signal: file name without
//	                compression suffix, records, items, bytes, splits, earliest
//	                start and latest end of spans, or earliest and latest time of
//	                points and log records, XXH64. A signal without records: zeros
//	totals          sums over the segments, per signal
//
// # Agreement of signals
//
// A segment is one lifetime of one process: cumulative series start with it,
// and no series of an instance is written by two segments at a time. Log
// records are within the time of a span of the same segment, which they name,
// and so are exemplars. The values are those of the spans, when iterations start
// and which ids they have follows from the seed, and all else from the inputs.
// Package verify judges all of that.
//
// # A corpus under way
//
// Every file is written beside its name, synced and renamed, so a file that
// has its final name is whole. partial.json comes first and says what is being
// written; manifest.json comes last, and with it partial.json goes. Until
// then a journal holds one line for each finished segment:
//
//	partial.json     the manifest's header, the compression, the shard count,
//	                 the SHA-256 of conventions.yaml
//	partial.jsonl    finished segments of an unsharded run: its manifest entry,
//	                 the size and SHA-256 of each file, and the XXH64 of all that
//	parts/I-of-N.jsonl  the same, of shard I of N
//	parts/I-of-N.json   shard I is complete: all its entries
//	.lock, .lock-I-of-N  held while a run works here
//	replaced.json    the manifest of a corpus that is being replaced
//
// Which files of a directory are a corpus's is known from its manifest or its
// partial.json alone, never from a name: what they do not list or announce is
// somebody else's, and neither removed nor written over.
//
// These are notes, and believed as such: before they become a manifest, each
// segment's files are read, and what they hold is counted again.
//
// Shard I owns the segments s = I mod N. When all N parts are there, Seal
// joins them to the corpus that a single run would have written.
package corpus
