package corpus

import "github.com/otelsim/otelsim/pkg/internal/codec"

// Compression is how the files of a corpus are compressed. It is no part of a
// corpus's identity.
type Compression = codec.Compression

// The compressions.
const (
	CompressionNone = codec.None
	CompressionZstd = codec.Zstd
	CompressionGzip = codec.Gzip
)

// Level is how much work compressing may be.
type Level = codec.Level

// The levels.
const (
	LevelFastest = codec.Fastest
	LevelDefault = codec.Default
	LevelBetter  = codec.Better
)

// Compressor compresses whole files, as a corpus's are. It is not safe for
// concurrent use.
type Compressor = codec.Encoder

// NewCompressor returns a compressor, for estimating sizes.
func NewCompressor(c Compression, l Level) (*Compressor, error) { return codec.NewEncoder(c, l) }
