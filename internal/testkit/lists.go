package testkit

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

// WalkIDs collects the ids that a walk yields until it ends or fails.
func WalkIDs(seq func(func(*cometchat.Message, error) bool)) (ids []string, err error) {
	for m, e := range seq {
		if e != nil {
			return ids, e
		}
		ids = append(ids, m.ID)
	}
	return ids, nil
}

// UIDsOf collects the uids that a walk yields, and the error that it ends with.
func UIDsOf(seq iter.Seq2[*cometchat.User, error]) (uids []string, err error) {
	for user, e := range seq {
		if e != nil {
			err = e
			continue
		}
		uids = append(uids, user.UID)
	}
	return uids, err
}

// MustPosition returns the position that a text stands for.
func MustPosition(t testing.TB, text string) (p cometchat.Position) {
	t.Helper()
	require.NoError(t, p.UnmarshalText([]byte(text)))
	return p
}
