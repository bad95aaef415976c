// Package cometchattest is a stateful CometChat REST API (v3) in memory, for
// tests and demonstrations that must run without an account.
//
//	srv := cometchattest.NewServer()
//	defer srv.Close()
//	srv.SeedUsers(2500)
//
// Point any client at [Server.URL] with [Server.APIKey]. A [Server] is also an
// [http.Handler]; [New] makes one without a listener, to be served on an
// in-memory connection, for example inside a testing/synctest bubble.
//
// The package shares no types with the client it is shipped with, so a mistake
// in a JSON name cannot cancel out. It answers the way the service was recorded
// to answer rather than the way that would be convenient: 400 for an id that is
// taken, ids in lower case, newest rows first, tags only when they are asked
// for, slashes in JSON strings escaped, an odd Content-Encoding header, lists
// whose total is 0. [Routes] lists the operations it knows; every other request
// gets 404 and ERR_API_NOT_FOUND.
//
// [Server.Inject] makes requests fail in the ways networks and gateways fail,
// and [Server.Requests] tells what arrived. All methods may be called from any
// number of goroutines.
//
// Where the behaviour of the service is not public, the emulator chooses:
//   - perPage above 1,000, or a page below 1, is refused with ERR_BAD_REQUEST.
//   - The filter tags selects the users that have at least one of the tags.
//   - metadata and tags in an update replace what was there.
//   - An empty avatar or link in a body counts as not sent.
//   - Deactivating a user who is deactivated already answers
//     alreadyDeactivatedUids; reactivating an active one, nonDeactivatedUids.
//   - Rate limits are only enforced with [WithRateLimit]; otherwise the headers
//     count down and stop at 0.
package cometchattest
