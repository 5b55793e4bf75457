package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// Help and the check for misplaced flags go by the groups: a flag that is in
// none would be accepted by no verb and shown by none.
func TestEveryFlagIsInAGroup(t *testing.T) {
	var o options
	f := newFlags(&o)
	f.set.VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden {
			return
		}
		var takers []string
		for _, v := range verbs() {
			if _, ok := f.lookup(flag.Name, v.name); ok {
				takers = append(takers, v.name)
				if !strings.Contains(f.help(v.name), "--"+flag.Name+" ") {
					t.Errorf("help of %s does not show --%s", v.name, flag.Name)
				}
			}
		}
		if len(takers) == 0 {
			t.Errorf("--%s: no verb takes it", flag.Name)
		}
	})
	for _, g := range f.groups {
		for _, h := range g.flags {
			if f.set.Lookup(h.name) == nil {
				t.Errorf("group %s names --%s, which is not defined", g.title, h.name)
			}
		}
	}
}

func TestFlagsOfASeedAreDefined(t *testing.T) {
	var o options
	f := newFlags(&o)
	for _, name := range seedFlags {
		if _, ok := f.lookup(name, verbShow); !ok {
			t.Errorf("show does not take --%s", name)
		}
	}
}

func TestResumeArgs(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--seed 42 -o corpus", "--resume --seed 42 -o corpus"},
		// Completing what replaced a corpus must not replace it again.
		{"--force -o corpus", "--resume -o corpus"},
		{"--force=true -o corpus", "--resume -o corpus"},
		{"--resume -o corpus", "--resume -o corpus"},
		{"generate -o corpus", "--resume generate -o corpus"},
	} {
		got := strings.Join(resumeArgs(strings.Fields(c.args)), " ")
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.args, got, c.want)
		}
	}
}

// An alias is the flag that it stands for.
func TestScenariosDirIsDefinitions(t *testing.T) {
	var o options
	f := newFlags(&o)
	if err := f.set.Parse([]string{"--scenarios-dir", "mine"}); err != nil {
		t.Fatal(err)
	}
	f.note(&o)
	if !slices.Equal(o.definitions, []string{"mine"}) || !o.set["definitions"] {
		t.Errorf("got %q, set %v", o.definitions, o.set)
	}
}

func TestShardValue(t *testing.T) {
	for _, s := range []string{"", "1", "1/1", "3/2", "-1/2", "+1/2", "0/0", "0/", "/2", "1/2/3", " 0/2", "a/b", "0/99999999999"} {
		var v shardValue
		if err := v.Set(s); err == nil {
			t.Errorf("shard %q: got %+v, want an error", s, v)
		}
	}
	var v shardValue
	if err := v.Set("6/7"); err != nil || v != (shardValue{6, 7}) || v.String() != "6/7" {
		t.Errorf("shard 6/7: got %+v, %v", v, err)
	}
}
