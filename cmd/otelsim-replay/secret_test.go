package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A receiver that repeats what it was sent tells no secret: not in the status,
// the text, the JSON or the page.
func TestReceiversRepeatNoSecrets(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("x-redirect") != "" {
			http.Redirect(w, r, "https://elsewhere.example"+r.URL.RequestURI(), http.StatusTemporaryRedirect)
			return
		}
		http.Error(w, "no such token: "+r.Header.Get("authorization")+" with "+r.URL.RawQuery, http.StatusUnauthorized)
	}))
	defer server.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "spans.jsonl")
	const span = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708",` +
		`"name":"x","startTimeUnixNano":"1767225600000000000","endTimeUnixNano":"1767225601000000000"}]}]}]}` + "\n"
	if err := os.WriteFile(file, []byte(span), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", server.URL+"/v1/traces?key=sesame")
	for _, redirect := range []string{"", "yes"} {
		js, html := filepath.Join(dir, "r.json"), filepath.Join(dir, "r.html")
		var out, errOut bytes.Buffer
		code := run(t.Context(), []string{"--max", "--no-retry", "--protocol", "http/json", "--header", "authorization=Bearer open-sesame",
			"--header", "x-redirect=" + redirect, "--report-json", js, "--report-html", html, file}, &out, &errOut)
		if code != exitFailed || !strings.Contains(out.String(), "http ") {
			t.Fatalf("exit %d\n%s%s", code, out.String(), errOut.String())
		}
		for _, name := range []string{js, html} {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(b)
		}
		for _, all := range []string{out.String(), errOut.String()} {
			if i := strings.Index(all, "sesame"); i >= 0 {
				t.Errorf("redirect %q: a secret is told: ...%s", redirect, all[max(i-100, 0):i+10])
			}
		}
	}
}
