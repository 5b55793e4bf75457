package lint

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
)

// exactMath are the functions of package math that every machine computes
// alike. All others are approximations with assembly for some processors.
var exactMath = strings.Fields(`Abs Ceil Copysign Float32bits Float32frombits Float64bits Float64frombits Floor Frexp
	Inf IsInf IsNaN Ldexp Max Min Modf NaN Round RoundToEven Signbit Sqrt Trunc`)

// constant matches the constants of package math.
var constant = regexp.MustCompile(`^(Max(Int|Uint|Float).*|Min(Int).*|Smallest.*|Pi|E|Phi|Ln2|Ln10|Log2E|Log10E|Sqrt(2|E|Pi|Phi))$`)

var clocks = strings.Fields("Now Since Until Sleep After AfterFunc Tick NewTimer NewTicker Local LoadLocation")

// checkPortable keeps clocks, unnamed randomness and mathematics that differs
// between machines out of the generator.
func checkPortable(s *source) {
	if !s.under("pkg/build") || s.test() {
		return
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		p, name := s.selected(n)
		switch {
		case p == "math" && !slices.Contains(exactMath, name) && !constant.MatchString(name):
			s.report(n.Pos(), "math.%s is not the same on every machine", name)
		case p == "time" && slices.Contains(clocks, name):
			s.report(n.Pos(), "time.%s: generation has no clock", name)
		case p == "math/rand/v2" && name != "PCG" && name != "NewPCG":
			s.report(n.Pos(), "rand.%s: only the PCG type is frozen", name)
		case p == "sync" && name == "Map":
			s.report(n.Pos(), "sync.Map has no order")
		}
		if sel, ok := n.(*ast.SelectorExpr); ok && (sel.Sel.Name == "NormFloat64" || sel.Sel.Name == "ExpFloat64") {
			s.report(n.Pos(), "%s is not the same on every machine", sel.Sel.Name)
		}
		return true
	})
}

// checkGoroutines allows concurrency where there is something to wait for.
func checkGoroutines(s *source) {
	if s.test() || s.dir() == "pkg/internal/pipeline" || s.dir() == "pkg/corpus/capture" || s.dir() == "internal/interrupt" || s.under("pkg/replay") || s.under("cmd") {
		return
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		if _, ok := n.(*ast.GoStmt); ok {
			s.report(n.Pos(), "goroutines are started in pkg/internal/pipeline, pkg/corpus/capture, pkg/replay, internal/interrupt and cmd only")
		}
		if c, ok := n.(*ast.CallExpr); ok {
			if sel, ok := c.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Go" {
				s.report(n.Pos(), "goroutines are started in pkg/internal/pipeline, pkg/corpus/capture, pkg/replay, internal/interrupt and cmd only")
			}
		}
		return true
	})
}

func checkExits(s *source) {
	if s.test() || s.isMain() {
		return
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		switch p, name := s.selected(n); {
		case p == "os" && name == "Exit", p == "syscall" && name == "Exit",
			p == "log" && (strings.HasPrefix(name, "Fatal") || strings.HasPrefix(name, "Panic")):
			s.report(n.Pos(), "only main.go of a command may exit")
		}
		return true
	})
}

func checkPrints(s *source) {
	if s.test() || s.isMain() {
		return
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		switch p, name := s.selected(n); {
		case p == "fmt" && (name == "Print" || name == "Printf" || name == "Println"):
			s.report(n.Pos(), "fmt.%s: commands print to the writers that they are given", name)
		case p == "os" && (name == "Stdin" || name == "Stdout" || name == "Stderr"):
			s.report(n.Pos(), "os.%s: only main.go of a command knows the standard streams", name)
		}
		if c, ok := n.(*ast.CallExpr); ok {
			if f, ok := c.Fun.(*ast.Ident); ok && (f.Name == "print" || f.Name == "println") {
				s.report(n.Pos(), "%s is for debugging", f.Name)
			}
		}
		return true
	})
}

