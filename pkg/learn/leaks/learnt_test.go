package leaks

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/learn"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/profile"
)

// learnFrom learns from a capture as the command does.
func learnFrom(t *testing.T, in Source, o privacy.Options) *learn.Model {
	t.Helper()
	b := profile.NewBuilder(profile.Options{})
	if err := in.Each(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	p, err := privacy.New(o)
	if err != nil {
		t.Fatal(err)
	}
	m, err := learn.From(b.Finish(), p, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// none reports the secrets that bytes have in them, whatever they are of.
func none(t *testing.T, name string, data []byte) {
	t.Helper()
	for i, x := range places {
		if bytes.Contains(data, []byte(secretOf(i))) {
			t.Errorf("%s has the secret in %s", name, x.name)
		}
	}
}

// TestLearntFilesHaveNoSecrets: neither files that were learnt nor data that is made of
// them have one of the secrets of a capture, nor anything else that is found to be a leak.
func TestLearntFilesHaveNoSecrets(t *testing.T) {
	for _, everywhere := range []bool{false, true} {
		in := capture(t, everywhere)
		for _, key := range []string{"", "a key of 16 bytes or more"} {
			if key != "" && !everywhere {
				continue // those with free text everywhere have all that is rare too
			}
			m := learnFrom(t, in, privacy.Options{Public: privacy.Bundled(), Rename: []byte(key)})
			var out Outputs
			var inputs otelsim.Inputs
			for _, f := range m.Files {
				out.Text(f.Name, f.Data)
				none(t, f.Name, f.Data)
				switch {
				case strings.HasPrefix(f.Name, "scenarios/"):
					inputs.Definitions = append(inputs.Definitions, input.File{Name: f.Name, Data: f.Data})
				case f.Name == "config.yaml":
					inputs.Config = input.File{Name: f.Name, Data: f.Data}
				}
			}
			if err := out.Data(context.Background(), "data", write(t, otelsim.Options{Seed: 8, Count: 40, Inputs: inputs}, func(r record) []byte {
				none(t, "data", r.Payload)
				return r.Payload
			}, filepath.Join(t.TempDir(), "data.binpb"))); err != nil {
				t.Fatal(err)
			}
			r, err := Test(context.Background(), in, &out, Options{Public: privacy.Bundled(), Renamed: key != ""})
			if err != nil {
				t.Fatal(err)
			}
			if r.Seen < 20 {
				t.Errorf("%d of %d texts are seen in the capture", r.Seen, r.Texts)
			}
			if r.Leaks > 0 {
				t.Errorf("everywhere %v, key %q: %d leaks: %s", everywhere, key, r.Leaks, messages(r.Findings))
			}
		}
	}
}
