//go:build unix

package foreign

import "syscall"

// nonblock keeps the opening of a pipe from waiting for its other end, and of a
// terminal from becoming the one that sends us signals.
const nonblock = syscall.O_NONBLOCK | syscall.O_NOCTTY
