package cmdline

import (
	"runtime/debug"
	"time"
)

// release is the version of a build that knows no repository: from an archive of the
// sources, for instance. The linker sets it: -ldflags "-X
// github.com/otelsim/otelsim/internal/cmdline.release=v1.2.3".
var release string

// revisionLength is how much of a commit's name says which one it is.
const revisionLength = 12

// Version returns the version of the program: that of a release, else the one that
// the go command found out, of the module or of the commit; without spaces.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = new(debug.BuildInfo)
	}
	return versionOf(release, info)
}

func versionOf(release string, info *debug.BuildInfo) string {
	if release != "" {
		return release
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision := setting(info, "vcs.revision")
	if revision == "" {
		return "(devel)"
	}
	v := "devel+" + revision[:min(revisionLength, len(revision))]
	if setting(info, "vcs.modified") == "true" {
		v += ".dirty"
	}
	return v
}

// Date returns the day of the commit that the program was built from, as in
// 2026-01-31, and nothing when it is not known.
func Date() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if t, err := time.Parse(time.RFC3339, setting(info, "vcs.time")); err == nil {
			return t.UTC().Format(time.DateOnly)
		}
	}
	return ""
}

func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
