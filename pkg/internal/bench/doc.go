// Package bench measures the stages of writing a corpus against each other, and the
// commands, as whole processes, against the least that their work takes. It
// holds nothing but benchmarks, because what they measure together no package
// may import together.
package bench
