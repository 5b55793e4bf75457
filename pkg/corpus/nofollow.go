//go:build unix

package corpus

import "syscall"

// nofollow keeps a file of ours from being opened through a link, and the
// opening from waiting where a pipe stands under its name.
const nofollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
