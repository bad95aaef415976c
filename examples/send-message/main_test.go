package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
	"github.com/go-cometchat/cometchat/examples/internal/clitest"
)

// account starts an emulator with two users and a group, makes it the account of
// the environment, and returns a client of it.
func account(t *testing.T) (*cometchattest.Server, *cometchat.Client) {
	t.Helper()
	srv := clitest.Start(t)
	srv.AddUsers(cometchattest.User{UID: "ann", Name: "Ann"}, cometchattest.User{UID: "bob", Name: "Bob"})
	srv.AddGroups(cometchattest.Group{GUID: "team", Name: "Team", Owner: "ann"})
	client, err := cometchat.NewClientFromEnv()
	require.NoError(t, err)
	return srv, client
}

func sendMessage(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := cli.Try(t.Context(), command, args, cli.Std{Out: &out, Err: &out})
	return out.String(), err
}

func TestSend(t *testing.T) {
	tests := map[string]struct {
		args  []string
		check func(*testing.T, *cometchat.Message)
	}{
		"a text": {[]string{"-as", "ann", "-to", "bob", "-text", "Hello <Bob> & all"}, func(t *testing.T, m *cometchat.Message) {
			assert.Equal(t, "Hello <Bob> & all", m.Text())
			assert.Equal(t, "ann", m.Sender)
			assert.NotEmpty(t, m.MUID)
		}},
		"a file": {[]string{"-as", "ann", "-group", "team", "-file", "https://files.example/plan.png"}, func(t *testing.T, m *cometchat.Message) {
			assert.Equal(t, cometchat.MessageTypeImage, m.Type)
			assert.Len(t, m.Attachments(), 1)
			assert.Equal(t, "team", m.Receiver)
		}},
		"custom data": {[]string{"-as", "ann", "-to", "bob", "-custom", `{"lat":48.2}`, "-type", "place"}, func(t *testing.T, m *cometchat.Message) {
			assert.Equal(t, cometchat.MessageCategoryCustom, m.Category)
			assert.JSONEq(t, `{"lat":48.2}`, m.Data.CustomData.String())
		}},
		"from the app": {[]string{"-to", "bob", "-text", "Hi"}, func(t *testing.T, m *cometchat.Message) {
			assert.Equal(t, "app_system", m.Sender)
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, client := account(t)
			out, err := sendMessage(t, tt.args...)
			require.NoError(t, err)
			assert.Contains(t, out, "is in conversation")
			messages, err := client.Messages.List(&cometchat.MessageListOptions{
				Categories: []cometchat.MessageCategory{cometchat.MessageCategoryMessage, cometchat.MessageCategoryCustom},
			}).Collect(t.Context(), 10)
			require.NoError(t, err)
			require.Len(t, messages, 1)
			tt.check(t, messages[0])
		})
	}
}

// TestSendArrivesOnce checks that the message is sent exactly once, however the
// connection fails.
func TestSendArrivesOnce(t *testing.T) {
	tests := map[string]cometchattest.Fault{
		"dropped before": {Method: "POST", DropBefore: true, Times: 2},
		"dropped after":  {Method: "POST", DropAfter: true},
		"gateway":        {Method: "POST", Status: 504, Times: 2},
		"cut short":      {Method: "POST", TruncateJSON: true},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			srv, client := account(t)
			srv.Inject(fault)
			_, err := sendMessage(t, "-as", "ann", "-to", "bob", "-text", "Hi")
			require.NoError(t, err)
			messages, err := client.OnBehalfOf("ann").Messages.ListWith(cometchat.ToUser("bob"), nil).Collect(t.Context(), 10)
			require.NoError(t, err)
			assert.Len(t, messages, 1)
		})
	}
	srv, _ := account(t)
	srv.Inject(cometchattest.Fault{Method: "POST", Status: 504, Times: cometchattest.Always})
	_, err := sendMessage(t, "-as", "ann", "-to", "bob", "-text", "Hi")
	require.ErrorIs(t, err, cometchat.ErrOutcomeUnknown)
	assert.Equal(t, 4, srv.Count("POST", "/messages"))
}

func TestSendFails(t *testing.T) {
	account(t)
	for args, want := range map[string]error{
		"-as ann -to bob -text":               nil, // the flag needs a value
		"-as ann -text Hi":                    nil, // no receiver
		"-as ann -to bob":                     cometchat.ErrInvalidRequest,
		"-as ann -to bob -group team -text a": nil, // two receivers
		"-as ann -to bob -custom {} -type t":  cometchat.ErrInvalidRequest,
		"-as ann -to nobody -text Hi":         cometchat.ErrNotFound,
		"-as bob -group team -text Hi":        cometchat.ErrPermissionDenied,
	} {
		_, err := sendMessage(t, strings.Fields(args)...)
		require.Error(t, err, args)
		if want != nil {
			require.ErrorIs(t, err, want, args)
		}
	}
}

func TestSendAgain(t *testing.T) {
	account(t)
	for _, want := range []string{"Message 1 is in", "Message 1 was already in"} {
		out, err := sendMessage(t, "-as", "ann", "-to", "bob", "-text", "Hi", "-muid", "hi-1")
		require.NoError(t, err)
		assert.Contains(t, out, want+" conversation ann_user_bob, from ann at ")
	}
}

func TestWithoutAnAccount(t *testing.T) {
	t.Setenv("COMETCHAT_API_KEY", "")
	out, err := sendMessage(t, "-as", "ann", "-group", "team", "-text", "Hi")
	require.NoError(t, err)
	assert.Contains(t, out, "an app in memory")
	assert.Contains(t, out, "group_team")
}

func TestHello(t *testing.T) {
	t.Setenv("COMETCHAT_API_KEY", "")
	out, err := sendMessage(t)
	require.NoError(t, err)
	assert.Contains(t, out, "Message 1 is in conversation ann_user_bob, from ann")
}

func TestMain(m *testing.M) { clitest.Main(m, command) }

func TestTerminal(t *testing.T) { clitest.Terminal(t, command, 1, "-to", "user-0001", "-text", "Hi") }
