package corpus

import (
	"errors"
	"fmt"
)

// lockDir takes the locks that a run needs: an unsharded run and Seal have the
// directory for themselves, shards have it together and their own shard alone.
// Of shards zero, alone is meant. The locks end with the process, however it
// ends.
func lockDir(d *disk, shard Shard) (unlock func() error, err error) {
	dir, err := acquire(d.path(lockFile), shard.sharded())
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", d.dir, err)
	}
	if !shard.sharded() {
		return func() error { return dir.release(d.before) }, nil
	}
	own, err := acquire(d.path(shard.lock()), false)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock shard %v of %s: %w", shard, d.dir, err), dir.release(d.before))
	}
	return func() error { return errors.Join(own.release(d.before), dir.release(d.before)) }, nil
}
