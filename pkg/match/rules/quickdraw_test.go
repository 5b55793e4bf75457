package rules

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// draw draws rules and items from so few words that they often meet.
type draw struct{ *rand.Rand }

func (d draw) of(words ...string) string { return words[d.IntN(len(words))] }

func (d draw) key() string   { return d.of("a", "b", "c", "d.x", "d.y", "é") }
func (d draw) value() string { return d.of("x", "yx", "xyz", "7", "true", "[x]", "éx") }

// glob is a key or a glob of them, as YAML has it.
func (d draw) glob() string { return d.of("a", "b", "c", "d.x", "\"d.*\"", "\"?\"", "\"*\"") }

func (d draw) list() string {
	return "[" + strings.Join([]string{d.glob(), d.glob()}[:1+d.IntN(2)], ", ") + "]"
}

func (d draw) op(kind string) string {
	switch kind {
	case "add", "set", "update":
		return fmt.Sprintf("%s: {%s: %s}", kind, d.key(), d.of("x", "7", "1.5", "true", "\"7\"", "''"))
	case "any":
		return "any: [" + d.key() + "]"
	case "copy", "rename":
		return fmt.Sprintf("%s: {%s: %s}", kind, d.of("a", "b", "d.x"), d.of("c", "e", "d.y"))
	case "mask":
		return "mask: " + d.of("{match: x}", "{match: y, hash: md5}", "{keys: [a], with: z}", "{keys: [\"d.*\"], match: x}")
	case "truncate":
		return "truncate: " + d.of("1", "2", "{limit: 1, unit: characters}", "{limit: 1, keys: [a]}")
	case "summary":
		return "summary: debug"
	}
	return kind + ": " + d.list()
}

func (d draw) where() string {
	return d.of("", "", "where: {signal: traces}, ", "where: {signal: [traces, logs]}, ", "where: {service: shop}, ", "where: {scope: lib}, ",
		"where: {resource: {a: x}}, ", "where: {not: {service: shop}}, ")
}

func (d draw) itemWhere() string {
	return d.of(d.where(), "where: {name: a*}, ", "where: {attributes: {a: x}}, ", "where: {attributes: {b: {exists: false}}}, ",
		"where: {attributes: {a: {min: 5}}}, ", "where: {kind: server}, ", "where: {not: {status: error}}, ", "where: {min_duration: 2ms}, ",
		"where: {any_of: [{name: ab}, {attributes: {d.x: [x, 7]}}]}, ", "where: {severity: info}, ", "where: {body: \"*x*\"}, ")
}

// step draws an entry of a list of rules.
func (d draw) step() (list, step string) {
	switch d.IntN(5) {
	case 0:
		return "resource", d.where() + d.ops()
	case 1:
		return "attributes", d.where() + "level: " + d.of("scope", "[item, resource]", "[item, resource, scope]") + ", " + d.ops()
	case 2:
		op := d.of("set: {name: x}", "any: [name]", "maybe: [trace_state]", "delete: [name]", "mask: {keys: [name, body], match: b}",
			"set: {kind: client}", "set: {status.code: ok}", "maybe: [scope.name]", "set: {severity_text: x}", "delete: [severity_text]",
			"maybe: [\"*\"]", "set: {body: x}", "delete: [status.code]", "maybe: [severity_number, name]", "set: {kind: unspecified}")
		if d.IntN(3) == 0 {
			return "fields", d.itemWhere() + op + ", " + d.of("delete: [severity_number]", "maybe: [kind]", "any: [scope.name]")
		}
		return "fields", d.itemWhere() + op
	}
	return "attributes", d.itemWhere() + d.ops()
}

func (d draw) ops() string {
	var kinds, out []string
	for range 1 + d.IntN(3) {
		kind := opNames[d.IntN(len(opNames))]
		if d.IntN(2) == 0 {
			kind = d.of("add", "set", "delete", "rename", "hash")
		}
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
			out = append(out, d.op(kind))
		}
	}
	return strings.Join(out, ", ")
}

// file draws rules that load.
func (d draw) file() (string, *Rules) {
	for {
		steps := make(map[string][]string)
		for range 1 + d.IntN(3) {
			list, step := d.step()
			steps[list] = append(steps[list], "  - {"+step+"}\n")
		}
		text := ""
		for _, list := range []string{"attributes", "resource", "fields"} {
			if of := steps[list]; of != nil {
				text += list + ":\n" + strings.Join(of, "")
			}
		}
		if r, err := Load("r.yaml", []byte(text)); err == nil {
			return text, r
		}
	}
}

