package profile

import (
	"fmt"
	"strings"
	"testing"
)

func TestPartsOfTexts(t *testing.T) {
	for text, want := range map[string]string{
		"/items/it-4f8e21": "7 it-#", "it-4f8e21": "0 it-#", "http://a:80/x/7c9e6679-7425-40de-944b-e07fc1f90ae7": "14 {uuid}",
		"a/b?page=12&q=x": "2 b?page=#&q=x", "/items/": "7 ", "prd-abcdef": "0 prd-#", "x-abcde": "0 ", "/items/all": "7 ", "": "0 ", "an order 12": "0 ", "/{id1}": "1 ",
		"/" + strings.Repeat("1", 64): "1 #", "/" + strings.Repeat("1", 65): "1 ", "x.y-z9.Z": "0 x.y-#.Z",
	} {
		at, form := PartOf(text)
		if got := fmt.Sprint(at, " ", form); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// TestPartsThatTracesHaveAlike: what texts of spans end with is counted by its form, whichever
// keys have it; of free text no value is kept.
func TestPartsThatTracesHaveAlike(t *testing.T) {
	b := NewBuilder(Options{})
	for i := range 20 {
		x := checkout(byte(i) + 1)
		id := fmt.Sprintf("it-%d", i)
		x.Spans[0].Attributes = append(x.Spans[0].Attributes, text("shop.item", id))
		x.Spans[1].Attributes = append(x.Spans[1].Attributes, text("url.full", "http://api/items/"+id), text("url.path", "/items/"+id))
		x.Spans[2].Attributes = append(x.Spans[2].Attributes, text("url.full", fmt.Sprintf("http://api/carts/c-%d", i)))
		if i < 5 {
			x.Spans[2].Attributes = append(x.Spans[2].Attributes, text("url.path", "/items/it-99"))
		}
		b.Trace(x)
	}
	p := b.Finish()
	if k := p.Parts["it-#"]; k == nil || k.Spans != 65 || k.Traces != 20 || k.Alike != 15 || k.Values.Distinct() != 21 || k.Values.Count() != 45 {
		t.Errorf("got %+v", k)
	}
	if k := p.Parts["c-#"]; k == nil || k.Spans != 20 || k.Traces != 0 || k.Values.Count() != 0 {
		t.Errorf("got %+v", k)
	}
}
