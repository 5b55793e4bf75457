package profile

import (
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "",
		"GET /":                      "GET /",
		"GET /users/{id}":            "GET /users/{id}",
		"GET /users/42":              "GET /users/{digits}",
		"GET /users/42/orders/7?x=1": "GET /users/{digits}/orders/{digits}?x=1",
		"GET /v1/users":              "GET /v1/users",
		"GET /users/123e4567-e89b-12d3-a456-426614174000/cart": "GET /users/{uuid}/cart",
		"123E4567-E89B-12D3-A456-426614174000":                 "{uuid}",
		"123e4567-e89b-12d3-a456-4266141740001":                "{hex}-e89b-12d3-a456-{digits}",
		"GET /blobs/deadbeef":                                  "GET /blobs/deadbeef", // a word may be made of a to f
		"GET /blobs/deadbee1":                                  "GET /blobs/{hex}",
		"job deadbee1":                                         "job {hex}",
		"job dead1":                                            "job dead1",
		"order 1234":                                           "order {digits}",
		"order1234x":                                           "order{digits}x",
		"order 123":                                            "order 123",
		"zz12345abcdef12":                                      "zz{digits}{hex}",
		"SELECT shop.orders":                                   "SELECT shop.orders",
		"chat gpt-4o-2024-08-06":                               "chat gpt-4o-2024-08-06",
		"chat claude-sonnet-4-5-20250929":                      "chat claude-sonnet-4-5-20250929",
		"report 20251399":                                      "report {digits}",
		"connect 10.42.3.17:8080":                              "connect {ip}:{digits}",
		"release 1.2.3":                                        "release 1.2.3",
		"release 1.2.3.4.5":                                    "release 1.2.3.4.5",
		"10.0.0.256":                                           "10.0.0.256",
		"cart-6d5f9c7b8d-web":                                  "cart-{hex}-web",
		"users publish":                                        "users publish",
		"queue a1b2c3d4g5h6":                                   "queue {id}",
		"s3 PutObject h2 utf8":                                 "s3 PutObject h2 utf8",
		"naïve /ünïcode/77":                                    "naïve /ünïcode/{digits}",
		strings.Repeat("x ", 150):                              strings.Repeat("x ", 100),
		strings.Repeat("y", 195) + " 123456":                   strings.Repeat("y", 195) + " ",
		strings.Repeat("y ", 98) + "deadbee1z":                 strings.Repeat("y ", 98),
		strings.Repeat("y", 199) + "ü":                         strings.Repeat("y", 199),
	} {
		if got := Name(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if again := Name(want); again != want {
			t.Errorf("%q: becomes %q when it is normalised again", want, again)
		}
	}
	if got := Template("took 12 ms, 3.5 of them on node-7, trace 4bf92f3577b34da6a3ce929d0e0e4736"); got != "took {digits} ms, {digits}.{digits} of them on node-{digits}, trace {hex}" {
		t.Errorf("template %q", got)
	}
}

func FuzzName(f *testing.F) {
	f.Add("GET /a/12/deadbee1/1.2.3.4 x12345")
	f.Fuzz(func(t *testing.T, text string) {
		for _, of := range []func(string) string{Name, Template} {
			once := of(text)
			if twice := of(once); twice != once {
				t.Errorf("%q becomes %q, and that %q", text, once, twice)
			}
		}
	})
}
