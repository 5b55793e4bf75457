package otelsim

import (
	"context"
	"encoding/json"
	"runtime"

	"github.com/otelsim/otelsim/pkg/corpus"
)

// WriteOptions say where a corpus goes and how. Nothing of it changes content.
type WriteOptions struct {
	Dir         string             // absent or empty, unless Resume or Force is set
	Compression corpus.Compression // the zero value: none
	Level       corpus.Level       // the zero value: the fastest
	Workers     int                // segments at a time; 0: all cores

	Shard         corpus.Shard // the zero value: all segments
	Resume, Force bool         // complete an interrupted corpus; replace one

	BuildInfo []byte // becomes build-info.json; nil: the Go version
	// Progress is told after each segment, from one goroutine, how many segments
	// are there, how many there will be, and how many of the first were kept.
	Progress func(done, total, kept uint64)
}

// Write writes the corpus, or one shard of it, and returns its manifest: see
// corpus.Write for what is left when it fails, and for the errors.
func (p *Plan) Write(ctx context.Context, o WriteOptions) (*corpus.Manifest, error) {
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.BuildInfo == nil {
		o.BuildInfo, _ = json.Marshal(map[string]string{"go": runtime.Version()}) // text always encodes
	}
	return corpus.Write(ctx, corpus.WriteOptions{
		Dir: o.Dir, Header: p.Header(), Conventions: p.conventions, BuildInfo: o.BuildInfo,
		Compression: o.Compression, Level: o.Level, Workers: o.Workers, Shard: o.Shard,
		Resume: o.Resume, Force: o.Force, NewFill: p.NewFill, Progress: o.Progress,
	})
}

// Memory returns the corpus in memory, all of it: for tests, with some thousand
// sessions at most.
func (p *Plan) Memory() (*corpus.Corpus, error) {
	fill, err := p.NewFill()
	if err != nil {
		return nil, err
	}
	return corpus.InMemory(p.Header(), p.conventions, fill)
}
