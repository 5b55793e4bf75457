package foreign

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrDotDot says that a path goes back, by "..", from a folder that is not
// there: no system can open it, and what a shorter spelling of it would open
// is another file.
var ErrDotDot = fmt.Errorf("%w: the path goes on with .. from a folder that is not there", fs.ErrNotExist)

// Resolve returns a path that means the same however names are joined to it.
// What stands before a ".." may be a link, so the folder above is found by
// looking, not by striking out names: "link/../b" is beside what the link
// points to. A path without ".." behind a name is only cleaned; what it names
// need not exist. An empty path stays empty.
func Resolve(path string) (string, error) {
	up := lastUp(path)
	if path == "" || up < 0 {
		return clean(path), nil
	}
	head, rest := path[:up], path[up:]
	above, err := filepath.EvalSymlinks(head)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("resolve %s: %w", path, ErrDotDot)
	}
	if err != nil {
		return "", fmt.Errorf("resolve %s: %w", path, err)
	}
	return filepath.Join(above, rest), nil
}

func clean(path string) string {
	if path == "" {
		return ""
	}
	return filepath.Clean(path)
}

// lastUp returns the end of the last ".." that stands behind a name, or -1.
func lastUp(path string) int {
	end, named, at := -1, false, len(filepath.VolumeName(path))
	for at < len(path) {
		n := 0
		for at+n < len(path) && !os.IsPathSeparator(path[at+n]) {
			n++
		}
		switch path[at : at+n] {
		case "", ".":
		case "..":
			if named {
				end = at + n
			}
		default:
			named = true
		}
		at += n + 1
	}
	return end
}
