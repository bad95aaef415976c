package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// env returns an environment for run.
func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestUsage(t *testing.T) {
	used, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = used.Close() }()
	dir := t.TempDir()
	seed := filepath.Join(dir, "seed.json")
	require.NoError(t, os.WriteFile(seed, []byte("{\n  \"users\": [{\"uid\": \"\"}]\n}"), 0o600))
	cut := filepath.Join(dir, "cut.jsonl")
	require.NoError(t, os.WriteFile(cut, []byte(`{"format":"cometchat-emulator","version":1}`+"\n"), 0o600))
	for name, test := range map[string]struct {
		args []string
		env  map[string]string
		code int
		says string
	}{
		"a flag that is none":       {[]string{"--prot"}, nil, 2, "flag provided but not defined: -prot"},
		"an argument":               {[]string{"--page", "x"}, nil, 2, `no argument "x"`},
		"a command that is none":    {[]string{"stat"}, nil, 2, `no command "stat"`},
		"a remote address":          {[]string{"--listen", "0.0.0.0:0"}, nil, 2, "--allow-remote"},
		"every interface":           {[]string{"--listen", ":0"}, nil, 2, "--allow-remote"},
		"no address":                {[]string{"--listen", "8789"}, nil, 2, "is no address"},
		"a bad number":              {[]string{"--seed-users", "many"}, nil, 2, `--seed-users: "many": it is a number from 0`},
		"a bad variable":            {nil, map[string]string{"COMETCHAT_EMULATOR_SEED_USERS": "-1"}, 2, `COMETCHAT_EMULATOR_SEED_USERS: "-1"`},
		"a bad size":                {[]string{"--keep-bytes", "3 apples"}, nil, 2, "such as"},
		"a bad clock":               {[]string{"--clock", "noon"}, nil, 2, "it is a time such as"},
		"a bad trigger":             {[]string{"--webhook-triggers", "message_send"}, nil, 2, `the nearest is "message_sent"`},
		"a bad URL":                 {[]string{"--webhook", "ftp://x"}, nil, 2, "http or https"},
		"a bad word":                {[]string{"--log", "yaml"}, nil, 2, "text, json, off"},
		"a bad port":                {nil, map[string]string{"PORT": "http"}, 2, `PORT: "http" is no port`},
		"a password without a user": {nil, map[string]string{"COMETCHAT_EMULATOR_WEBHOOK_PASSWORD": "p"}, 2, "--webhook-user"},
		"no snapshot to write":      {[]string{"--snapshot-every", "1s"}, nil, 2, "needs --snapshot"},
		"a seed that is not there":  {[]string{"--listen", "127.0.0.1:0", "--seed", "/nowhere.json"}, nil, 3, "/nowhere.json"},
		"a seed that is wrong":      {[]string{"--listen", "127.0.0.1:0", "--seed", seed}, nil, 3, "seed.json:2:"},
		"a snapshot that is cut":    {[]string{"--listen", "127.0.0.1:0", "--snapshot", cut}, nil, 3, "cut.jsonl: line 2"},
		"an address in use":         {[]string{"--listen", used.Addr().String()}, nil, 4, "something else listens on"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			assert.Equal(t, test.code, run(t.Context(), test.args, env(test.env), &out, &errs))
			assert.Contains(t, errs.String(), test.says)
			assert.NotContains(t, out.String(), "Ready")
		})
	}
}

func TestHelp(t *testing.T) {
	var out, errs bytes.Buffer
	assert.Equal(t, 0, run(t.Context(), []string{"--help"}, env(nil), &out, &errs))
	golden := filepath.Join("testdata", "help.txt")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), out.String())
	assert.Empty(t, errs.String())

	out.Reset()
	assert.Equal(t, 0, run(t.Context(), []string{"version"}, env(nil), &out, &errs))
	assert.Equal(t, version()+"\n", out.String())
}

