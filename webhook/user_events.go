package webhook

import (
	"context"

	"github.com/go-cometchat/cometchat"
)

// UserBlocked reports that a user blocked others. It has no key, since it
// contains no time: a second delivery of it runs the callback again.
type UserBlocked struct {
	Envelope `json:"-"`
	// Users are the blocked users by uid; By is the user who blocked them.
	Users map[string]cometchat.User `json:"users"`
	By    cometchat.User            `json:"by"`
}

// OnUserBlocked calls f for every user_blocked.
func (h *Handler) OnUserBlocked(f func(context.Context, *UserBlocked) error) {
	on(h, TriggerUserBlocked, f)
}

// UserUnblocked reports that a user unblocked others. It has no key, since it
// contains no time: a second delivery of it runs the callback again.
type UserUnblocked struct {
	Envelope `json:"-"`
	// Users are the unblocked users by uid; By is the user who unblocked them.
	Users map[string]cometchat.User `json:"users"`
	By    cometchat.User            `json:"by"`
}

// OnUserUnblocked calls f for every user_unblocked.
func (h *Handler) OnUserUnblocked(f func(context.Context, *UserUnblocked) error) {
	on(h, TriggerUserUnblocked, f)
}

// UserConnectionStatusChanged reports that a user connected or disconnected.
type UserConnectionStatusChanged struct {
	Envelope  `json:"-"`
	Timestamp cometchat.UnixMilli  `json:"timestamp"`
	User      cometchat.User       `json:"user"`
	Status    cometchat.UserStatus `json:"status"` // "online" or "offline"
	// CurrentConnection is the connection that was opened or closed.
	CurrentConnection Connection `json:"currentConnection"`
	// UserPresenceChanged is false if another connection of the user is open:
	// then the user is still present.
	UserPresenceChanged bool `json:"userPresenceChanged"`
}

// Connection is a connection of a user.
type Connection struct {
	Action      string              `json:"action"`   // "connected" or "disconnected"
	Platform    string              `json:"platform"` // such as "javascript"
	ConnectedAt cometchat.UnixMilli `json:"connectedAt"`
}

// OnUserConnectionStatusChanged calls f for every user_connection_status_changed.
func (h *Handler) OnUserConnectionStatusChanged(f func(context.Context, *UserConnectionStatusChanged) error) {
	on(h, TriggerUserConnectionStatusChanged, f)
}

func (e *UserConnectionStatusChanged) key() []string {
	return []string{e.User.UID, number(e.Timestamp), string(e.Status)}
}
