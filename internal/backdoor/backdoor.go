// Package backdoor lets the page of the emulator ask it like a client, but
// unseen: what comes in by the back door is in no log, meets no fault and no rate
// limit, and has the full access of the app.
package backdoor

import "context"

type key struct{}

// Open returns a context whose requests come in by the back door.
func Open(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, true) }

// IsOpen tells whether a request comes in by the back door.
func IsOpen(ctx context.Context) bool { return ctx.Value(key{}) != nil }
