package registry

import (
	"strconv"
	"strings"
	"sync"

	"github.com/otelsim/otelsim/config"
)

// officialURL is the schema of the bundled official registry.
const officialURL = official + "1.45.0-unreleased"

// Bundled returns the facts of OpenTelemetry's official registry, and above them
// those of its registry for GenAI, to which gen_ai, mcp, a2a and openai have
// moved. They are read when first asked for, which takes a few milliseconds.
//
// What is read is the packed form of config/registry/*.yaml, which people read and
// change; a test holds the two together.
func Bundled() *Registry { return bundled() }

var bundled = sync.OnceValue(func() *Registry {
	r, err := unpackAll(config.Registries)
	if err != nil {
		panic(err) // the program's own file, which tests read
	}
	return Layer(r...)
})

// packAll packs registries one after the other, each behind its length.
func packAll(all ...*Registry) string {
	var b strings.Builder
	for _, r := range all {
		packed := pack(r)
		b.WriteString(strconv.Itoa(len(packed)) + "\n")
		b.Write(packed)
	}
	return b.String()
}

// unpackAll reads what packAll wrote.
func unpackAll(data string) (all []*Registry, err error) {
	for data != "" {
		length, rest, _ := strings.Cut(data, "\n")
		n, err := strconv.Atoi(length)
		if err != nil || n < 0 || n > len(rest) {
			return nil, errPacked
		}
		r, err := unpack(rest[:n])
		if err != nil {
			return nil, err
		}
		all, data = append(all, r), rest[n:]
	}
	return all, nil
}
