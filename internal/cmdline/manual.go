package cmdline

import (
	"fmt"
	"strings"
)

// Manual returns the manual page of a command, in the macros of man(7). The date,
// as in 2026-01-31, may be empty.
func (c *Command) Manual(date string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"%s\" \"%s\" \"User Commands\"\n", strings.ToUpper(roff(c.Name)), date, roff(c.Version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n.SH SYNOPSIS\n", roff(c.Name), roff(c.Summary))
	for i, v := range c.Verbs {
		for j, line := range v.Usage {
			if i+j > 0 {
				b.WriteString(".br\n")
			}
			roffLine(&b, line)
		}
	}
	b.WriteString(".SH DESCRIPTION\nFlags and verbs stand in any order; without a verb,\n.B " + roff(c.Verbs[0].Name) + "\nis meant.\n")
	for _, v := range c.Verbs {
		fmt.Fprintf(&b, ".SH %s\n", strings.ToUpper(roff(v.Name)))
		roffText(&b, strings.ToUpper(v.Summary[:1])+v.Summary[1:]+".\n\n"+v.Text)
		v.manual(&b)
	}
	for _, n := range c.Notes {
		fmt.Fprintf(&b, ".SH %s\n", strings.ToUpper(roff(n.Title)))
		roffText(&b, n.Text)
	}
	return b.String()
}

// manual writes the flags and the examples of a verb.
func (v *Verb) manual(b *strings.Builder) {
	for _, g := range v.Groups {
		if len(g.Flags) == 0 {
			continue
		}
		fmt.Fprintf(b, ".SS %s\n", roff(g.Title))
		for _, f := range g.Flags {
			words := f.words()
			for i, word := range words {
				words[i] = `\fB` + roff(word) + `\fR`
			}
			head := strings.Join(words, ", ")
			if f.Arg != "" {
				head += ` \fI` + roff(f.Arg) + `\fR`
			}
			fmt.Fprintf(b, ".TP\n%s\n", head)
			roffText(b, f.Text)
		}
	}
	if len(v.Examples) == 0 {
		return
	}
	b.WriteString(".SS Examples\n.nf\n")
	for _, line := range v.Examples {
		roffLine(b, line)
	}
	b.WriteString(".fi\n")
}

// roffText writes paragraphs.
func roffText(b *strings.Builder, text string) {
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		for line := range strings.SplitSeq(paragraph, "\n") {
			roffLine(b, line)
		}
	}
}

// roffLine writes a line of text, which is no request, whatever it begins with.
func roffLine(b *strings.Builder, line string) {
	line = roff(strings.TrimSpace(line))
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		line = `\&` + line
	}
	b.WriteString(line + "\n")
}

// roff returns text as it is printed as it stands, hyphens as they are typed.
func roff(s string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, `"`, `\(dq`).Replace(s)
}
