// Command outside is a program of a stranger: it is built in a module of its own
// and knows nothing but the face.
package main

import (
	"crypto/sha256"
	"fmt"
	"os"

	"github.com/otelsim/otelsim/pkg/otelsim"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	plan, err := otelsim.New(otelsim.Options{Seed: 42, Count: 20})
	if err != nil {
		return err
	}
	records, digest := 0, sha256.New()
	for r, err := range plan.Records() {
		if err != nil {
			return err
		}
		records++
		digest.Write(r.Payload)
	}
	fmt.Printf("%d records, %x\n", records, digest.Sum(nil))
	return nil
}
