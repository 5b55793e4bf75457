package main

import (
	"fmt"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/replay"
)

// checkShard refuses what a shard of a corpus cannot be asked for. The caller
// divides the rate: the schedule knows nothing of the other shards.
func (c *replayCommand) checkShard(src replay.Source) error {
	shard := replay.ShardOf(src)
	if shard.Of == 0 {
		return nil
	}
	name := text.Clean(src.String())
	if c.shard != "" {
		return fmt.Errorf("--shard %s: %s holds shard %v of its corpus already: give each shard its part of the rate instead", c.shard, name, shard)
	}
	if c.pacer.Unit() == replay.UnitRecorded {
		return fmt.Errorf("%s holds shard %v of its corpus, whose recorded timeline has gaps where the others are: "+
			"want its part of the rate, with --rps or --items-per-second, or --max", name, shard)
	}
	return nil
}
