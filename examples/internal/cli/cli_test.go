package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestExec(t *testing.T) {
	t.Setenv("COMETCHAT_API_KEY", "")
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx      context.Context
		args     []string
		result   error
		code     int
		out, err string
	}{
		"done":         {args: []string{"-n", "3"}, out: "3\n"},
		"unknown flag": {args: []string{"-x"}, code: 2, err: "demo: flag provided but not defined: -x\nCall demo -h for help.\n"},
		"bad value":    {args: []string{"-n", "x"}, code: 2, err: "demo: invalid value \"x\" for flag -n: parse error\nCall demo -h for help.\n"},
		"stray":        {args: []string{"-n", "1", "foo"}, code: 2, err: "demo: what is \"foo\" for? It takes flags only\nCall demo -h for help.\n"},
		"refused":      {result: Usage("-n must be %d", 1), code: 2, out: "7\n", err: "demo: -n must be 1\nCall demo -h for help.\n"},
		"failed":       {result: errors.New("no"), code: 1, out: "7\n", err: "demo: no\n"},
		"failed halfway": {result: Stopped(t.Context(), errors.New("no"), "after 2 pages"), code: 1, out: "7\n",
			err: "demo: stopped after 2 pages: no\n"},
		"interrupted": {ctx: interrupted, result: context.Canceled, code: 130, out: "7\n", err: "demo: stopped by Ctrl-C\n"},
		"interrupted halfway": {ctx: interrupted, result: Stopped(interrupted, context.Canceled, "after 2 pages"), code: 130, out: "7\n",
			err: "demo: stopped by Ctrl-C after 2 pages\n"},
		"help": {args: []string{"-h"}, out: `Demo counts.

Flags:
  -n int
    	how far (default 7)

Environment:
  COMETCHAT_REGION, COMETCHAT_API_KEY
        the account to work on: its region, such as us or eu, and a key
  COMETCHAT_APP_ID, COMETCHAT_BASE_URL
        the app and the API's whole base URL, where they are needed
Without COMETCHAT_API_KEY it works on an app in memory,
with nobody in it.
`},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.ctx == nil {
				tt.ctx = t.Context()
			}
			var out, err strings.Builder
			code := Exec(tt.ctx, Command{Name: "demo", Help: "Demo counts.", Memory: "with nobody in it", Run: func(_ context.Context, c *Call) error {
				n := c.Flags.Int("n", 7, "how far")
				if err := c.Parse(); err != nil {
					return err
				}
				_, err := c.Out.Write([]byte(Number(*n) + "\n"))
				return errors.Join(err, tt.result)
			}}, tt.args, Std{&out, &err})
			assert.Equal(t, tt.code, code)
			assert.Equal(t, tt.out, out.String())
			assert.Equal(t, tt.err, err.String())
		})
	}
}

func TestConnect(t *testing.T) {
	srv := cometchattest.Start(t)
	srv.SeedUsers(3)
	connect := func() (said string, users int) {
		var out strings.Builder
		c := &Call{Std: Std{Err: &out}, Command: &Command{Memory: "with two users", Seed: func(s *cometchattest.Server) { s.SeedUsers(2) }}}
		client, done, err := c.Connect()
		require.NoError(t, err)
		defer done()
		users, err = client.Users.Count(t.Context(), nil)
		require.NoError(t, err)
		return out.String(), users
	}
	t.Setenv("COMETCHAT_API_KEY", "")
	said, users := connect()
	assert.Equal(t, "COMETCHAT_API_KEY is not set: working on an app in memory, with two users.\n", said)
	assert.Equal(t, 2, users)
	for _, variable := range srv.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	said, users = connect()
	assert.Equal(t, "Working on the account named by COMETCHAT_API_KEY.\n", said)
	assert.Equal(t, 3, users)
}

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{
		0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567", -1: "-1", -123: "-123", -1234: "-1,234",
	} {
		assert.Equal(t, want, Number(n))
	}
	assert.Equal(t, "1 user", Count(1, "user"))
	assert.Equal(t, "2,500 users", Count(2500, "user"))
}

func TestIsTerminal(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer file.Close()
	assert.False(t, IsTerminal(file))
	assert.False(t, IsTerminal(&strings.Builder{}))
}
