package conform

import (
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/semconv"
)

// TestSessionOnResources: conventions that list the session have it on every
// resource, the same as on the spans.
func TestSessionOnResources(t *testing.T) {
	c := *bundledConventions(t)
	c.Resource = append(slices.Clone(c.Resource), semconv.Attribute{Name: "vendor.session.id", Type: semconv.String})
	for _, row := range []struct {
		session string // on all resources but the first, which has the right one
		want    []string
	}{
		{"sess_1", nil},
		{"sess_2", []string{"session"}},
		{"", []string{"resource-missing"}},
	} {
		st := tell(false)
		for i, r := range st.resources {
			switch {
			case i == 0:
				r.set("*.session.id", "sess_1")
			case row.session != "":
				r.set("*.session.id", row.session)
			}
		}
		session := NewChecker(&c, storyPrefix).Session()
		var found []string
		for _, turn := range st.turns {
			session.Traces(st.record(turn), func(f Finding) {
				if !slices.Contains(found, f.Rule) {
					found = append(found, f.Rule)
				}
			})
		}
		if !slices.Equal(found, row.want) {
			t.Errorf("session %q on the resources: found %q, want %q", row.session, found, row.want)
		}
	}
}