// checkReaders keeps one way in for files that others wrote: os.Open waits for
// ever at a pipe, and os.ReadFile reads all that a device has to give. A line
// that has to open by itself says why: "opens: ..." on it or on the one before.
// Captures and certificates come through pipes too; those of captures are guarded.
func checkReaders(s *source) {
	if s.test() || s.dir() == "pkg/corpus/capture" || s.dir() == "pkg/replay/endpoint" || s.dir() == "internal/foreign" {
		return
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		switch p, name := s.selected(n); {
		case p != "os" && p != "io/ioutil" || name != "Open" && name != "ReadFile" && name != "DirFS" && name != "OpenInRoot":
		case !s.says(n.Pos(), "opens: "):
			s.report(n.Pos(), "%s.%s reads whatever is there: use package foreign, or say why not", path.Base(p), name)
		}
		return true
	})
}

func checkInit(s *source) {
	for _, d := range s.ast.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil {
			s.report(d.Pos(), "init hides what happens before main")
		}
	}
}

const (
	maxFile     = 400 // lines
	maxFunction = 60
)

// long are the functions that may be longer, because what they do is one thing
// that does not get clearer in pieces.
var long = map[string]string{
	"pkg/build/gen/attrs.go eval":               "one switch over the kinds of attribute programs",
	"pkg/build/gen/request.go expand":           "one pass over a node: children, attempts and outcome depend on each other",
	"pkg/internal/pipeline/pipeline.go Ordered": "goroutines and the channels between them",
	"pkg/corpus/wire/index.go walk":             "one switch over the fields of the wire",
}

func checkFileLength(s *source) {
	if n := bytes.Count(s.text, []byte("\n")); n > maxFile && !s.test() {
		s.reportLine(maxFile+1, "file has %d lines, at most %d are allowed", n, maxFile)
	}
}

func checkFunctionLength(s *source) {
	if s.test() {
		return
	}
	for _, d := range s.ast.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			n := s.line(f.End()) - s.line(f.Pos()) + 1
			if _, excepted := long[s.path+" "+f.Name.Name]; n > maxFunction && !excepted {
				s.report(f.Pos(), "function %s has %d lines, at most %d are allowed", f.Name.Name, n, maxFunction)
			}
		}
	}
}

// The words that end a file name as a build constraint.
var (
	systems = strings.Fields(`aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris
		wasip1 windows zos`)
	architectures = strings.Fields(`386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32
		mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm`)
)

func checkFileName(s *source) {
	name := strings.TrimSuffix(strings.TrimSuffix(path.Base(s.path), ".go"), "_test")
	if i := strings.LastIndexByte(name, '_'); i >= 0 {
		if word := name[i+1:]; slices.Contains(systems, word) || slices.Contains(architectures, word) {
			s.reportLine(1, "the file name ends in _%s, which is a build constraint", word)
		}
	}
}

// eachComment calls f with every line of every comment.
func (s *source) eachComment(f func(line int, text string)) {
	for _, group := range s.ast.Comments {
		for _, c := range group.List {
			first := s.line(c.Pos())
			for i, text := range strings.Split(c.Text, "\n") {
				f(first+i, text)
			}
		}
	}
}

func checkASCII(s *source) {
	s.eachComment(func(line int, text string) {
		for _, r := range text {
			if r > 126 {
				s.reportLine(line, "comment holds %+q, which is not ASCII", r)
				return
			}
		}
	})
}

var leftover = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)

func checkLeftovers(s *source) {
	s.eachComment(func(line int, text string) {
		if m := leftover.FindString(text); m != "" {
			s.reportLine(line, "%s is left over", m)
		}
	})
}

func checkFormat(s *source) {
	want, err := format.Source(s.text)
	if err != nil {
		s.reportLine(1, "%v", err)
		return
	}
	if bytes.Equal(s.text, want) {
		return
	}
	line := 1
	for i := range min(len(want), len(s.text)) {
		if want[i] != s.text[i] {
			break
		}
		if want[i] == '\n' {
			line++
		}
	}
	s.reportLine(line, "not as gofmt would write it")
}

// orderFree reports whether the line of pos, or the one before, says that order
// does not matter, and why.
func (s *source) orderFree(pos token.Pos) bool { return s.says(pos, "order-free: ") }

// says reports whether a comment on the line of pos, or on the one before, has a
// mark and a reason behind it.
func (s *source) says(pos token.Pos, mark string) bool {
	at, ok := s.line(pos), false
	s.eachComment(func(line int, text string) {
		if _, reason, found := strings.Cut(text, mark); found && strings.TrimSpace(reason) != "" {
			ok = ok || line == at || line == at-1
		}
	})
	return ok
}
