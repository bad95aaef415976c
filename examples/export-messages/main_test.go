package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// account makes an emulator the account of the environment.
func account(t *testing.T) *cometchattest.Server {
	t.Helper()
	srv := cometchattest.NewServer()
	t.Cleanup(srv.Close)
	t.Setenv("COMETCHAT_REGION", "eu")
	t.Setenv("COMETCHAT_APP_ID", "")
	t.Setenv("COMETCHAT_API_KEY", srv.APIKey())
	t.Setenv("COMETCHAT_BASE_URL", srv.URL())
	return srv
}

func output(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "messages.jsonl")
}

func exported(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := run(t.Context(), args, &out)
	return out.String(), err
}

// exports checks that a file has the messages with the ids 1 to n, each once and
// in order.
func exports(t *testing.T, file string, n int) {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	i := 0
	for lines.Scan() {
		var message struct {
			ID   string
			Data struct{ Text string }
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &message))
		i++
		require.Equal(t, strconv.Itoa(i), message.ID)
		require.Equal(t, fmt.Sprint("Message ", i), message.Data.Text)
	}
	require.NoError(t, lines.Err())
	assert.Equal(t, n, i)
}

func TestExportAndGoOn(t *testing.T) {
	srv, file := account(t), output(t)
	srv.SeedMessages(2500, 100)
	out, err := exported(t, "-out", file)
	require.NoError(t, err)
	assert.Contains(t, out, "2500 messages in "+file+", 2500 of them new")
	exports(t, file, 2500)
	assert.Equal(t, 4, srv.Count("GET", "/messages"))

	out, err = exported(t, "-out", file)
	require.NoError(t, err)
	assert.Contains(t, out, "Going on after 2500 messages.")
	assert.Contains(t, out, "2500 messages in "+file+", 0 of them new")
	exports(t, file, 2500)

	srv.SeedMessages(50, 100)
	out, err = exported(t, "-out", file)
	require.NoError(t, err)
	assert.Contains(t, out, "2550 messages in "+file+", 50 of them new")
	exports(t, file, 2550)
}

func TestExportConversation(t *testing.T) {
	srv, file := account(t), output(t)
	srv.SeedUsers(3)
	srv.AddGroups(cometchattest.Group{GUID: "team", Name: "Team", Owner: "user-0001"})
	srv.AddMessages(
		cometchattest.Message{Sender: "user-0001", Receiver: "user-0002", Text: "to two"},
		cometchattest.Message{Sender: "user-0001", Receiver: "user-0003", Text: "to three"},
		cometchattest.Message{Sender: "user-0001", Receiver: "team", ReceiverType: "group", Text: "to all <&>"},
	)
	_, err := exported(t, "-out", file, "-as", "user-0001", "-with", "user-0003")
	require.NoError(t, err)
	lines, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(lines), `"to three"`)
	assert.Equal(t, 1, strings.Count(string(lines), "\n"))

	// The progress is that of another list.
	_, err = exported(t, "-out", file, "-group", "team")
	require.ErrorContains(t, err, "position")

	file = output(t)
	_, err = exported(t, "-out", file, "-group", "team")
	require.NoError(t, err)
	lines, err = os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(lines), `"to all <&>"`)
	assert.Equal(t, 1, strings.Count(string(lines), "\n"))

	_, err = exported(t, "-group", "team", "-with", "user-0002")
	require.ErrorContains(t, err, "exclude")
}

func TestExportRefuses(t *testing.T) {
	srv := account(t)
	srv.SeedMessages(10, 1)
	t.Run("a file that is none of its own", func(t *testing.T) {
		file := output(t)
		require.NoError(t, os.WriteFile(file, []byte("precious\n"), 0o600))
		_, err := exported(t, "-out", file)
		require.ErrorContains(t, err, "begin anew")
		kept, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, "precious\n", string(kept))
	})
	t.Run("a file that was cut", func(t *testing.T) {
		file := output(t)
		_, err := exported(t, "-out", file)
		require.NoError(t, err)
		require.NoError(t, os.Truncate(file, 10))
		_, err = exported(t, "-out", file)
		require.ErrorContains(t, err, "changed by something else")
	})
	t.Run("progress that is none", func(t *testing.T) {
		file := output(t)
		require.NoError(t, os.WriteFile(stateName(file), []byte("{"), 0o600))
		_, err := exported(t, "-out", file)
		require.Error(t, err)
	})
}

// What stands behind the last page that counts is cut off.
func TestExportCutsWhatDoesNotCount(t *testing.T) {
	srv, file := account(t), output(t)
	srv.SeedMessages(250, 100)
	srv.Inject(cometchattest.Fault{Path: "/messages", Skip: 1, Status: 400, Code: "ERR_BAD_REQUEST"})
	_, err := exported(t, "-out", file, "-limit", "100")
	require.ErrorContains(t, err, "stopped after 100 messages")
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(`{"id":"101","data":{"te`)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	_, err = exported(t, "-out", file, "-limit", "100")
	require.NoError(t, err)
	exports(t, file, 250)
}

func TestWithoutAnAccount(t *testing.T) {
	t.Setenv("COMETCHAT_API_KEY", "")
	file := output(t)
	for range 2 {
		out, err := exported(t, "-out", file)
		require.NoError(t, err)
		assert.Contains(t, out, "an app in memory")
		exports(t, file, madeUpMessages)
	}
}

// TestExportIsKilled kills an export of 100,000 messages at 20 random moments,
// and then once more while one answer in ten is a 429, a 503 or no answer.
func TestExportIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	const messages, kills = 100_000, 20
	program := filepath.Join(t.TempDir(), "export-messages")
	build, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, string(build))
	for name, faults := range map[string][]cometchattest.Fault{
		"server that works": nil,
		"server that fails": {
			{Status: 429, RetryAfter: "0", Every: 30, Times: cometchattest.Always},
			{Status: 503, RetryAfter: "0", Every: 30, Skip: 10, Times: cometchattest.Always},
			{DropAfter: true, Every: 30, Skip: 20, Times: cometchattest.Always},
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv, file := account(t), output(t)
			srv.SeedMessages(messages, 1000)
			for _, f := range faults {
				srv.Inject(f)
			}
			killed := 0
			for runs := 0; ; runs++ {
				require.Less(t, runs, 3*kills)
				var out strings.Builder
				export := exec.Command(program, "-out", file)
				export.Stderr = &out
				require.NoError(t, export.Start())
				if killed < kills {
					until := len(srv.Requests()) + 1 + rand.IntN(5)
					for deadline := time.Now().Add(10 * time.Second); len(srv.Requests()) < until && time.Now().Before(deadline); {
						time.Sleep(time.Millisecond)
					}
					time.Sleep(rand.N(30 * time.Millisecond))
					require.NoError(t, export.Process.Kill())
				}
				err := export.Wait()
				if err == nil {
					break
				}
				require.ErrorContains(t, err, "killed", out.String())
				killed++
			}
			assert.Equal(t, kills, killed)
			exports(t, file, messages)
		})
	}
}
