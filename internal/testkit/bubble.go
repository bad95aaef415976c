package testkit

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/memnet"
)

// Bubble is an emulator on an in-memory network, for use inside synctest.
type Bubble struct {
	*cometchattest.Server
	Net    *memnet.Listener
	Client *cometchat.Client
	Seen   atomic.Int64 // requests that reached the server, including dropped ones
}

// InBubble returns an emulator of three users on an in-memory network.
func InBubble(t *testing.T, opts []cometchat.Option, server ...cometchattest.Option) *Bubble {
	b := &Bubble{Server: cometchattest.New(server...), Net: memnet.Listen()}
	b.SeedUsers(3)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.Seen.Add(1)
		b.ServeHTTP(w, r)
	})}
	go func() { _ = srv.Serve(b.Net) }()
	hc := b.Net.HTTPClient()
	t.Cleanup(func() {
		b.Close()
		hc.CloseIdleConnections()
		_ = srv.Close()
	})
	b.Client = Client(t, "http://127.0.0.1/v3", b.APIKey(), append(opts, cometchat.WithHTTPClient(hc))...)
	return b
}

// GetOne gets a user.
func GetOne(ctx context.Context, c *cometchat.Client) error {
	_, err := c.Users.Get(ctx, "user-0001")
	return err
}

// CreateOne creates a user.
func CreateOne(ctx context.Context, c *cometchat.Client) error {
	_, err := c.Users.Create(ctx, &cometchat.CreateUserRequest{UID: "new", Name: "New"})
	return err
}

// UpdateOne renames a user.
func UpdateOne(ctx context.Context, c *cometchat.Client) error {
	_, err := c.Users.Update(ctx, "user-0001", &cometchat.UpdateUserRequest{Name: cometchat.Ptr("Other")})
	return err
}

// DeleteOne deletes a user.
func DeleteOne(ctx context.Context, c *cometchat.Client) error {
	return c.Users.Delete(ctx, "user-0001", nil)
}
