package testkit

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// SeedTeam makes an app of six users, and a group that has two of them as members
// and has banned a third.
func SeedTeam(srv *cometchattest.Server) {
	srv.SeedUsers(6)
	srv.AddGroups(cometchattest.Group{
		GUID: "crew", Name: "Crew", Tags: []string{"work"}, Owner: "user-0001",
		Participants: []string{"user-0002"}, Banned: []string{"user-0003"},
	})
}

// SeedChat makes an app of three users who write to each other and in a group.
// Message 1 is from ann to bob, 2 is bob's reply, 3 is from ann to the group, 4
// is a reply to 1, and 5 is a card.
func SeedChat(srv *cometchattest.Server) {
	srv.SetClock(RecordedAt.Time)
	for _, u := range []string{"Ann", "Bob", "Cat"} {
		srv.AddUsers(cometchattest.User{UID: u, Name: u, CreatedAt: Joined.Time()})
	}
	srv.AddGroups(cometchattest.Group{GUID: "crew", Name: "Crew", Owner: "ann", Participants: []string{"bob"}, CreatedAt: Joined.Time()})
	at := RecordedAt.Time().Add(-time.Hour)
	srv.AddMessages(
		cometchattest.Message{Sender: "ann", Receiver: "bob", Text: "Lunch?", MUID: "ann-1", Tags: []string{"food"}, SentAt: at},
		cometchattest.Message{Sender: "bob", Receiver: "ann", Text: "At <b>one</b> & a half 🍜", SentAt: at},
		cometchattest.Message{Sender: "ann", Receiver: "crew", ReceiverType: "group", Text: "Hello all", SentAt: at.Add(time.Second)},
		cometchattest.Message{Sender: "bob", Receiver: "ann", Text: "Or two?", ParentID: "1", SentAt: at.Add(time.Minute)},
		cometchattest.Message{Sender: "ann", Receiver: "bob", Category: "interactive", Type: "card",
			Data: []byte(`{"interactiveData":{"text":"Pick"},"interactionGoal":{"type":"anyOf","elementIds":["yes","no"]}}`), SentAt: at.Add(2 * time.Minute)},
	)
}

// RecordedAt is the emulator's time when fixtures are recorded. Joined is the
// time when the users in them were created.
const (
	RecordedAt cometchat.UnixTime = 1767258000 // 2026-01-01T09:00:00Z
	Joined     cometchat.UnixTime = 1764579600 // 2025-12-01T09:00:00Z
)

// Seeded prepares an emulator for a fixture. It sets the clock to RecordedAt, and
// adds the role "tutor" and these users, created at Joined unless they say
// otherwise.
func Seeded(users ...cometchattest.User) func(*cometchattest.Server) {
	return func(srv *cometchattest.Server) {
		srv.SetClock(RecordedAt.Time)
		srv.AddRole("tutor")
		for i := range users {
			if users[i].CreatedAt.IsZero() {
				users[i].CreatedAt = Joined.Time()
			}
		}
		srv.AddUsers(users...)
	}
}

// Receivers, and a message for them. SeedChat makes bob and crew.
var (
	Bob  = cometchat.ToUser("bob")
	Crew = cometchat.ToGroup("crew")
	Team = cometchat.ToGroup("team")
	Hi   = &cometchat.SendMessageRequest{Text: "Hi"}
)

// SeededUIDs returns the uids of the first n users that SeedUsers makes.
func SeededUIDs(n int) []string {
	uids := make([]string, n)
	for i := range uids {
		uids[i] = fmt.Sprintf("user-%04d", i+1)
	}
	return uids
}

// Mint makes an auth token. It differs in each recording.
func Mint(t testing.TB, client *cometchat.Client, uid string) cometchat.Secret {
	t.Helper()
	token, err := client.AuthTokens.Create(t.Context(), uid, &cometchat.CreateAuthTokenRequest{Force: cometchat.Ptr(true)})
	require.NoError(t, err)
	require.NotEmpty(t, token.AuthToken)
	return token.AuthToken
}
