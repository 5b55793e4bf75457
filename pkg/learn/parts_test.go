package learn

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/profile"
)

// TestIdsAtTheEndOfPaths: ids that paths and URLs of a trace end with alike are a value that they
// share, and which is that of a key whose values are such ids; of URLs nothing else is said. Ids
// that differ within traces are not, and neither are ends of values that do not begin alike.
func TestIdsAtTheEndOfPaths(t *testing.T) {
	for _, c := range []struct {
		name  string
		alike uint64 // traces, of 1000
		item  bool   // a key has the id alone
		other bool   // paths begin otherwise at times
		want  []string
		not   []string
	}{
		{"alike", 1000, false, false, []string{`url.path: {pattern: "/items/{id}"}`, `url.full: {pattern: "some text of the same size.{id}"}`, `id: {pattern: "it-{hex:8}", pool: 5`}, []string{"{use:"}},
		{"that of a key", 1000, true, false, []string{`url.path: {pattern: "/items/{item}"}`, `url.full: {pattern: "some text of the same size.{item}"}`, `shop.item: {use: item}`, `item: {pattern: "it-{hex:8}", pool: 5`}, []string{"{id}", " id: "}},
		{"of URLs that traces have alike", 1000, false, false, []string{`url.path: {pattern: "/items/{id}"}`, `url.full: {pattern: "some text of the same size.{id}"}`}, []string{"{full}", "use: full"}},
		{"of some traces", 900, false, false, []string{`url.path: {pattern: "/items/it-{hex:8}", pool: 5`}, []string{"{id}"}},
		{"of several paths", 1000, false, true, []string{`url.full: {pattern: "some text of the same size.{id}"}`}, []string{"/{id}"}},
	} {
		h := small()
		var ids, paths, urls []string
		for i := range uint64(50) {
			id := fmt.Sprintf("it-%08x", (i+1)*2654435761%(1<<32))
			ids, paths, urls = append(ids, id), append(paths, "/items/"+id), append(urls, "http://api.acme:80/v1/item/"+id)
			if c.other && i%2 == 0 {
				paths[i] = "/carts/" + id
			}
		}
		h.Classes[10].Attributes["url.path"] = texts("", 950, paths...)
		h.Classes[20].Attributes["url.full"] = texts("", 950, urls...)
		h.Keys["url.path"] = &profile.Key{Spans: 950, Values: texts("", 950, paths...).Values}
		h.Keys["url.full"] = &profile.Key{Spans: 950, Values: texts("", 950, urls...).Values}
		if strings.HasPrefix(c.name, "of URLs") {
			h.Keys["url.full"].Traces, h.Keys["url.full"].Alike = 950, 950
		}
		if c.item {
			h.Classes[30].Attributes["shop.item"] = texts("", 50, ids...)
			h.Keys["shop.item"] = &profile.Key{Spans: 100, Traces: 50, Alike: 50, Values: texts("", 50, ids...).Values}
		}
		_, form := profile.PartOf(ids[0])
		h.Parts = map[string]*profile.Key{form: {Spans: 1900, Traces: 1000, Alike: c.alike, Values: texts("", 950, ids...).Values}}
		got := learntOf(t, h)
		says(t, c.name, got, c.want, c.not)
		if strings.Contains(got, "acme") || strings.Contains(got, "v1") {
			t.Errorf("%s: a URL in\n%s", c.name, got)
		}
	}
}
