package corpus

import "errors"

// ErrVersion says that a corpus is of a format version that this package does
// not know: a newer otelsim wrote it. Whatever reads a manifest or writes where
// one is may return it. It is distinct from ErrCorrupt because nothing is wrong
// with the files.
var ErrVersion = errors.New("unknown corpus format version")

// ErrCorrupt says that files of a corpus are missing, damaged or changed. Open
// finds what names and sizes tell, a Reader what digests do, Seal both.
var ErrCorrupt = errors.New("corrupt corpus")

// ErrIncomplete says that a corpus has no manifest yet: its writing was
// interrupted, or its shards were not sealed. Open and ReadManifest return it,
// and Seal, of shards that are missing or not complete.
var ErrIncomplete = errors.New("incomplete corpus")

// ErrExists says that a directory holds something and the caller asked for
// neither resuming nor replacing, or may not replace what is there. Write
// returns it, as an *ExistsError; nothing was written.
var ErrExists = errors.New("directory is not empty")

// ErrMismatch says that a directory holds a corpus, whole or partial, that is
// not the one to be written, or shards of different ones. Write and Seal return
// it; nothing was written.
var ErrMismatch = errors.New("another corpus")

// ErrContent says that a segment's content cannot be made, or cannot be stored:
// trying again comes to the same. Write returns it, and what a Fill returned is
// in it.
var ErrContent = errors.New("content that cannot be written")

// contentError is an ErrContent that says only what is wrong.
type contentError struct{ error }

func (e contentError) Is(target error) bool { return target == ErrContent }

func (e contentError) Unwrap() error { return e.error }

// ErrLocked says that another run is working on the directory. Write and Seal
// return it; nothing was written.
var ErrLocked = errors.New("another run is writing here")
