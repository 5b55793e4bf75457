//go:build !unix

package corpus

// nofollow is nothing where links are for administrators.
const nofollow = 0
