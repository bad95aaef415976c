// Package browsertest drives the page of the emulator in a real browser. It is a
// module of its own, so that nobody who uses the library sees its dependencies.
package browsertest
