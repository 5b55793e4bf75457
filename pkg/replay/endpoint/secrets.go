package endpoint

import (
	"net/url"
	"strings"
)

// shortestSecret is below what a secret is long: hiding shorter values would
// make texts unreadable and keep nothing.
const shortestSecret = 4

// Redactor returns a function that hides in a text what s keeps secret: values
// of headers, whole and without their scheme ("Bearer"), and the queries of
// endpoints. Receivers and libraries repeat what they were sent.
func (s *Settings) Redactor() func(string) string {
	var pairs []string
	hide := func(secret string) {
		if len(secret) >= shortestSecret {
			pairs = append(pairs, secret, "***")
		}
	}
	for _, h := range s.Headers {
		if h.Key == "user-agent" {
			continue
		}
		hide(h.Value)
		if _, credentials, found := strings.Cut(h.Value, " "); found {
			hide(strings.TrimSpace(credentials))
		}
	}
	for _, t := range s.Targets {
		_, query, found := strings.Cut(t.URL, "?")
		if !found {
			continue
		}
		hide(query)
		values, err := url.ParseQuery(query)
		if err != nil {
			continue
		}
		for _, list := range values {
			for _, v := range list {
				hide(v)
			}
		}
	}
	if len(pairs) == 0 {
		return func(text string) string { return text }
	}
	return strings.NewReplacer(pairs...).Replace
}
