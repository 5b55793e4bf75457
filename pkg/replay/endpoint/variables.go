package endpoint

import (
	"reflect"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Variables returns the names of the variables without which Resolve would
// return something else, in the order in which it asks for them. Their values
// are for Resolve alone: some are secrets.
func Variables(f Flags, getenv func(string) string, signals ...otlp.Signal) []string {
	var asked []string
	with, err := Resolve(f, func(name string) string {
		value := getenv(name)
		if strings.TrimSpace(value) != "" && !slices.Contains(asked, name) {
			asked = append(asked, name)
		}
		return value
	}, signals...)
	return slices.DeleteFunc(asked, func(name string) bool {
		without, errWithout := Resolve(f, func(other string) string {
			if other == name {
				return ""
			}
			return getenv(other)
		}, signals...)
		return (err == nil) == (errWithout == nil) && reflect.DeepEqual(with, without)
	})
}
