// Package race says whether the race detector watches a test, under which memory is used
// up and thrown away that is not otherwise: a sync.Pool drops some of what it is given.
package race

import "runtime/debug"

// Detector reports whether this program was built with -race.
func Detector() bool {
	info, _ := debug.ReadBuildInfo()
	for _, s := range info.Settings {
		if s.Key == "-race" {
			return s.Value == "true"
		}
	}
	return false
}
