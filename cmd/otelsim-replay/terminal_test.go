package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// raw is text that a terminal would obey: it changes colours and the title,
// clears lines, in seven and eight bits, and turns the direction of writing.
const raw = "x\x1b[31m\x1b]0;title\x07\rx\u009b31mx\u202ex\x7f"

// TestNothingRawReachesTheTerminal gives raw text to everything that people
// can name, and looks for it in all that is printed.
func TestNothingRawReachesTheTerminal(t *testing.T) {
	odd := filepath.Join(t.TempDir(), raw)
	if err := os.Mkdir(odd, 0o777); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(odd, "f"+raw)
	if err := os.WriteFile(file, []byte(raw), 0o666); err != nil {
		t.Fatal(err)
	}
	span := `{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c",` +
		`"spanId":"b7ad6b7169203331","name":"a","startTimeUnixNano":"1767225600000000000","endTimeUnixNano":"1767225600100000000"}]}]}]}` + "\n"
	good := filepath.Join(odd, "g"+raw)
	if err := os.WriteFile(good, []byte(span), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--max", "--no-retry", "--protocol", "http/json", "--endpoint", "http://127.0.0.1:1", good},
		{"--max", "--no-retry", "--protocol", "http/json", "--endpoint", "http://127.0.0.1:1/" + raw, "--report-json", filepath.Join(odd, "r"), good},
		{raw}, {odd}, {file}, {"help", raw}, {"--" + raw}, {"-" + raw}, {"sink", raw}, {"--laps", raw, file}, {"--rps", raw, file},
		{"--speed", raw, file}, {"--fail-if", raw, file}, {"--fail-if", "p99>" + raw, file}, {"--time", raw, file}, {"--signal", raw, file},
		{"--signals", raw, file}, {"--signals", `"` + raw, file}, {"--shard", raw, file}, {"--endpoint", raw, file},
		{"--endpoint", "http://127.0.0.1:1/" + raw, file}, {"--header", raw, file}, {"--header", raw + "=" + raw, file},
		{"--protocol", raw, file}, {"--compression", raw, file}, {"--ca-cert", raw, file}, {"--cert", raw, "--key", raw, file},
		{"--report-json", filepath.Join(odd, "no", raw), file}, {"--report-html", odd, file}, {"--quiet=" + raw, file},
		{"--connections", raw, file}, {"--timeout", raw, "--timeout", raw, file}, {"--verify-first", file}, {odd, file},
		{"sink", "--grpc-listen", raw}, {"sink", "--http-listen", raw, "--grpc-listen", ""}, {"sink", "--expect", odd}, {"sink", "--fail", raw},
		{"sink", "--cert", raw, "--key", raw}, {"--signal", "traces", "--max", "--no-retry", "--endpoint", "http://127.0.0.1:1", file},
	} {
		var out, errOut bytes.Buffer
		run(context.Background(), args, &out, &errOut)
		for stream, text := range map[string]string{"stdout": out.String(), "stderr": errOut.String()} {
			if at := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) }); at >= 0 {
				t.Errorf("otelsim-replay %q: %s has %q", args, stream, text[max(0, at-60):min(len(text), at+20)])
			}
		}
	}
}
