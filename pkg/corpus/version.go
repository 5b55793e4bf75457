package corpus

import (
	"errors"
	"fmt"
)

// The versions of the format. Part of the format: do not change; append.
const (
	// Version1 is the first: segments of the three signals, manifest, sums.
	Version1 = 1
)

// The versions that this package writes and reads.
const (
	FormatVersion    = Version1
	minFormatVersion = Version1
)

// ErrVersion says that a corpus is of a format version that this package does
// not know: a newer otelsim wrote it. It is distinct from ErrCorrupt because
// nothing is wrong with the files.
var ErrVersion = errors.New("unknown corpus format version")

// ErrCorrupt says that files of a corpus are missing, damaged or changed.
var ErrCorrupt = errors.New("corrupt corpus")

// ErrIncomplete says that a corpus has no manifest yet: its writing was
// interrupted, or its shards were not sealed.
var ErrIncomplete = errors.New("incomplete corpus")

// ErrExists says that a directory holds something and the caller asked for
// neither resuming nor replacing, or may not replace what is there. Nothing
// was written.
var ErrExists = errors.New("directory is not empty")

// ErrMismatch says that a directory holds a corpus, whole or partial, that is
// not the one to be written. Nothing was written.
var ErrMismatch = errors.New("another corpus")

// ErrContent says that a segment's content cannot be made, or cannot be stored:
// trying again comes to the same.
var ErrContent = errors.New("content that cannot be written")

// contentError is an ErrContent that says only what is wrong.
type contentError struct{ error }

func (e contentError) Is(target error) bool { return target == ErrContent }

func (e contentError) Unwrap() error { return e.error }

// ErrLocked says that another run is working on the directory.
var ErrLocked = errors.New("another run is writing here")

func checkVersion(v int) error {
	if v < minFormatVersion || v > FormatVersion {
		return fmt.Errorf("%w %d: this otelsim reads %d to %d", ErrVersion, v, minFormatVersion, FormatVersion)
	}
	return nil
}
