// Package browser opens pages in a headless Chromium, for tests: what a page
// looks like in a window of some width only a browser can tell.
package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// errNone says that there is no browser on this machine, which is a reason to
// skip a test.
var errNone = errors.New("no chromium, chromium-browser or google-chrome in PATH")

// Report is what was found on a page.
type Report struct {
	Problems []string // texts that overlap or are cut off, errors of scripts
	Texts    int      // visible texts that were looked at
	Facts    map[string]string
}

// Browser runs one program in a folder of its own.
type Browser struct {
	program string
	dir     string
}

// find returns a browser that keeps its files in dir, or errNone.
func find(dir string) (*Browser, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return &Browser{path, dir}, nil
		}
	}
	return nil, errNone
}

//go:embed check.js
var check string

// policy is the rule of a page that would keep our script out.
var policy = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`)

// wrapper shows the page in a frame, since a window cannot be as narrow as a
// telephone's, and keeps what the script in it found.
const wrapper = `<!DOCTYPE html><html><body style="margin:0"><pre id="found"></pre><script>
addEventListener("message", e => { document.getElementById("found").textContent = e.data })
</script><iframe src="%s" style="border:0;width:%dpx;height:%dpx"></iframe></body></html>`

// Check opens a page in a frame of the given size and looks for what is wrong
// with it. The steps are a script in the page, run first, that may act as a
// user does and note facts by fact(name, value).
func (b *Browser) Check(page []byte, width, height int, steps string) (*Report, error) {
	head := "<script>" + check + "\naddEventListener('load', () => { try {" + steps +
		"} catch (e) { problems.push('steps: ' + e) } setTimeout(report, 50) })</script>"
	text := policy.ReplaceAllString(string(page), "")
	if !strings.Contains(text, "<head>") {
		return nil, errors.New("check page: it has no head")
	}
	text = strings.Replace(text, "<head>", "<head>"+head, 1)
	out, err := b.open(text, width, height, "--dump-dom")
	if err != nil {
		return nil, err
	}
	_, found, ok := strings.Cut(string(out), `<pre id="found">`)
	found, _, ok2 := strings.Cut(found, "</pre>")
	if !ok || !ok2 || found == "" {
		return nil, fmt.Errorf("check page: the script said nothing in %d bytes of %.200q", len(out), out)
	}
	r := new(Report)
	if err := json.Unmarshal([]byte(html.UnescapeString(found)), r); err != nil {
		return nil, fmt.Errorf("check page: %w", err)
	}
	return r, nil
}

// Screenshot writes a picture of a page, as it is, as PNG.
func (b *Browser) Screenshot(page []byte, width, height int, file string) error {
	_, err := b.open(string(page), width, height, "--screenshot="+file, fmt.Sprintf("--window-size=%d,%d", max(width, 500), height))
	return err
}

// patience is how long the browser may take on a busy machine.
const patience = 2 * time.Minute

func (b *Browser) open(page string, width, height int, args ...string) ([]byte, error) {
	inner, outer := filepath.Join(b.dir, "page.html"), filepath.Join(b.dir, "frame.html")
	if err := os.WriteFile(inner, []byte(page), 0o644); err != nil {
		return nil, fmt.Errorf("open page: %w", err)
	}
	if err := os.WriteFile(outer, fmt.Appendf(nil, wrapper, "page.html", width, height), 0o644); err != nil {
		return nil, fmt.Errorf("open page: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	args = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
		"--user-data-dir=" + filepath.Join(b.dir, "profile"), "--virtual-time-budget=5000"}, args...)
	var stderr strings.Builder
	c := exec.CommandContext(ctx, b.program, append(args, "file://"+outer)...)
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("run %s: %w: %.500s", b.program, err, stderr.String())
	}
	return out, nil
}
