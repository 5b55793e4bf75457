// Command goreleaser reads a configuration of goreleaser by its own rules: keys that it does
// not have are errors. It is a module of its own for the sake of its dependencies.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
)

func main() {
	p, err := config.Load(os.Args[1])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(p)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
