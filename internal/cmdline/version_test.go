package cmdline

import (
	"runtime/debug"
	"testing"
)

func TestVersion(t *testing.T) {
	built := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: version}, Settings: settings}
	}
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}
	clean, dirty := debug.BuildSetting{Key: "vcs.modified", Value: "false"}, debug.BuildSetting{Key: "vcs.modified", Value: "true"}
	for _, c := range []struct {
		why, release string
		info         *debug.BuildInfo
		want         string
	}{
		{"a release", "v1.2.3", built("v0.0.0-20260131000000-0123456789ab"), "v1.2.3"},
		{"go install of a version", "", built("v1.2.3"), "v1.2.3"},
		{"a commit that the go command names", "", built("v0.0.0-20260131000000-0123456789ab+dirty"), "v0.0.0-20260131000000-0123456789ab+dirty"},
		{"a commit", "", built("(devel)", commit, clean), "devel+0123456789ab"},
		{"a commit and changes", "", built("(devel)", commit, dirty), "devel+0123456789ab.dirty"},
		{"no repository", "", built("(devel)"), "(devel)"},
		{"nothing", "", built(""), "(devel)"},
	} {
		if got := versionOf(c.release, c.info); got != c.want {
			t.Errorf("%s: got %s, want %s", c.why, got, c.want)
		}
	}
}
