package match

import "context"

// CheckByLaps is Check with the bound from which on the laps of a segment are joined
// one after the other, in bytes.
func CheckByLaps(ctx context.Context, o Options, judge Judge, lapsAtOnce int64) (*Summary, error) {
	c := newChecker(o, judge)
	c.lapsAtOnce = lapsAtOnce
	return c.run(ctx)
}
