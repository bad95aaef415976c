package jscheck

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Limits for the parts of the test.
const (
	installTimeout = time.Minute
	runTimeout     = time.Minute
)

// unreachable matches what npm prints if it cannot reach a registry, or if the
// registry does not have the packages for this machine.
var unreachable = regexp.MustCompile(`\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENOTCACHED|E401|E403|E404|E5\d\d)\b`)

// modules returns a folder with the packages of package-lock.json installed. All
// runs with the same lock file share it, and it is outside the repository.
func modules(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("the vendor's JavaScript SDK is not run with -short")
	}
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the vendor's JavaScript SDK is not run: there is no %s on this machine", program)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), installTimeout)
	defer cancel()
	version, err := exec.CommandContext(ctx, "node", "--version").Output()
	require.NoError(t, err)
	number, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(string(version)), "v"), ".")
	if major, _ := strconv.Atoi(number); major < 18 {
		t.Skipf("the vendor's JavaScript SDK is not run: it takes Node.js 18, this is %s", bytes.TrimSpace(version))
	}

	manifest, err := os.ReadFile("package.json")
	require.NoError(t, err)
	lock, err := os.ReadFile("package-lock.json")
	require.NoError(t, err)
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	cache = filepath.Join(cache, "go-cometchat-jscheck")
	sum := sha256.Sum256(append(manifest, lock...))
	dir := filepath.Join(cache, hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}

	// Install elsewhere and move, so that no other run sees an incomplete folder.
	if err := os.MkdirAll(cache, 0o755); err != nil {
		cache = t.TempDir()
		dir = filepath.Join(cache, "modules")
	}
	fresh, err := os.MkdirTemp(cache, "install-")
	require.NoError(t, err)
	defer func() { _ = os.RemoveAll(fresh) }()
	require.NoError(t, os.WriteFile(filepath.Join(fresh, "package.json"), manifest, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(fresh, "package-lock.json"), lock, 0o644))
	install := exec.CommandContext(ctx, "npm", "ci",
		"--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=15000")
	install.Dir = fresh
	install.WaitDelay = time.Second
	out, err := install.CombinedOutput()
	if err != nil && (ctx.Err() != nil || unreachable.Match(out)) {
		t.Skip("the vendor's JavaScript SDK is not run: npm ci cannot fetch it from a registry")
	}
	require.NoError(t, err, "npm ci: %s", out)
	if err := os.Rename(fresh, dir); err != nil {
		// Another run was faster.
		_, statErr := os.Stat(dir)
		require.NoError(t, statErr, "%v", err)
	}
	return dir
}

// sdk is the vendor's SDK in its own process; see witness.mjs.
type sdk struct {
	in     io.WriteCloser
	out    *bufio.Reader
	errors *bytes.Buffer // what it prints; only to be read after the process has ended
	wait   func()
}

func startSDK(t *testing.T) *sdk {
	t.Helper()
	dir := modules(t)
	ctx, cancel := context.WithTimeout(t.Context(), runTimeout)
	cmd := exec.CommandContext(ctx, "node", "witness.mjs", dir)
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	s := &sdk{in: in, out: bufio.NewReader(out), errors: &bytes.Buffer{}}
	cmd.Stderr = s.errors
	require.NoError(t, cmd.Start())
	ended := false
	s.wait = func() {
		if !ended {
			ended = true
			_ = in.Close()
			_ = cmd.Wait()
			cancel()
		}
	}
	t.Cleanup(s.wait)
	return s
}

// sdkError is an error that the SDK throws.
type sdkError struct{ Code, Message string }

func (e *sdkError) Error() string { return e.Code + ": " + e.Message }

// args are the arguments of a command.
type args map[string]any

// try runs a command in the SDK and decodes the result into out, unless out is
// nil.
func (s *sdk) try(t *testing.T, command string, with args, out any) error {
	t.Helper()
	line := args{"do": command}
	for name, value := range with {
		line[name] = value
	}
	b, err := json.Marshal(line)
	require.NoError(t, err)
	_, err = s.in.Write(append(b, '\n'))
	var reply []byte
	if err == nil {
		reply, err = s.out.ReadBytes('\n')
	}
	if err != nil {
		s.wait()
		require.NoError(t, err, "%s: the SDK ended: %.2000s", command, s.errors)
	}
	var answer struct {
		OK    json.RawMessage
		Error *sdkError
	}
	require.NoError(t, json.Unmarshal(reply, &answer), "%s: %s", command, reply)
	if answer.Error != nil {
		return answer.Error
	}
	if out == nil {
		return nil
	}
	require.NoError(t, json.Unmarshal(answer.OK, out), "%s: %s", command, reply)
	return nil
}

// do runs a command that must succeed.
func (s *sdk) do(t *testing.T, command string, with args, out any) {
	t.Helper()
	require.NoError(t, s.try(t, command, with, out), command)
}

// object and list return what the SDK returned, as decoded JSON.
func (s *sdk) object(t *testing.T, command string, with args) (out map[string]any) {
	t.Helper()
	s.do(t, command, with, &out)
	return out
}

func (s *sdk) list(t *testing.T, command string, with args) (out []map[string]any) {
	t.Helper()
	s.do(t, command, with, &out)
	return out
}

// fails returns the error code of a command that must fail.
func (s *sdk) fails(t *testing.T, command string, with args) string {
	t.Helper()
	err := s.try(t, command, with, nil)
	var failure *sdkError
	require.True(t, errors.As(err, &failure), "%s: no error", command)
	return failure.Code
}
