package verify_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/verify"
)

// A corpus is written and judged; then somebody changes a file of it.
func ExampleCorpus() {
	dir, err := os.MkdirTemp("", "corpus")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	plan, err := otelsim.New(otelsim.Options{Seed: 42, Count: 10})
	if err != nil {
		panic(err)
	}
	if _, err := plan.Write(context.Background(), otelsim.WriteOptions{Dir: dir}); err != nil {
		panic(err)
	}
	report, err := verify.Corpus(context.Background(), dir, verify.Options{Inputs: &otelsim.Inputs{}})
	if err != nil {
		panic(err)
	}
	fmt.Println(report.Segments, "segment,", report.Count, "findings")

	if err := os.Remove(filepath.Join(dir, "logs", "000000.pb")); err != nil {
		panic(err)
	}
	if report, err = verify.Corpus(context.Background(), dir, verify.Options{}); err != nil {
		panic(err)
	}
	for _, f := range report.Findings() {
		fmt.Println(f.Rule, "-", f)
	}
	// Output:
	// 1 segment, 0 findings
	// file-missing - logs/000000.pb: logs/000000.pb is missing
}
