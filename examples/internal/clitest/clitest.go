// Package clitest tests the example commands as processes: what they print, and
// how they end, at a terminal and in a pipe.
package clitest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
)

// asCommand is set in the environment of a test process that runs the command
// itself.
const asCommand = "CLITEST_COMMAND"

// Main is the TestMain of a command.
func Main(m *testing.M, c cli.Command) {
	if os.Getenv(asCommand) != "" {
		cli.Main(c)
	}
	os.Exit(m.Run())
}

// Account is the first line of commands that work on an account.
const Account = "Working on the account named by COMETCHAT_API_KEY.\n"

// Process returns the command as a separate process, with its standard output and
// its standard error.
func Process(t *testing.T, environ []string, args ...string) (cmd *exec.Cmd, out, said *strings.Builder) {
	t.Helper()
	cmd, out, said = exec.Command(os.Args[0], args...), &strings.Builder{}, &strings.Builder{}
	cmd.Env = append(append(os.Environ(), asCommand+"=1"), environ...)
	cmd.Stdout, cmd.Stderr = out, said
	return cmd, out, said
}

// Start returns an emulator and makes it the account of the environment.
func Start(t *testing.T, opts ...cometchattest.Option) *cometchattest.Server {
	t.Helper()
	srv := cometchattest.Start(t, opts...)
	for _, variable := range srv.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	return srv
}

func code(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// Terminal tests what all commands have in common. Each mistake is reported once,
// in one sentence, with the exit code that shells expect. workers is the number
// of requests that may get an error at the same time. args are the arguments of
// the command.
func Terminal(t *testing.T, c cli.Command, workers int, args ...string) {
	t.Run("wrong key", func(t *testing.T) {
		srv := cometchattest.Start(t)
		cmd, _, said := Process(t, append(srv.Environ(), "COMETCHAT_API_KEY=another-key"), args...)
		assert.Equal(t, 1, code(cmd.Run()))
		text := failure(t, c, said)
		assert.Equal(t, 1, strings.Count(text, "401 AUTH_ERR_APIKEY_NOT_FOUND"), text)
		assert.NotContains(t, text, "another-key")
		assert.LessOrEqual(t, len(srv.Requests()), workers)
	})
	t.Run("closed port", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		base := "http://" + listener.Addr().String() + "/v3"
		require.NoError(t, listener.Close())
		cmd, _, said := Process(t, []string{"COMETCHAT_API_KEY=key", "COMETCHAT_REGION=us", "COMETCHAT_BASE_URL=" + base}, args...)
		assert.Equal(t, 1, code(cmd.Run()))
		text := failure(t, c, said)
		assert.Regexp(t, `: 4 attempts: dial tcp \S+: .*refused`, text)
	})
	t.Run("Ctrl-C", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("Windows sends no signals to single processes")
		}
		srv := cometchattest.Start(t)
		srv.Inject(cometchattest.Fault{Latency: time.Hour, Times: cometchattest.Always})
		cmd, _, said := Process(t, srv.Environ(), args...)
		require.NoError(t, cmd.Start())
		require.Eventually(t, func() bool { return len(srv.Requests()) > 0 }, 10*time.Second, time.Millisecond)
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		assert.Equal(t, 130, code(cmd.Wait()))
		assert.Regexp(t, `\A`+regexp.QuoteMeta(Account+c.Name+": stopped by Ctrl-C")+`( (after|with) [^:]*)?\n\z`, said.String())
		t.Logf("%s", said)
	})
	t.Run("mistakes", func(t *testing.T) {
		for want, args := range map[string][]string{
			"flag provided but not defined: -no-such-flag": {"-no-such-flag"},
			`what is "foo" for? It takes flags only`:       append(append([]string{}, args...), "foo"),
		} {
			cmd, out, said := Process(t, nil, args...)
			assert.Equal(t, 2, code(cmd.Run()))
			assert.Empty(t, out.String())
			assert.Equal(t, fmt.Sprintf("%s: %s\nCall %s -h for help.\n", c.Name, want, c.Name), said.String())
		}
	})
	t.Run("help", func(t *testing.T) {
		cmd, out, said := Process(t, nil, "-h")
		assert.Equal(t, 0, code(cmd.Run()))
		assert.Empty(t, said.String())
		assert.True(t, strings.HasPrefix(out.String(), strings.TrimSpace(c.Help)+"\n\nFlags:\n"), out)
		for _, line := range strings.Split(out.String(), "\n") {
			assert.LessOrEqual(t, len(line), 100, line)
		}
	})
}

// failure returns the one line with which a command reports its failure.
func failure(t *testing.T, c cli.Command, said *strings.Builder) string {
	t.Helper()
	text, ok := strings.CutPrefix(said.String(), Account+c.Name+": ")
	assert.True(t, ok, said)
	assert.Equal(t, 1, strings.Count(text, "\n"), "one line: %s", said)
	t.Logf("%s: %s", c.Name, text)
	return text
}
