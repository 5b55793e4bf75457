//go:build linux

package rlimit

import "syscall"

// Check returns an error when this process may open too few files, or has too
// little address space, to do anything.
func Check() error {
	var files, space syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files) != nil || syscall.Getrlimit(syscall.RLIMIT_AS, &space) != nil {
		return nil // there is no telling
	}
	return check(files.Cur, space.Cur)
}