// TestFlagsAreDocumented compares the flags of the help text with the table of
// docs/emulator.md.
func TestFlagsAreDocumented(t *testing.T) {
	names := func(path, expression string) (names []string) {
		text, err := os.ReadFile(filepath.FromSlash(path))
		require.NoError(t, err)
		for _, match := range regexp.MustCompile(expression).FindAllStringSubmatch(string(text), -1) {
			names = append(names, match[1])
		}
		return names
	}
	flags := names("testdata/help.txt", `(?m)^  --([a-z-]+)=`)
	assert.Greater(t, len(flags), 20)
	assert.Equal(t, flags, names("../../docs/emulator.md", "(?m)^\\| `--([a-z-]+)` \\|"))
}

func TestSettings(t *testing.T) {
	read := func(args []string, values map[string]string) settings {
		var s settings
		_, err := s.read(args, env(values))
		require.NoError(t, err)
		return s
	}
	s := read(nil, map[string]string{
		"PORT": "9000", "COMETCHAT_EMULATOR_SEED": "a.json  b.json", "COMETCHAT_EMULATOR_REGION": "eu",
		"COMETCHAT_EMULATOR_API_KEY": "", "COMETCHAT_EMULATOR_KEEP_BYTES": "2KiB",
	})
	assert.Equal(t, []any{"127.0.0.1:9000", []string{"a.json", "b.json"}, "eu", "emulator-key", 2048, true},
		[]any{s.listen, s.seeds, s.region, s.apiKey, s.keepBytes, s.clientAPI})
	s = read([]string{"--listen", "[::1]:1", "--region", "in", "--seed", "c.json", "--client-api=false"}, map[string]string{
		"PORT": "9000", "COMETCHAT_EMULATOR_SEED": "a.json", "COMETCHAT_EMULATOR_REGION": "eu",
	})
	assert.Equal(t, []any{"[::1]:1", []string{"c.json"}, "in", false}, []any{s.listen, s.seeds, s.region, s.clientAPI})
	assert.Equal(t, 64<<20, read(nil, nil).keepBytes)
}

// binary is the name of the program, which is built for the tests of the real
// process.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "emulator")
		if err != nil {
			panic(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		binary = filepath.Join(dir, "cometchat-emulator")
		if out, err := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".").CombinedOutput(); err != nil {
			panic(string(out))
		}
		return m.Run()
	}())
}

// process is an emulator that runs as a process.
type process struct {
	*exec.Cmd
	url    string
	stdout *bufio.Reader
	stderr output
}

// output is what a process has written so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start starts an emulator on a free port and waits for it to be ready.
func start(t testing.TB, args ...string) *process {
	t.Helper()
	file := filepath.Join(t.TempDir(), "url")
	p := &process{Cmd: exec.Command(binary, append([]string{"--listen", "127.0.0.1:0", "--url-file", file}, args...)...)}
	p.Cmd.Stderr = &p.stderr
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	p.stdout = bufio.NewReader(out)
	for {
		line, err := p.stdout.ReadString('\n')
		require.NoError(t, err, p.stderr.String())
		if strings.HasPrefix(line, "Ready") || strings.HasPrefix(line, "{") {
			break
		}
	}
	url, err := os.ReadFile(file)
	require.NoError(t, err)
	p.url = strings.TrimSuffix(strings.TrimSpace(string(url)), "/v3")
	return p
}

func (p *process) do(t *testing.T, method, path, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("apikey", "emulator-key")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	var doc map[string]any
	require.NoError(t, json.Unmarshal(raw, &doc), string(raw))
	return res.StatusCode, doc
}

func TestProcess(t *testing.T) {
	snapshot := filepath.Join(t.TempDir(), "state.jsonl")
	p := start(t, "--snapshot", snapshot, "--seed-users", "3")
	status, _ := p.do(t, "POST", "/v3/users", `{"uid":"ada","name":"Ada"}`)
	assert.Equal(t, 200, status)
	var errs bytes.Buffer
	assert.Equal(t, 0, run(t.Context(), []string{"ready", "--url", p.url}, env(nil), io.Discard, &errs), errs.String())
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	require.NoError(t, p.Wait(), p.stderr.String())
	info, err := os.Stat(snapshot)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	assert.Equal(t, 1, run(t.Context(), []string{"ready", "--url", p.url}, env(nil), io.Discard, io.Discard))

	// It continues where it ended, and a reset returns to the seed.
	p = start(t, "--snapshot", snapshot, "--seed-users", "3")
	status, _ = p.do(t, "GET", "/v3/users/ada", "")
	assert.Equal(t, 200, status)
	status, _ = p.do(t, "POST", "/_emulator/reset", "")
	assert.Equal(t, 200, status)
	status, _ = p.do(t, "GET", "/v3/users/ada", "")
	assert.Equal(t, 404, status)
	status, _ = p.do(t, "GET", "/v3/users/user-0003", "")
	assert.Equal(t, 200, status)
}

