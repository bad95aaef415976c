package jscheck

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// emulator is the server that the SDK uses.
type emulator interface {
	URL() string
	APIKey() string
	// seed adds the objects of a seed file.
	seed(t *testing.T, seed string)
	// requests returns the requests received.
	requests(t *testing.T) []request
}

type request struct {
	Method, Path, Route string
	Status              int
	Headers             http.Header
}

// emulators are the emulator as a package and as a program.
var emulators = map[string]func(*testing.T) emulator{
	"package": func(t *testing.T) emulator {
		return packaged{cometchattest.Start(t, cometchattest.WithClientAPI())}
	},
	"program": startProgram,
}

type packaged struct{ *cometchattest.Server }

func (p packaged) seed(t *testing.T, seed string) {
	t.Helper()
	_, err := p.Load(strings.NewReader(seed))
	require.NoError(t, err)
}

func (p packaged) requests(*testing.T) (list []request) {
	for _, r := range p.Requests() {
		list = append(list, request{r.Method, r.Path, r.Route, r.Status, r.Header})
	}
	return list
}

// program is the emulator in its own process.
type program struct{ url string }

func startProgram(t *testing.T) emulator {
	t.Helper()
	dir := t.TempDir()
	binary, file := filepath.Join(dir, "cometchat-emulator"), filepath.Join(dir, "url")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../cmd/cometchat-emulator").CombinedOutput()
	require.NoError(t, err, string(out))
	cmd := exec.Command(binary, "--listen", "127.0.0.1:0", "--url-file", file, "--log", "off")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	var url []byte
	require.Eventually(t, func() bool {
		url, err = os.ReadFile(file)
		return err == nil && len(url) > 0
	}, 30*time.Second, 10*time.Millisecond)
	return program{strings.TrimSpace(string(url))}
}

func (p program) URL() string { return p.url }

func (program) APIKey() string { return "emulator-key" }

func (p program) seed(t *testing.T, seed string) {
	t.Helper()
	p.control(t, http.MethodPost, "/seed", seed, nil)
}

func (p program) requests(t *testing.T) []request {
	t.Helper()
	var page struct{ Items []struct{ ID int64 } }
	p.control(t, http.MethodGet, "/requests?limit=1000", "", &page)
	list := make([]request, len(page.Items))
	for i, item := range page.Items {
		p.control(t, http.MethodGet, fmt.Sprintf("/requests/%d", item.ID), "", &list[i])
	}
	return list
}

// control calls the control API.
func (p program) control(t *testing.T, method, path, body string, out any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(p.url, "/v3")+"/_emulator"+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode, path)
	if out != nil {
		require.NoError(t, json.NewDecoder(resp.Body).Decode(out))
	}
}
