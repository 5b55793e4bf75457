package verify

import (
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

func TestCardinalityOverTheDeclaredIsFound(t *testing.T) {
	strs := otlp.NewStrings()
	text := func(key, value string) otlp.Attr {
		return otlp.Attr{Key: strs.ID(key), Word: uint64(strs.ID(value))}
	}
	record := func(user, instance string) *otlp.Traces {
		return &otlp.Traces{
			Strings:   strs,
			Attrs:     []otlp.Attr{text("service.name", "desk"), text("service.instance.id", instance), text("acme.enduser.pseudo.id", user)},
			Resources: []otlp.Resource{{Attrs: otlp.Range{End: 2}}},
			Spans:     []otlp.Span{{Attrs: otlp.Range{Start: 2, End: 3}}},
		}
	}
	c := newCardinality()
	several := []*counter{c.counter(), c.counter()} // of two checks
	for i, r := range []*otlp.Traces{record("ann", "a"), record("bob", "a"), record("ann", "b"), record("cid", "c")} {
		several[i%2].add(r)
		several[0].add(r)
	}
	for _, row := range []struct {
		users, instances uint64
		want             []string
	}{
		{3, 3, nil},
		{0, 0, nil},
		{2, 3, []string{"manifest.json: 3 different users, it declares 2"}},
		{3, 1, []string{"manifest.json: 3 instances of desk, it declares 1"}},
	} {
		h := corpus.Header{Users: row.users, Instances: row.instances}
		var got []string
		for _, g := range c.findings(&corpus.Manifest{Header: h}) {
			got = append(got, g.Examples[0].String())
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%d users, %d instances declared: got %q, want %q", row.users, row.instances, got, row.want)
		}
	}
}
