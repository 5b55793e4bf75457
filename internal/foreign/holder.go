package foreign

import (
	"os"
	"path/filepath"
)

// Holder returns the first of the sources that a result, perhaps "", would be written
// to or into, in place of a file that is there.
func Holder(result string, sources []string) (source string, ok bool) {
	if result == "" {
		return "", false
	}
	info, err := os.Stat(result)
	if err != nil || !info.Mode().IsRegular() {
		return "", false // nothing that could be lost
	}
	for _, source := range sources {
		if source != "" && holds(source, result, info) {
			return source, true
		}
	}
	return "", false
}

// holds reports whether a file, of which info is known, is source or in it.
func holds(source, file string, info os.FileInfo) bool {
	of, err := os.Stat(source)
	if err != nil {
		return false
	}
	if !of.IsDir() {
		return os.SameFile(of, info)
	}
	path, err := Resolve(file)
	if err != nil {
		return false
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if in, err := os.Stat(dir); err == nil && os.SameFile(of, in) {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}
