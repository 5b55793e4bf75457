package privacy

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

func TestRename(t *testing.T) {
	key := []byte("sixteen bytes at least")
	p, again, other := policy(t, Options{Rename: key}), policy(t, Options{Rename: key}), policy(t, Options{Rename: []byte("another one of that length")})
	name := func(p *Policy, text string) string {
		t.Helper()
		out, ok := p.Name(text, 10)
		if !ok {
			t.Fatalf("%q may not be named", text)
		}
		return out
	}
	for _, text := range []string{"GET /orders/{digits}", "GET", "acme.Orders/PlaceOrder", "SELECT orders", "ACME-2", "postgresql"} {
		got := name(p, text)
		if strings.Contains(strings.ToLower(got), "orders") || strings.Contains(strings.ToLower(got), "acme") {
			t.Errorf("%s: got %s", text, got)
		}
		if again := name(again, text); again != got {
			t.Errorf("%s: got %s and %s with the same key", text, got, again)
		}
	}
	word := name(p, "orders")
	for text, want := range map[string]string{
		"GET /orders/{digits}": "GET /" + word + "/{digits}", "GET /ORDERS": "GET /" + strings.ToUpper(word), "Orders-12": strings.ToUpper(word[:1]) + word[1:] + "-12",
		"SELECT orders": "SELECT " + word, "postgresql": "postgresql", "http.server.request.duration": "http.server.request.duration",
	} {
		if got := name(p, text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if name(other, "orders") == word {
		t.Error("another key gives the same names")
	}
	if k, _ := p.Key("orders.plan", 10); !strings.HasPrefix(k, word+".") {
		t.Errorf("key: got %s", k)
	}
	if k, _ := p.Key("http.route", 10); k != "http.route" {
		t.Errorf("public key: got %s", k)
	}
	// An example of a registry is no name of a standard.
	if !p.public.Has("shopping-cart") && !p.public.Has("shop") {
		t.Error("no example to try")
	}
	if shop := name(p, "shop"); shop == "shop" || !strings.HasPrefix(name(p, "shop.Cart"), shop+".") {
		t.Errorf("shop becomes %s, and shop.Cart %s", shop, name(p, "shop.Cart"))
	}
	s := p.Values("orders.kind", of(otlp.KindString, map[string]int{"orders": 20, "rare": 2}), 0)
	if said(s) != "|"+word+"|other-1" {
		t.Errorf("values: got %s", said(s))
	}
}

// TestNoTwoGetOneName: words that the hash gives the same new one do not keep it.
func TestNoTwoGetOneName(t *testing.T) {
	p := policy(t, Options{Rename: []byte("sixteen bytes at least")})
	old := make(map[string]string)
	for i := range 5000 {
		text := fmt.Sprintf("thing%c%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i/676)
		got, _ := p.Name(text, 10)
		if old[got] != "" {
			t.Fatalf("%s and %s are both %s", old[got], text, got)
		}
		old[got] = text
	}
}

func TestReadKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if _, err := ReadKey(path); err == nil {
		t.Error("there is no file, and no error")
	}
	for text, ok := range map[string]bool{"": false, "fifteen bytes..\n": false, "sixteen bytes...\n": true} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadKey(path); (err == nil) != ok {
			t.Errorf("%q: got %v", text, err)
		}
	}
	if _, err := New(Options{Rename: []byte("short")}); err == nil {
		t.Error("a short key is taken")
	}
	for _, key := range []string{"", "*", "a*b", "a**"} {
		if _, err := New(Options{Deny: []string{key}}); err == nil {
			t.Errorf("a key %q to deny is taken", key)
		}
	}
}
