//go:build !unix

package foreign

// nonblock is nothing where the names of pipes are not those of files.
const nonblock = 0
