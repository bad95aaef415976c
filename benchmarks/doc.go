// Package benchmarks measures the cost of walking a list with the CometChat
// client and with the clients of two other APIs, each compared with a
// hand-written loop over the same responses. It has no code of its own: the
// benchmarks are in its tests, and the command ratios makes a table of their
// output.
package benchmarks
