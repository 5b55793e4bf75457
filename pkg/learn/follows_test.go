package learn

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/profile"
)

// TestWhatFollowsIsLearnt: what is said of each word of a value that a session shares follows
// from it, unless it is so of some spans alone; texts that may not be said stay unsaid.
func TestWhatFollowsIsLearnt(t *testing.T) {
	const first, second = "7c9e6679-7425-40de-944b-e07fc1f90ae7", "0fe1a2b3-aaaa-4bcd-8765-1234567890ab"
	for _, c := range []struct {
		name  string
		sizes []string // of spans with m1, m2, m3, m1, m2
		other string   // of one span more
		want  []string
		not   []string
	}{
		{"two alike", []string{"big", "low", "low", "big", "low"}, "",
			[]string{"{follows: model, values: {m1: big, m2: low, m3: low}}", "ai.size: {use: size}", "ai.model: {use: model}"}, []string{"ai.size: {distribution"}},
		{"drawn by itself", []string{"big", "low", "low", "low", "low"}, "", nil, []string{"follows"}},
		{"once otherwise", []string{"big", "low", "low", "big", "low"}, "low", nil, []string{"follows"}},
		{"always the same", []string{"low", "low", "low", "low", "low"}, "", []string{"ai.size: low"}, []string{"follows"}},
		{"what stands for them", []string{first, second, second, first, second}, "",
			[]string{"follows: model", "ai.size: {use: size}", "m2: "}, []string{first, second, "ai.size: {distribution"}},
		{"not to be said", []string{"ann.xyzzy@example.com", "bob.qwerty@example.com", "bob.qwerty@example.com", "ann.xyzzy@example.com", "bob.qwerty@example.com"}, "", nil, []string{"follows", "xyzzy"}},
	} {
		h, web := asking()
		does(web, 1000, 5)
		web.Attributes["ai.model"] = texts("ai.model", 1000, "m1", "m2", "m3", "m1", "m2")
		sizes := c.sizes
		if c.other != "" {
			sizes = append(strings.Split(strings.Repeat(strings.Join(c.sizes, " ")+" ", 199), " ")[:995], c.other)
			sizes = append(sizes, c.sizes[1:]...)
		}
		web.Attributes["ai.size"] = texts("ai.size", 1000, sizes...)
		for _, key := range []string{"ai.model", "ai.size"} {
			alike := uint64(300)
			if key == "ai.size" {
				alike = 100
			}
			h.Keys[key] = &profile.Key{Spans: 1000, Sessions: 300, SessionAlike: alike, Values: web.Attributes[key].Values}
		}
		says(t, c.name, learntOf(t, h), c.want, c.not)
	}
}

// TestWhatFollowsComesToAllWords: a value of sessions that has words which do not follow from another
// one is drawn by itself, although some spans have both and those of theirs that do.
func TestWhatFollowsComesToAllWords(t *testing.T) {
	for more, follows := range map[string]bool{"v1": true, "v3": false} {
		h, web := asking()
		does(web, 1000, 5)
		web.Attributes["ai.model"] = texts("ai.model", 1000, "m1", "m2", "m2", "m3")
		web.Attributes["ai.version"] = texts("ai.version", 1000, "v1", "v1", "v1", "v2")
		h.ofSessions("ai.model", "m1", "m2", "m2", "m3")
		h.ofSessions("ai.version", "v1", "v1", "v2", more)
		if got := learntOf(t, h); strings.Contains(got, "follows: model") != follows {
			t.Errorf("%s: follows: %t in\n%s", more, !follows, got)
		}
	}
}
