package cmdline

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// Shells are the shells that commands can be completed in.
var Shells = []string{"bash", "zsh", "fish"}

// Papers are the flags with which a program prints what is made from its other flags.
type Papers struct {
	set    *pflag.FlagSet
	shell  string
	manual bool
}

// Define defines the flags in set. That of the manual is hidden: packages ask for it.
func (p *Papers) Define(set *pflag.FlagSet) {
	p.set = set
	set.StringVar(&p.shell, "completion", "", "print what completes the command in `"+strings.Join(Shells, "|")+"`")
	set.BoolVar(&p.manual, "manual", false, "print the manual page")
	if err := set.MarkHidden("manual"); err != nil {
		panic(err) // it was defined in the line above
	}
}

// Asked reports whether one of the flags was given.
func (p *Papers) Asked() bool { return p.manual || p.set.Changed("completion") }

// Print prints what was asked for.
func (p *Papers) Print(w io.Writer, c Command) error {
	script := map[string]func() string{"bash": c.Bash, "zsh": c.Zsh, "fish": c.Fish}[p.shell]
	if p.manual {
		script = func() string { return c.Manual(Date()) }
	}
	_, err := io.WriteString(w, script())
	return err
}

// Check returns what is wrong with the flags.
func (p *Papers) Check() error {
	if !p.set.Changed("completion") {
		return nil
	}
	for _, shell := range Shells {
		if p.shell == shell {
			return nil
		}
	}
	return fmt.Errorf("--completion %s: want bash, zsh or fish", Word(p.shell))
}
