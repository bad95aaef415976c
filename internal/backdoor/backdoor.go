// Package backdoor lets the page of the emulator send requests to it like a
// client, but unseen. A request through the back door is not logged, is not
// subject to faults or rate limits, and has full access to the app.
package backdoor

import "context"

type key struct{}

// Open returns a context whose requests go through the back door.
func Open(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, true) }

// IsOpen reports whether a request goes through the back door.
func IsOpen(ctx context.Context) bool { return ctx.Value(key{}) != nil }
