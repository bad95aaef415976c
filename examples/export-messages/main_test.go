package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/examples/internal/archive"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
	"github.com/go-cometchat/cometchat/examples/internal/clitest"
)

func output(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "messages.jsonl")
}

func exported(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := cli.Try(t.Context(), command, args, cli.Std{Out: &out, Err: &out})
	return out.String(), err
}

// exports checks that a file has the messages with the ids 1 to n, each once, in
// order, and byte for byte as the server sends them. It also checks that nothing
// is left beside the file except its state.
func exports(t *testing.T, srv *cometchattest.Server, file string, n int) {
	t.Helper()
	var want []byte
	for query := "limit=1000"; ; {
		var page struct {
			Data []json.RawMessage
			Meta struct {
				Next struct{ ID string }
			}
		}
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v3/messages?"+query, nil)
		r.Header.Set("apikey", srv.APIKey())
		srv.ServeHTTP(w, r)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
		if len(page.Data) == 0 {
			break
		}
		for _, message := range page.Data {
			want = append(append(want, message...), '\n')
		}
		query = "limit=1000&affix=append&id=" + page.Meta.Next.ID
	}
	require.Equal(t, n, bytes.Count(want, []byte("\n")))
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	if !bytes.Equal(want, got) { // without printing them
		t.Errorf("the file has %d lines that are not what the server sent", bytes.Count(got, []byte("\n")))
	}
	beside, err := filepath.Glob(file + "*")
	require.NoError(t, err)
	assert.Equal(t, []string{file, file + ".state"}, beside)
}

func TestExportAndGoOn(t *testing.T) {
	srv, file := clitest.Start(t), output(t)
	srv.SeedMessages(2500, 100)
	out, err := exported(t, "-out", file)
	require.NoError(t, err)
	assert.Contains(t, out, "2,500 messages in "+file+", 2,500 of them new")
	assert.Equal(t, 4, srv.Count("GET", "/messages"))
	exports(t, srv, file, 2500)

	out, err = exported(t, "-out", file)
	require.NoError(t, err)
	assert.Contains(t, out, "Going on after 2,500 messages.")
	assert.Contains(t, out, "2,500 messages in "+file+", 0 of them new")
	exports(t, srv, file, 2500)

	srv.SeedMessages(50, 100)
	out, err = exported(t, "-out", file)
	require.NoError(t, err)
	assert.Contains(t, out, "2,550 messages in "+file+", 50 of them new")
	exports(t, srv, file, 2550)
}

func TestExportConversation(t *testing.T) {
	srv, file := clitest.Start(t), output(t)
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

	// The progress belongs to another list.
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
	srv := clitest.Start(t)
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
		require.NoError(t, os.WriteFile(file+".state", []byte("{"), 0o600))
		_, err := exported(t, "-out", file)
		require.Error(t, err)
	})
}

// TestExportCutsWhatDoesNotCount checks that everything after the last page that
// counts is cut off.
func TestExportCutsWhatDoesNotCount(t *testing.T) {
	srv, file := clitest.Start(t), output(t)
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
	exports(t, srv, file, 250)
}

func TestWithoutAnAccount(t *testing.T) {
	t.Setenv("COMETCHAT_API_KEY", "")
	file := output(t)
	srv := cometchattest.Start(t, command.Server...)
	command.Seed(srv)
	for range 2 {
		out, err := exported(t, "-out", file)
		require.NoError(t, err)
		assert.Contains(t, out, "an app in memory")
		exports(t, srv, file, madeUpMessages)
	}
}

// TestExportInParallel checks that the number of workers may change from run to
// run, and that unfinished windows continue where they were.
func TestExportInParallel(t *testing.T) {
	srv, file := clitest.Start(t), output(t)
	srv.SeedMessages(3000, 7)
	srv.Inject(cometchattest.Fault{Path: "/messages", Skip: 40, Status: 400, Code: "ERR_BAD_REQUEST"})
	_, err := exported(t, "-out", file, "-limit", "20", "-parallel", "8")
	require.ErrorContains(t, err, "call it again to go on")
	srv.Inject(cometchattest.Fault{Path: "/messages", Skip: 40, Status: 400, Code: "ERR_BAD_REQUEST"})
	_, err = exported(t, "-out", file, "-limit", "30")
	require.ErrorContains(t, err, "call it again to go on")
	_, err = exported(t, "-out", file, "-limit", "1000", "-parallel", "3")
	require.NoError(t, err)
	exports(t, srv, file, 3000)

	srv.SeedMessages(50, 7)
	out, err := exported(t, "-out", file, "-parallel", "8")
	require.NoError(t, err)
	assert.Contains(t, out, "3,050 messages in "+file+", 50 of them new")
	exports(t, srv, file, 3050)

	_, err = exported(t, "-out", file, "-group", "team")
	require.ErrorContains(t, err, "position")
	_, err = exported(t, "-out", output(t), "-parallel", "0")
	require.ErrorContains(t, err, "-parallel must be 1 or more")
}

// TestExportOfNothing checks that an app without messages may get some later.
func TestExportOfNothing(t *testing.T) {
	srv, file := clitest.Start(t), output(t)
	for range 2 {
		_, err := exported(t, "-out", file, "-parallel", "4")
		require.NoError(t, err)
	}
	srv.SeedMessages(30, 1)
	_, err := exported(t, "-out", file, "-parallel", "4")
	require.NoError(t, err)
	exports(t, srv, file, 30)
}

