package privacy

import (
	"bytes"
	"fmt"

	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/text"
)

// maxKeyFile bounds key files, in bytes.
const maxKeyFile = 1 << 16

// ReadKey reads the key for new names from a file, white space around it removed. None is
// ever made: a key that nobody keeps would give names that nobody can give again.
func ReadKey(path string) ([]byte, error) {
	data, err := foreign.Append(nil, path, maxKeyFile)
	if err != nil {
		return nil, err
	}
	if data = bytes.TrimSpace(data); len(data) < MinKey {
		return nil, fmt.Errorf("a key of %s: want %d or more, such as those of `openssl rand -hex 32`", text.Counted(uint64(len(data)), "byte"), MinKey)
	}
	return data, nil
}
