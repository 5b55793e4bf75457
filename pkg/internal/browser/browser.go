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

// View is a page in a frame of some size. The steps are a script in the page, run
// first, that may act as a user does and note facts by fact(name, value).
type View struct {
	Name          string
	Page          []byte
	Width, Height int
	Steps         string
}

// wrapper shows views one after the other, each in a frame, since a window cannot
// be as narrow as a telephone's, and keeps what the scripts in them found.
const wrapper = `<!DOCTYPE html><html><body style="margin:0"><pre id="found"></pre><script>
const views = %s, found = []
let frame
function next() {
  const v = views[found.length]
  if (!v) return
  if (frame) frame.remove()
  frame = document.createElement("iframe")
  frame.style = "border:0;width:" + v.Width + "px;height:" + v.Height + "px"
  frame.src = v.File
  document.body.append(frame)
}
addEventListener("message", e => {
  found.push(e.data)
  document.getElementById("found").textContent = "[" + found + "]"
  next()
})
next()
</script></body></html>`

// framed is a view as the wrapper has it.
type framed struct {
	File          string
	Width, Height int
}

// Check opens views in one run of the browser, since to start it takes longer than
// to look, and looks for what is wrong with each. Reports are by view.
func (b *Browser) Check(views ...View) ([]Report, error) {
	var frames []framed
	for i, v := range views {
		head := "<script>" + check + "\naddEventListener('load', () => { try {" + v.Steps +
			"} catch (e) { problems.push('steps: ' + e) } setTimeout(report, 50) })</script>"
		text := policy.ReplaceAllString(string(v.Page), "")
		if !strings.Contains(text, "<head>") {
			return nil, fmt.Errorf("check page %s: it has no head", v.Name)
		}
		text = strings.Replace(text, "<head>", "<head>"+head, 1)
		f, err := b.frame(i, []byte(text), v.Width, v.Height)
		if err != nil {
			return nil, err
		}
		frames = append(frames, f)
	}
	out, err := b.open(frames, "--dump-dom")
	if err != nil {
		return nil, err
	}
	_, found, ok := strings.Cut(string(out), `<pre id="found">`)
	found, _, ok2 := strings.Cut(found, "</pre>")
	if !ok || !ok2 || found == "" {
		return nil, fmt.Errorf("check pages: the scripts said nothing in %d bytes of %.200q", len(out), out)
	}
	var reports []Report
	if err := json.Unmarshal([]byte(html.UnescapeString(found)), &reports); err != nil {
		return nil, fmt.Errorf("check pages: %w", err)
	}
	if len(reports) != len(views) {
		return nil, fmt.Errorf("check pages: %d of %d said something: %s said nothing", len(reports), len(views), views[len(reports)].Name)
	}
	return reports, nil
}

// Screenshot writes a picture of a page, as it is, as PNG.
func (b *Browser) Screenshot(page []byte, width, height int, file string) error {
	f, err := b.frame(0, page, width, height)
	if err != nil {
		return err
	}
	_, err = b.open([]framed{f}, "--screenshot="+file, fmt.Sprintf("--window-size=%d,%d", max(width, 500), height))
	return err
}

// frame writes the file of a frame.
func (b *Browser) frame(i int, page []byte, width, height int) (framed, error) {
	f := framed{fmt.Sprintf("page%d.html", i), width, height}
	if err := os.WriteFile(filepath.Join(b.dir, f.File), page, 0o644); err != nil {
		return f, fmt.Errorf("open page: %w", err)
	}
	return f, nil
}

// patience is how long the browser may take on a busy machine, and thinking how
// long a page may, in milliseconds by its own clock.
const (
	patience = 2 * time.Minute
	thinking = 5000
)

func (b *Browser) open(frames []framed, args ...string) ([]byte, error) {
	list, err := json.Marshal(frames)
	if err != nil {
		return nil, fmt.Errorf("open page: %w", err)
	}
	outer := filepath.Join(b.dir, "frame.html")
	if err := os.WriteFile(outer, fmt.Appendf(nil, wrapper, list), 0o644); err != nil {
		return nil, fmt.Errorf("open page: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	args = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
		"--user-data-dir=" + filepath.Join(b.dir, "profile"), fmt.Sprintf("--virtual-time-budget=%d", thinking*len(frames))}, args...)
	var stderr strings.Builder
	c := exec.CommandContext(ctx, b.program, append(args, "file://"+outer)...)
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("run %s: %w: %.500s", b.program, err, stderr.String())
	}
	return out, nil
}
