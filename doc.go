// Package cometchat is a client for the CometChat REST API, version 3: the
// server side of a chat, for Go backends.
//
//	client, err := cometchat.NewClient(cometchat.RegionEU, apiKey, cometchat.WithAppID(appID))
//	if err != nil {
//		return err
//	}
//	for user, err := range client.Users.List(nil).All(ctx) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(user.UID, user.Name)
//	}
//
// # Client
//
// A [Client] has a service for each resource: [Client.Users],
// [Client.AuthTokens] and so on. It is immutable and safe for any number of
// goroutines. [Client.With] derives one with other options, for a single call
// or for many, and [Client.OnBehalfOf] one for which a user acts.
//
// Every method takes a context first, then the ids it needs, then one struct
// with all that is optional, which may be nil where everything is. In an update
// a nil field is left alone, an empty one is sent, and Unset names what to
// clear.
//
// # Lists
//
// List methods give a [PageList] or a [CursorList]: a lazy value that fetches
// pages as it is ranged over. All yields the items, Pages the pages, Collect a
// bounded number of items, First one page. A [Position] says where a page
// begins and goes through text or JSON, so that a walk can go on in another
// process: List(...).From(position).
//
// # Errors
//
// A response that is not a success is an [*Error], in whatever form it came. A
// call without a response is a [*TransportError], and a request that is wrong in
// itself a [*ValidationError], found before anything is sent. All of them match
// the categories ([ErrNotFound], [ErrAlreadyExists], ...) with errors.Is, and an
// *Error also its code: errors.Is(err, CodeUIDAlreadyExists).
//
// # Retries
//
// Rate-limited requests are repeated for every method; gateway errors and
// broken connections only where repeating is harmless. A write that may have
// been carried out is not sent again: its error matches [ErrOutcomeUnknown]. See
// [RetryPolicy].
//
// # Secrets
//
// Neither the API key nor an auth token shows in an error or a log line of this
// package, not even where the server sends one back. Tokens are of type
// [Secret], which fmt and slog print as [redacted]; string(s) gives the value.
// Its comment names the places where Go gives a type no say and the value shows.
//
// # Testing
//
// Package cometchattest has the API in memory, for tests of your own code.
package cometchat