// words draws an item.
func (d draw) words(kind string) (out []string) {
	for range d.IntN(6) {
		out = append(out, d.of("a", "a", "a", "r", "s")+"."+d.key()+"="+d.value())
	}
	if d.IntN(3) == 0 {
		out = append(out, "e."+d.key()+"="+d.value())
	}
	out = append(out, "name="+d.of("ab", "b", "x"), "ms="+d.of("1", "3"), "r.service.name="+d.of("shop", "cart"))
	if d.IntN(2) == 0 {
		out = append(out, "s.name=lib")
	}
	switch kind {
	case "span":
		out = append(out, "kind="+d.of("SERVER", "CLIENT"), "status="+d.of("OK", "ERROR", "UNSET"), "trace_state="+d.of("", "x"))
	case "log":
		out = append(out, "severity="+d.of("INFO", "WARN"), "body="+d.of("xb", "map", ""), "text="+d.of("", "x"))
	default:
		out = append(out, "value="+d.of("0", "3"), "temporality=DELTA")
	}
	return out
}

// namesOf are the words of fields by their paths, where they are others.
var namesOf = map[string]string{"status.code": "status", "severity_number": "severity", "severity_text": "text", "event_name": "name",
	"scope.name": "s.name", "trace_state": "trace_state", "name": "name", "kind": "kind", "body": "body"}

// arrive says in words what rules make of an item, and what they leave open at random.
func (d draw) arrive(r *Rules, sent match.Item, kind string, words []string) (out []string) {
	for _, w := range words {
		name, _, _ := strings.Cut(w, "=")
		switch {
		case name == "ms", name == "value", name == "temporality", kind == "point" && name == "name", kind != "log" && name == "body", w == "body=map":
			out = append(out, w)
		}
	}
	s := slowly(r).Begin(nil)
	s.unit = &match.Unit{Signal: sent.Signal}
	var v view
	v.set(sent.Signal, &sent, &s.parts)
	const all = 1<<levelItem | 1<<levelResource | 1<<levelScope
	s.scheme.load(&v, all)
	s.run(&v, all)
	for i := range s.scheme.list {
		w := &s.scheme.list[i]
		value := w.value.Text
		switch {
		case w.state == gone, w.state == free && d.IntN(2) == 0:
			continue
		case w.state == present, w.state == free && d.IntN(2) == 0:
			value = d.of(value, d.value())
		}
		if word := wordOf(w.path, value); word != "" {
			out = append(out, word)
		}
	}
	for i := range s.scheme.open {
		if o := s.scheme.open[i]; o.prefix != "" && d.IntN(2) == 0 {
			out = append(out, map[level]string{levelItem: "a.", levelResource: "r.", levelScope: "s."}[o.level]+d.key()+"="+d.value())
		}
	}
	return out
}

// wordOf returns the word of a field, "" where there is none.
func wordOf(path, value string) string {
	if name := namesOf[path]; name != "" {
		return name + "=" + value
	}
	for _, at := range [][2]string{{"attributes", "a."}, {"resource.attributes", "r."}, {"scope.attributes", "s."}, {"events[0].attributes", "e."}} {
		if key, ok := form.AttributeKey(at[0], path); ok {
			if strings.HasSuffix(path, "[0]") {
				value = "[" + value + "]"
			}
			return at[1] + key + "=" + value
		}
	}
	return ""
}

// damage changes one word.
func (d draw) damage(words []string) []string {
	if len(words) == 0 || d.IntN(3) == 0 {
		return append(words, d.of("a", "r", "s")+"."+d.key()+"="+d.value())
	}
	i := d.IntN(len(words))
	name, _, _ := strings.Cut(words[i], "=")
	if d.IntN(2) == 0 || !strings.Contains(name, ".") {
		return slices.Delete(words, i, i+1)
	}
	words[i] = name + "=" + d.value()
	return words
}

// unit draws rules and a unit: an item with what they make of it, at times damaged.
func (d draw) unit(t testing.TB) (what string, r *Rules, u *match.Unit) {
	t.Helper()
	file, r := d.file()
	line, u := d.unitOf(t, r)
	return file + line, r, u
}

