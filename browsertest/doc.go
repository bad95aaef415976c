// Package browsertest tests the page of the emulator in a real browser. It is a
// separate module, so that users of the library do not get its dependencies.
package browsertest
