// Package jscheck holds a test that has the vendor's JavaScript SDK as a
// witness: what that SDK reads from the emulator must be what the Go client
// wrote and reads, and the other way round. Two clients written apart that
// agree on every field are better evidence than one that agrees with its own
// server.
//
// The test needs Node.js 18 or later and npm, which fetches the packages pinned
// in package-lock.json into the user's cache folder the first time; it is
// skipped where that cannot be done, and by go test -short.
package jscheck
