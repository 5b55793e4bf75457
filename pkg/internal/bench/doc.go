// Package bench measures the stages of writing a corpus against each other. It
// holds nothing but benchmarks, because what they measure together no package
// may import together.
package bench