// TestEightWorkers exports 100,000 messages in pages of 100 at 50 ms a request.
func TestEightWorkers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	took := map[int]time.Duration{}
	for _, workers := range []int{1, 8} {
		synctest.Test(t, func(t *testing.T) {
			srv := cometchattest.New()
			defer srv.Close()
			srv.SeedMessages(100_000, 20)
			srv.Inject(cometchattest.Fault{Latency: 50 * time.Millisecond, Times: cometchattest.Always})
			client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithRawItems(),
				cometchat.WithHTTPClient(&http.Client{Transport: srv.Transport()}))
			require.NoError(t, err)
			file, begun := output(t), time.Now()
			require.NoError(t, archive.Export(t.Context(), archive.App(client, 100), file, workers, io.Discard))
			took[workers] = time.Since(begun)
			srv.ClearFaults()
			exports(t, srv, file, 100_000)
		})
	}
	t.Logf("%s by one worker, %s by eight: %.1f times as fast", took[1], took[8], float64(took[1])/float64(took[8]))
	assert.Greater(t, took[1], 5*took[8])
}

// TestExportIsKilled kills exports of 100,000 messages at 20 random moments each,
// also while one request in ten gets a 429, a 503 or no response.
func TestExportIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	const messages, kills = 100_000, 20
	failing := []cometchattest.Fault{
		{Status: 429, RetryAfter: "0", Every: 30, Times: cometchattest.Always},
		{Status: 503, RetryAfter: "0", Every: 30, Skip: 10, Times: cometchattest.Always},
		{DropAfter: true, Every: 30, Skip: 20, Times: cometchattest.Always},
	}
	for name, tt := range map[string]struct {
		args   []string
		pages  int // how many pages a run may get before it is killed
		faults []cometchattest.Fault
	}{
		"one worker":                 {nil, 5, nil},
		"eight workers":              {[]string{"-parallel", "8", "-limit", "200"}, 30, nil},
		"eight, a server that fails": {[]string{"-parallel", "8", "-limit", "200"}, 30, failing},
	} {
		t.Run(name, func(t *testing.T) {
			srv, file := clitest.Start(t), output(t)
			srv.SeedMessages(messages, 1000)
			for _, f := range tt.faults {
				srv.Inject(f)
			}
			killed := 0
			for runs := 0; ; runs++ {
				require.Less(t, runs, 3*kills)
				export, _, out := clitest.Process(t, nil, append(tt.args, "-out", file)...)
				require.NoError(t, export.Start())
				if killed < kills {
					until := len(srv.Requests()) + 1 + rand.IntN(tt.pages)
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
			srv.ClearFaults()
			exports(t, srv, file, messages)
		})
	}
}

// TestExportCreatesNothingBeforeAPage checks that an export that never gets a
// page leaves nothing behind.
func TestExportCreatesNothingBeforeAPage(t *testing.T) {
	for _, workers := range []string{"1", "4"} {
		srv, file := clitest.Start(t), output(t)
		srv.SeedMessages(30, 1)
		srv.Inject(cometchattest.Fault{Path: "/messages", Status: 401, Code: "AUTH_ERR_APIKEY_NOT_FOUND", Times: cometchattest.Always})
		_, err := exported(t, "-out", file, "-parallel", workers)
		require.ErrorIs(t, err, cometchat.ErrUnauthorized)
		beside, err := filepath.Glob(file + "*")
		require.NoError(t, err)
		assert.Empty(t, beside)
		srv.ClearFaults()
		_, err = exported(t, "-out", file, "-parallel", workers)
		require.NoError(t, err)
		exports(t, srv, file, 30)
	}
}

func TestMain(m *testing.M) { clitest.Main(m, command) }

func TestTerminal(t *testing.T) {
	file := output(t)
	clitest.Terminal(t, command, 1, "-out", file)
	assert.NoFileExists(t, file)
}

// TestProgressInAFile checks that a log file gets whole lines instead of a line
// that is overwritten.
func TestProgressInAFile(t *testing.T) {
	srv := clitest.Start(t)
	srv.SeedMessages(3000, 10)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer log.Close()
	cmd, out, _ := clitest.Process(t, nil, "-out", output(t))
	cmd.Stderr = log
	require.NoError(t, cmd.Run())
	assert.Empty(t, out.String())
	text, err := os.ReadFile(log.Name())
	require.NoError(t, err)
	assert.Regexp(t, `\A`+clitest.Account+`3,000 messages in \S+, 3,000 of them new, in \S+\.\n\z`, string(text))
}

// BenchmarkExport exports 10,000 messages in pages of 100 at 50 ms a request. Its
// processor time includes the server's work.
func BenchmarkExport(b *testing.B) {
	srv := cometchattest.New()
	defer srv.Close()
	srv.SeedMessages(10_000, 20)
	srv.Inject(cometchattest.Fault{Latency: 50 * time.Millisecond, Times: cometchattest.Always})
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithRawItems(),
		cometchat.WithHTTPClient(&http.Client{Transport: srv.Transport()}))
	require.NoError(b, err)
	for _, workers := range []int{1, 8} {
		b.Run(strconv.Itoa(workers), func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, archive.Export(b.Context(), archive.App(client, 100), filepath.Join(b.TempDir(), "messages.jsonl"), workers, io.Discard))
			}
			b.ReportMetric(float64(b.N)*10_000/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
