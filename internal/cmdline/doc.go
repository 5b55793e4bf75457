// Package cmdline is what the two programs' command lines have in common: how
// a verb is found among flags, how numbers and durations are read, and how what
// is wrong is said. Both have one set of all flags for it:
//
//	set := pflag.NewFlagSet(...)
//	set.Uint64Var(&o.seed, "seed", 1, "64-bit seed")
//	problems := cmdline.Guard(set)
//	verb, rest := cmdline.Find(set, args, []string{"list", "show"})
//	if err := set.Parse(rest); err != nil {
//		return cmdline.Explain(set, err)
//	}
//	return problems.Err()
package cmdline

import (
	"github.com/spf13/pflag"
)

// Find returns the verb of a command line and the line without it. The verb is
// the first word that is neither a flag nor a flag's value, if it is one of
// verbs; the verb is empty otherwise. A file of a verb's name is written with
// its path, ./show, or stands behind the verb or behind --.
//
// Flags may stand anywhere, so Find asks set which of them take a value. One
// that set does not know is taken to have none.
func Find(set *pflag.FlagSet, args, verbs []string) (verb string, rest []string) {
	for at := 0; at < len(args); at++ {
		word := args[at]
		switch {
		case word == "--":
			return "", args
		case len(word) < 2 || word[0] != '-':
			for _, v := range verbs {
				if v == word {
					rest = append(rest, args[:at]...)
					return v, append(rest, args[at+1:]...)
				}
			}
			return "", args
		case wantsNext(set, word):
			at++
		}
	}
	return "", args
}

// wantsNext reports whether the value of a flag is the word after it.
func wantsNext(set *pflag.FlagSet, word string) bool {
	if len(word) > 2 && word[1] == '-' {
		for i := range len(word) {
			if word[i] == '=' {
				return false
			}
		}
		flag := set.Lookup(word[2:])
		return flag != nil && flag.NoOptDefVal == ""
	}
	// Letters may share a dash: all but the last have no value, or the rest of
	// the word is it.
	for i := 1; i < len(word); i++ {
		flag := set.ShorthandLookup(word[i : i+1])
		if flag == nil {
			return false
		}
		if flag.NoOptDefVal == "" {
			return i == len(word)-1
		}
	}
	return false
}
