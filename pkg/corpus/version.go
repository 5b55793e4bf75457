package corpus

import "fmt"

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

func checkVersion(v int) error {
	if v < minFormatVersion || v > FormatVersion {
		return fmt.Errorf("%w %d: this otelsim reads %d to %d", ErrVersion, v, minFormatVersion, FormatVersion)
	}
	return nil
}
