// Package benchmarks measures what walking a list costs with the CometChat
// client and with the clients of two other APIs, each beside a hand-written loop
// over the same responses. It has no code of its own: the benchmarks are in its
// tests, and the command ratios makes a table of what they print.
package benchmarks
