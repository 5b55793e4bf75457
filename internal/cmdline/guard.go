package cmdline

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/otelsim/otelsim/internal/numbers"
	"github.com/otelsim/otelsim/internal/text"
)

// Problems are what is wrong with the values of flags.
type Problems struct {
	errs []error
	bad  []*pflag.Flag
}

// Err returns all problems, joined, in the order of the command line. Flags
// whose value could not be read count as not given from then on, so that what
// else is checked does not complain of values that nobody typed.
func (p *Problems) Err() error {
	for _, flag := range p.bad {
		flag.Changed = false
	}
	return errors.Join(p.errs...)
}

// Guard has every flag of set read its value by package numbers where it is a
// number or a duration, collect what is wrong with it instead of ending the
// parse, so that all can be told at once, and refuse a second value where there
// is room for one: which of the two was meant, nobody knows.
func Guard(set *pflag.FlagSet) *Problems {
	p := new(Problems)
	set.VisitAll(func(flag *pflag.Flag) {
		_, many := flag.Value.(pflag.SliceValue)
		flag.Value = &guarded{Value: flag.Value, flag: flag, many: many, problems: p}
	})
	return p
}

// guarded is the value of a guarded flag.
type guarded struct {
	pflag.Value
	flag     *pflag.Flag
	many     bool   // values may be given
	given    string // the value as it was typed
	isGiven  bool
	problems *Problems
}

func (g *guarded) Set(s string) error {
	if g.isGiven && !g.many {
		// A switch that is thrown twice the same way says nothing new.
		if g.given != s || g.Type() != "bool" {
			g.problem("is given twice, as %s and as %s: it takes one value", Word(g.given), Word(s))
		}
		return nil
	}
	g.given, g.isGiven = s, true
	plain, err := canonical(g.Type(), s)
	if err == nil {
		err = g.explained(g.Value.Set(plain))
	}
	if err != nil {
		g.problem("%s: %w", Word(s), err)
		g.problems.bad = append(g.problems.bad, g.flag)
	}
	return nil
}

// Set gives a guarded flag a value as the command line would, without counting it
// as given there. It returns what is wrong with the value, which it then does not
// have. A flag that takes many values has one more.
func Set(flag *pflag.Flag, value string) error {
	g := flag.Value.(*guarded)
	plain, err := canonical(g.Type(), value)
	if err != nil {
		return err
	}
	return g.explained(g.Value.Set(plain))
}

func (g *guarded) problem(format string, args ...any) {
	g.problems.errs = append(g.problems.errs, fmt.Errorf("--"+g.flag.Name+" "+format, args...))
}

// canonical returns a value of one of pflag's types as that type reads it.
func canonical(kind, s string) (string, error) {
	switch kind {
	case "uint64", "uint", "int64", "int":
		n, err := numbers.Whole(s)
		return strconv.FormatUint(n, 10), err
	case "float64":
		v, err := numbers.Float(s)
		return strconv.FormatFloat(v, 'g', -1, 64), err
	case "duration":
		d, err := numbers.Duration(s)
		return d.String(), err
	}
	return s, nil
}

// explained returns pflag's words about a value in ours.
func (g *guarded) explained(err error) error {
	if err == nil {
		return nil
	}
	switch g.Type() {
	case "bool":
		return errors.New("want true or false")
	case "int", "int64":
		return fmt.Errorf("want a whole number from 0 to %d", int64(math.MaxInt64))
	}
	return err
}

// maxWord is how many bytes of a word as typed a message shows.
const maxWord = 100

// Word returns a word of the command line for a message.
func Word(s string) string {
	if s == "" {
		return "''"
	}
	return text.Line(s, maxWord)
}

// Explain returns an error of set.Parse in the words of the other messages.
func Explain(set *pflag.FlagSet, err error) error {
	var missing *pflag.ValueRequiredError
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &missing):
		return fmt.Errorf("--%s: value is missing", missing.GetFlag().Name)
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			return fmt.Errorf("unknown flag -%s", Word(name))
		}
		var names []string
		set.VisitAll(func(flag *pflag.Flag) {
			if !flag.Hidden {
				names = append(names, flag.Name)
			}
		})
		if near, ok := text.Nearest(name, names); ok {
			return fmt.Errorf("unknown flag --%s: did you mean --%s?", Word(name), near)
		}
		return fmt.Errorf("unknown flag --%s", Word(name))
	}
	return errors.New(text.Clean(strings.TrimSpace(err.Error())))
}