func (d draw) unitOf(t testing.TB, r *Rules) (line string, u *match.Unit) {
	t.Helper()
	for {
		kind := d.of("span", "span", "log", "point")
		words := d.words(kind)
		sent := strings.Join(words, " ")
		arrived := d.arrive(r, item(t, signalsByName[kind], sent), kind, words)
		if d.IntN(3) == 0 {
			arrived = d.damage(arrived)
		}
		d.Shuffle(len(arrived), func(i, j int) { arrived[i], arrived[j] = arrived[j], arrived[i] })
		line := kind + " " + sent + " -> " + strings.Join(arrived, " ")
		u := unit(t, line)
		p := &u.Pairs[0]
		if len(p.Copies) > 0 {
			// Other copies meet what the first one left behind.
			p.Copies = append(p.Copies, &match.Received{Item: p.Sent.Item}, p.Copies[0])
			return line, u
		}
	}
}

// TestQuickIsSlow: of random units with random rules the shortcut says what the fields
// say, and is taken for most of those that are as expected.
func TestQuickIsSlow(t *testing.T) {
	var held, quick, broken int
	for seed := range uint64(4000) {
		d := draw{rand.New(rand.NewPCG(seed, 15))}
		what, r, u := d.unit(t)
		v := bothWays(t, fmt.Sprintf("seed %d\n%s", seed, what), r, u)
		switch {
		case len(v.diffs) > 0:
			broken++
		case v.quick:
			quick++
			fallthrough
		default:
			held++
		}
	}
	if quick < held/2 || broken < held/4 || held < 1000 {
		t.Errorf("the units are no test: %d as expected, %d of them seen quickly, %d broken", held, quick, broken)
	}
}

// TestQuickSegments: what a Segment keeps of some units does not change what it says of
// others.
func TestQuickSegments(t *testing.T) {
	for seed := range uint64(300) {
		d := draw{rand.New(rand.NewPCG(seed, 16))}
		file, r := d.file()
		quick, slow := r.Begin(nil), slowly(r).Begin(nil)
		var lines []string
		for range 20 {
			line, u := d.unitOf(t, r)
			lines = append(lines, line)
			if _, fault := disagreeOn(t, quick, slow, u); fault != "" {
				t.Fatalf("seed %d: %s\n%s%s", seed, fault, file, strings.Join(lines, "\n"))
			}
		}
	}
}

// TestQuickStepsTellPartsApart: one resource, of which rules make two things.
func TestQuickStepsTellPartsApart(t *testing.T) {
	r := load(t, "resource: {where: {scope: lib}, set: {x: 1}}")
	quick, slow := r.Begin(nil), slowly(r).Begin(nil)
	for _, line := range []string{"span s.name=lib -> s.name=lib r.x=1", "span s.name=other -> s.name=other r.x=1", "span s.name=other", "span s.name=lib"} {
		if _, fault := disagreeOn(t, quick, slow, unit(t, line)); fault != "" {
			t.Errorf("%s: %s", line, fault)
		}
	}
}

// TestQuickFaultsAreSeen: random units show a shortcut that is wrong, by what it says or
// by where it is not taken.
func TestQuickFaultsAreSeen(t *testing.T) {
	for name, plant := range map[string]func(*Rules){
		"taken where it does not lead": func(r *Rules) { r.shortcuts.none = 0 },
		"resources that change":        func(r *Rules) { r.shortcuts.at[levelResource] = 0 },
		"items that change":            func(r *Rules) { r.shortcuts.at[levelItem] = 0 },
		"another value":                eachOp(func(o *op) { o.made.sum++ }),
		"another name":                 eachOp(func(o *op) { o.made.name = []byte("a") }),
		"another field":                eachOp(func(o *op) { o.made.fields[form.Span].sum++ }),
	} {
		seen := false
		for seed := uint64(0); seed < 4000 && !seen; seed++ {
			d := draw{rand.New(rand.NewPCG(seed, 15))}
			_, r, u := d.unit(t)
			wrong := *r
			wrong.steps = slices.Clone(r.steps)
			for i := range wrong.steps {
				wrong.steps[i].ops = slices.Clone(r.steps[i].ops)
			}
			plant(&wrong)
			seen = !reflect.DeepEqual(judgeFirst(t, wrong.Begin(nil), u), judgeFirst(t, r.Begin(nil), u))
		}
		if !seen {
			t.Errorf("%s: not seen", name)
		}
	}
}

func eachOp(plant func(*op)) func(*Rules) {
	return func(r *Rules) {
		for i := range r.steps {
			for j := range r.steps[i].ops {
				if o := &r.steps[i].ops[j]; len(o.keys) > 0 {
					plant(o)
				}
			}
		}
	}
}
