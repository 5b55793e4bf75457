package corpus_test

import (
	"context"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/verify"
)

func TestMain(m *testing.M) {
	corpus.SetVerifyFormat(func(dir string) (findings []string, err error) {
		r, err := verify.Corpus(context.Background(), dir, verify.Options{FormatOnly: true, Workers: 2})
		if err != nil {
			return nil, err
		}
		for _, f := range r.Findings() {
			findings = append(findings, f.String())
		}
		return findings, nil
	})
	m.Run()
}
