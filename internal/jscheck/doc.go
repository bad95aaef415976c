// Package jscheck holds a test that uses the vendor's JavaScript SDK as a
// witness. What the SDK reads from the emulator must be what the Go client wrote
// and reads, and the other way round. Two independently written clients that
// agree on every field are better evidence than one that agrees with its own
// server.
//
// The test needs Node.js 18 or later and npm. The first time, npm fetches the
// packages pinned in package-lock.json into the user's cache folder. The test is
// skipped if that is not possible, and by go test -short.
package jscheck