// TestReadyOutput compares what the process prints with a golden file. Version,
// port and time are left out.
func TestReadyOutput(t *testing.T) {
	var out, errs output
	cmd := exec.Command(binary, "--listen", "127.0.0.1:0", "--seed-users", "3", "--seed-messages", "12")
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Start())
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	require.Eventually(t, func() bool {
		return strings.Contains(out.String(), "Ready in") && strings.HasSuffix(out.String(), "\n")
	}, time.Minute, 10*time.Millisecond, "%s", &errs)
	got := regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(out.String(), "127.0.0.1:PORT")
	got = regexp.MustCompile(`in \d+ ms`).ReplaceAllString(got, "in TIME ms")
	got = regexp.MustCompile(`emulator \S+`).ReplaceAllString(got, "emulator VERSION")
	golden := filepath.Join("testdata", "ready.txt")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// TestProcessFails checks that a process that cannot start tells why, and exits
// with the right code.
func TestProcessFails(t *testing.T) {
	seed := filepath.Join(t.TempDir(), "seed.json")
	require.NoError(t, os.WriteFile(seed, []byte("{\n  \"users\": 7\n}"), 0o600))
	taken := start(t)
	for want, args := range map[string][]string{
		"4 something else listens on": {"--listen", strings.TrimPrefix(taken.url, "http://")},
		"3 seed.json:2:":              {"--listen", "127.0.0.1:0", "--seed", seed},
		"3 nowhere.json":              {"--listen", "127.0.0.1:0", "--seed", filepath.Join(t.TempDir(), "nowhere.json")},
		"2 no-such-flag":              {"--no-such-flag"},
	} {
		cmd := exec.Command(binary, args...)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		var exit *exec.ExitError
		require.ErrorAs(t, cmd.Run(), &exit, want)
		code, says, _ := strings.Cut(want, " ")
		assert.Equal(t, code, strconv.Itoa(exit.ExitCode()), "%s", &errs)
		assert.Contains(t, errs.String(), says)
		assert.NotContains(t, out.String(), "Ready")
	}
}

// TestSlowClients holds connections that never end their headers. Others must be
// served, and the slow ones cut off.
func TestSlowClients(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it takes ten seconds")
	}
	p := start(t)
	var slow []net.Conn
	for range 50 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
		_, err = io.WriteString(conn, "GET /v3/users HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
		require.NoError(t, err)
		slow = append(slow, conn)
	}
	status, _ := p.do(t, "GET", "/v3/users", "")
	assert.Equal(t, 200, status)
	for _, conn := range slow {
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Minute)))
		got, err := io.ReadAll(conn)
		require.NoError(t, err, "the server closes it")
		assert.NotContains(t, string(got), "200 OK")
	}
}

// TestSignalWhileLoading ends a process whose seed never ends: at once, and without
// writing half an app into the snapshot.
func TestSignalWhileLoading(t *testing.T) {
	snapshot := filepath.Join(t.TempDir(), "state.jsonl")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	cmd := exec.Command(binary, "--listen", address, "--seed", "-", "--snapshot", snapshot)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	defer func() { _ = stdin.Close() }()
	require.NoError(t, cmd.Start())
	defer func() { _ = cmd.Process.Kill() }()
	_, err = io.WriteString(stdin, `{"users":[`)
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	require.Eventually(t, func() bool {
		res, err := http.Get("http://" + address + "/_emulator/health")
		if err == nil {
			_ = res.Body.Close()
		}
		return err == nil && res.StatusCode == http.StatusServiceUnavailable
	}, time.Minute, 10*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-ended:
		assert.NoError(t, err)
	case <-time.After(30 * time.Second):
		t.Fatal("it still loads")
	}
	assert.NoFileExists(t, snapshot)
}

