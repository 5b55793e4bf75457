package registry

import (
	"strconv"
	"strings"
	"sync"

	"github.com/otelsim/otelsim/config"
)

// The schemas of the bundled registries.
const (
	officialURL = official + "1.45.0-unreleased"
	genaiURL    = official + "gen-ai/1.42.0-unreleased"
)

// Bundled returns the facts of OpenTelemetry's official registry, and above them
// those of its registry for GenAI, to which gen_ai, mcp, a2a and openai have
// moved. They are read when first asked for, which takes a few milliseconds.
//
// What is read is the packed form of config/registry/*.yaml, which people read and
// change; a test holds the two together.
func Bundled() *Registry { return bundled() }

var bundled = sync.OnceValue(func() *Registry { return Layer(bundledLayers()...) })

// bundledLayers returns the registries of Bundled, each as registries see it that
// depend on it: what has moved to the second one is hidden in the first.
var bundledLayers = sync.OnceValue(func() []*Registry {
	layers, err := unpackAll(config.Registries)
	if err != nil {
		panic(err) // the program's own file, which tests read
	}
	hidden := make(map[string]bool)
	moved := func(kind groupKind, name string) {
		switch space, _, _ := strings.Cut(name, "."); space {
		case "gen_ai", "mcp", "a2a", "openai":
			hidden[idPrefixes[kind]+name] = true
		}
	}
	for _, a := range layers[0].Attributes {
		moved(plainGroup, a.Key)
	}
	for _, s := range layers[0].Spans {
		moved(spanGroup, s.Type)
	}
	for _, m := range layers[0].Metrics {
		moved(metricGroup, m.Name)
	}
	for _, e := range layers[0].Events {
		moved(eventGroup, e.Name)
	}
	layers[0].hidden = hidden
	return layers
})

// bundledAt returns the bundled registry of a schema, of whatever version.
func bundledAt(url string) (*Registry, bool) {
	if !strings.HasPrefix(url, official) {
		return nil, false
	}
	if strings.HasPrefix(url, official+"gen-ai/") {
		return bundledLayers()[1], true
	}
	return bundledLayers()[0], true
}

// bundledHome returns the bundled registry that defines an attribute.
func bundledHome(key string) (home *Registry, ok bool) {
	for _, r := range bundledLayers() { // the second has rows of the first, for its uses
		if _, ok := r.index.attributes[key]; ok && !r.hidden[key] {
			return r, true
		}
	}
	return nil, false
}

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