// TestClockOfTheLine checks that what a seed adds has the time of --clock.
func TestClockOfTheLine(t *testing.T) {
	p := start(t, "--clock", "2031-02-03T04:05:06Z", "--clock-stopped", "--seed-users", "1")
	_, doc := p.do(t, "GET", "/v3/users/user-0001", "")
	created := doc["data"].(map[string]any)["createdAt"].(float64)
	at := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC).Unix()
	assert.LessOrEqual(t, created, float64(at))
	assert.Greater(t, created, float64(at-3600))
}

func TestReadyEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var errs bytes.Buffer
	assert.Equal(t, 1, run(ctx, []string{"ready", "--wait", "1h", "--url", "http://127.0.0.1:9"}, env(nil), io.Discard, &errs))
	assert.Contains(t, errs.String(), "not ready")
}

func TestSecondSignal(t *testing.T) {
	snapshot := filepath.Join(t.TempDir(), "state.jsonl")
	p := start(t, "--snapshot", snapshot, "--seed-users", "1")
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	require.NoError(t, p.Wait())
	before, err := os.ReadFile(snapshot)
	require.NoError(t, err)
	p = start(t, "--snapshot", snapshot, "--shutdown-timeout", "1m")
	_, _ = p.do(t, "POST", "/_emulator/faults", `{"path":"/users","latency":"50s"}`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", p.url+"/v3/users", nil)
	require.NoError(t, err)
	req.Header.Set("apikey", "emulator-key")
	go func() {
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
		}
	}()
	require.Eventually(t, func() bool {
		_, doc := p.do(t, "GET", "/_emulator/requests?count=true", "")
		return doc["count"] == 1.
	}, time.Minute, 10*time.Millisecond)
	// Send another signal at once: the system may drop one of two equal signals.
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	require.NoError(t, p.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.ErrorAs(t, p.Wait(), &exit)
	assert.Equal(t, 1, exit.ExitCode())
	after, err := os.ReadFile(snapshot)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(before, after), "the old snapshot is whole")
}

// TestKilledWhileWriting repeatedly kills the program while it writes its
// snapshot. The previous snapshot must stay complete.
func TestKilledWhileWriting(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it takes some seconds")
	}
	dir := t.TempDir()
	snapshot := filepath.Join(dir, "state.jsonl")
	p := start(t, "--snapshot", snapshot, "--seed-users", "20000")
	status, _ := p.do(t, "POST", "/_emulator/snapshot", "")
	require.Equal(t, 200, status)
	require.NoError(t, p.Process.Kill())
	_ = p.Wait()
	inTheMiddle := 0
	for i := 0; inTheMiddle < 3; i++ {
		require.Less(t, i, 50, "no kill hit the writing")
		before, err := os.ReadFile(snapshot)
		require.NoError(t, err)
		p := start(t, "--snapshot", snapshot, "--snapshot-every", "1ms")
		status, _ := p.do(t, "POST", "/v3/users", fmt.Sprintf(`{"uid":"added-%d","name":"U"}`, i))
		require.Equal(t, 200, status)
		// The unfinished file is beside the snapshot until it is complete.
		unfinished := func() []string {
			names, err := filepath.Glob(filepath.Join(dir, ".state.jsonl.*"))
			require.NoError(t, err)
			return names
		}
		for end := time.Now().Add(5 * time.Second); len(unfinished()) == 0 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		require.NoError(t, p.Process.Kill())
		_ = p.Wait()
		if left := unfinished(); len(left) > 0 {
			inTheMiddle++
			after, err := os.ReadFile(snapshot)
			require.NoError(t, err)
			require.True(t, bytes.Equal(before, after), "the snapshot before is another one")
			require.NoError(t, os.Remove(left[0]))
		}
		whole := start(t, "--snapshot", snapshot)
		_, doc := whole.do(t, "GET", "/_emulator/state", "")
		assert.GreaterOrEqual(t, doc["counts"].(map[string]any)["users"], 20000.)
		require.NoError(t, whole.Process.Kill())
		_ = whole.Wait()
	}
}
