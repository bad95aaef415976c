package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
	"github.com/go-cometchat/cometchat/examples/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m, command) }

// sizes returns the sizes of the app to move: small, unless the environment asks
// for the full size.
func sizes() (users, groups, messages int) {
	if os.Getenv("MOVE_APP_FULL") != "" {
		return 20_000, 500, 100_000
	}
	return 400, 20, 2000
}

// apps makes two emulators the accounts of the environment.
func apps(t *testing.T) (source, target *cometchattest.Server) {
	t.Helper()
	source, target = clitest.Start(t), cometchattest.Start(t)
	for _, variable := range target.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(strings.Replace(name, "COMETCHAT_", "COMETCHAT_TARGET_", 1), value)
	}
	return source, target
}

// called runs the command and returns its output and exit code.
func called(t *testing.T, args ...string) (out, said string, code int) {
	t.Helper()
	var stdout, stderr strings.Builder
	code = cli.Exec(t.Context(), command, args, cli.Std{Out: &stdout, Err: &stderr})
	return stdout.String(), stderr.String(), code
}

// contents returns what an app holds, for comparing two apps without the code of
// the command.
func contents(t *testing.T, srv *cometchattest.Server) map[string]int {
	t.Helper()
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithBaseURL(srv.URL()))
	require.NoError(t, err)
	all := map[string]int{}
	add := func(v any) {
		b, err := json.Marshal(v)
		require.NoError(t, err)
		all[string(b)]++
	}
	for u, err := range client.Users.List(&cometchat.UserListOptions{WithDeactivated: true, WithTags: true}).All(t.Context()) {
		require.NoError(t, err)
		add([]any{"user", u.UID, u.Name, u.Avatar, u.Role, text(u.Metadata), u.Tags, u.CreatedAt, u.DeactivatedAt})
	}
	for g, err := range client.Groups.List(&cometchat.GroupListOptions{WithTags: true}).All(t.Context()) {
		require.NoError(t, err)
		add([]any{"group", g.GUID, g.Name, g.Type, g.Owner, text(g.Metadata), g.Tags, g.CreatedAt})
		for m, err := range client.GroupMembers.List(g.GUID, nil).All(t.Context()) {
			require.NoError(t, err)
			add([]any{"member", g.GUID, m.UID, m.Scope, max(m.JoinedAt, g.CreatedAt+1)})
		}
		for m, err := range client.BannedUsers.List(g.GUID, nil).All(t.Context()) {
			require.NoError(t, err)
			add([]any{"banned", g.GUID, m.UID})
		}
	}
	for m, err := range client.Messages.List(&cometchat.MessageListOptions{WithTags: true}).All(t.Context()) {
		require.NoError(t, err)
		if m.Category == cometchat.MessageCategoryMessage || m.Category == cometchat.MessageCategoryCustom {
			add([]any{"message", m.ConversationID, m.Sender, m.Type, m.Data.Text, text(m.Data.CustomData), text(m.Data.Metadata), m.Data.Resource,
				len(m.Data.Attachments), m.Tags, m.SentAt})
		}
	}
	return all
}

// text returns JSON unchanged, or "" for every form of empty metadata.
func text(m cometchat.Metadata) string {
	if m.IsEmpty() {
		return ""
	}
	return m.String()
}

// sameContents compares both apps.
func sameContents(t *testing.T, source, target *cometchattest.Server) {
	t.Helper()
	want, got := contents(t, source), contents(t, target)
	differences := 0
	for line, n := range want {
		if got[line] != n {
			differences++
			if differences < 5 {
				t.Errorf("%d in the source, %d in the target: %s", n, got[line], line)
			}
		}
	}
	assert.Zero(t, differences)
	assert.Len(t, got, len(want), "nothing more")
}

func TestMove(t *testing.T) {
	source, target := apps(t)
	users, groups, messages := sizes()
	populate(source, users, groups, messages)
	source.AddGroups(cometchattest.Group{GUID: "locked", Type: "password", Password: "x", Description: "Behind a door", CreatedAt: time.Unix(1_700_000_000, 0)})
	dir := filepath.Join(t.TempDir(), "app")

	out, said, code := called(t, "-dir", dir, "-limit", "0", "-only", "export,check,import")
	assert.Equal(t, 1, code)
	assert.Contains(t, out, fmt.Sprintf("groups.jsonl:%d: locked: cometchat: password: required\n", groups+1))
	assert.Contains(t, said, "1 line wrong, so that nothing was sent")
	for _, r := range target.Requests() {
		assert.Equal(t, "GET", r.Method)
	}

	dir = filepath.Join(t.TempDir(), "app")
	begun := time.Now()
	out, said, code = called(t, "-dir", dir, "-limit", "0", "-password", "sesame")
	require.Equal(t, 0, code, "%s%s", out, said)
	t.Logf("%s\n%s%s", time.Since(begun), said, out)
	assert.Equal(t, 5, strings.Count(out, ": the same\n"), out)
	for _, what := range []string{
		fmt.Sprintf("messages of the category call: %s\n", cli.Number(messages/10)), "descriptions of groups: 1\n", "threads: replies, which become ordinary messages: 1\n",
		fmt.Sprintf("status messages of users: %s\n", cli.Number(users/10)), "passwords of groups (they get the one of -password): 1\n",
	} {
		assert.Contains(t, out, what)
	}
	sameContents(t, source, target)

	again, _, code := called(t, "-dir", dir, "-limit", "0", "-password", "sesame")
	assert.Equal(t, 0, code)
	assert.Equal(t, out, again, "a second run sends nothing")

	client, err := cometchat.NewClient(cometchat.RegionUS, target.APIKey(), cometchat.WithBaseURL(target.URL()))
	require.NoError(t, err)
	_, err = client.Users.Update(t.Context(), "user-00005", &cometchat.UpdateUserRequest{Name: cometchat.Ptr("Somebody")})
	require.NoError(t, err)
	_, err = client.Users.Create(t.Context(), &cometchat.CreateUserRequest{UID: "stranger", Name: "Stranger"})
	require.NoError(t, err)
	out, said, code = called(t, "-dir", dir, "-only", "compare")
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "; 1 more: stranger; 1 different: user-00005\n")
	assert.Contains(t, said, "move-app: the app is not what the lines say\n")
}

// TestMoveThroughFaults moves an app while requests are refused and responses are
// lost.
func TestMoveThroughFaults(t *testing.T) {
	source, target := apps(t)
	users, groups, messages := sizes()
	populate(source, users, groups, messages)
	for i, fault := range []cometchattest.Fault{
		{Status: 503}, {DropAfter: true}, {DropBefore: true}, {Truncate: true}, {Status: 502}, {Status: 429, RetryAfter: "1", Times: 1},
	} {
		fault.Every, fault.Skip = 13+4*i, i
		if fault.Times == 0 {
			fault.Times = messages / 1000
		}
		target.Inject(fault)
		source.Inject(fault)
	}
	out, said, code := called(t, "-dir", t.TempDir(), "-limit", "0")
	require.Equal(t, 0, code, "%s%s", out, said)
	t.Log(out)
	assert.Equal(t, 5, strings.Count(out, ": the same\n"), out)
	sameContents(t, source, target)
}

// TestMoveKilled kills the command up to 20 times, at any point.
func TestMoveKilled(t *testing.T) {
	source, target := apps(t)
	users, groups, messages := sizes()
	populate(source, users, groups, messages)
	dir := t.TempDir()
	process := func() (*exec.Cmd, *strings.Builder) {
		cmd, out, _ := clitest.Process(t, nil, "-dir", dir, "-limit", "0")
		cmd.Stderr = out
		return cmd, out
	}
	// A held request marks the moment to kill the command. The app to export
	// holds it ten times. After that the other app does, where only imports
	// count.
	reads, imports := 20+2*groups+messages/1000, (users+groups+users/2+messages)/cometchat.MaxImportPerCall
	kills, whole := map[string]int{}, false
	for i := 0; i < 20 && !whole; i++ {
		srv, hold := source, cometchattest.Fault{Latency: time.Hour, Skip: rand.IntN(reads / 10)} // keeps the command running
		if i >= 10 {
			srv, hold.Path, hold.Skip = target, "/data_import/{kind}", rand.IntN(imports/2)
		}
		srv.Inject(hold)
		cmd, _ := process()
		require.NoError(t, cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for over := false; !over; {
			select {
			case err := <-ended:
				require.NoError(t, err)
				over, whole = true, true // fewer requests were left
			case <-time.After(time.Millisecond):
				if f := srv.Faults(); f[len(f)-1].Hits > 0 {
					kills[f[len(f)-1].Path]++
					require.NoError(t, cmd.Process.Kill())
					<-ended
					over = true
				}
			}
		}
		srv.ClearFaults()
	}
	assert.Positive(t, kills[""], "while it exports")
	assert.Positive(t, kills["/data_import/{kind}"], "while it imports")
	cmd, out := process()
	require.NoError(t, cmd.Run(), out)
	t.Logf("kills: %v\n%s", kills, out)
	assert.Equal(t, 5, strings.Count(out.String(), ": the same\n"))
	sameContents(t, source, target)
}

// TestCheckAMillion finds the one bad line among many before a request is sent.
func TestCheckAMillion(t *testing.T) {
	_, target := apps(t)
	n := 50_000
	if os.Getenv("MOVE_APP_FULL") != "" {
		n = 1_000_000
	}
	dir := t.TempDir()
	writeFile := func(name string, lines int, line func(i int) string) {
		var b strings.Builder
		for i := range lines {
			b.WriteString(line(i) + "\n")
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o600))
	}
	user := func(i int) string { return fmt.Sprintf(`{"uid":"u%d","name":"U"}`, i) }
	message := func(i int) string {
		return fmt.Sprintf(`{"muid":"m%d","sender":"u%d","receiverType":"user","receiver":"u%d","category":"message","type":"text","data":{"text":"Hi"},"sentAt":1700000000}`, i, i%100, i%100+1)
	}
	for name, tt := range map[string]struct {
		bad  func(string) string
		want string
	}{
		"a receiver":  {func(l string) string { return strings.Replace(l, `"receiver":"u`, `"receiver":"nobody-`, 1) }, "receiver: names a user that is not in the source"},
		"a length":    {func(l string) string { return strings.Replace(l, `"Hi"`, `"`+strings.Repeat("x", 70000)+`"`, 1) }, "data.text: 70000 characters, at most 65536 allowed"},
		"a duplicate": {func(string) string { return message(7) }, "muid: is there twice"},
		"a misspelt":  {func(l string) string { return strings.Replace(l, `"sentAt"`, `"sendAt"`, 1) }, `json: unknown field "sendAt"`},
		"no JSON":     {func(string) string { return "{" }, "unexpected EOF"},
		"empty":       {func(string) string { return "" }, "the line is empty"},
	} {
		if name != "a receiver" && n > 100_000 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			writeFile("users.jsonl", 102, user)
			writeFile("messages.jsonl", n, func(i int) string {
				if i == n-10 {
					return tt.bad(message(i))
				}
				return message(i)
			})
			begun := time.Now()
			out, said, code := called(t, "-dir", dir, "-only", "check,import")
			t.Logf("%d lines in %s", n, time.Since(begun))
			assert.Equal(t, 1, code)
			assert.Contains(t, out+said, fmt.Sprintf("messages.jsonl:%d: ", n-9))
			assert.Contains(t, out+said, tt.want)
			assert.Zero(t, target.Count("POST", ""))
		})
	}
}

// TestRefusedLines checks that refused lines are written down, and do not hold up
// the others.
func TestRefusedLines(t *testing.T) {
	_, target := apps(t)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "users.jsonl"), []byte(
		`{"uid":"ann","name":"Ann"}`+"\n"+`{"uid":"bob","name":"Bob","role":"pilot"}`+"\n"+`{"uid":"cid","name":"Cid","tags":["a"]}`+"\n"), 0o600))
	_, said, code := called(t, "-dir", dir, "-only", "import")
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "1 line refused: see ")
	written, err := os.ReadFile(filepath.Join(dir, "failures.jsonl"))
	require.NoError(t, err)
	var refused failure
	require.NoError(t, json.Unmarshal(written, &refused))
	assert.Equal(t, 2, refused.Line)
	assert.Equal(t, "bob", refused.ID)
	assert.Len(t, contents(t, target), 2)
}

// TestUnreachable checks that a wrong key or host is found before a folder is
// made, and without the many attempts of later requests.
func TestUnreachable(t *testing.T) {
	for name, which := range map[string]func(source, target *cometchattest.Server) *cometchattest.Server{
		"export":      func(source, _ *cometchattest.Server) *cometchattest.Server { return source },
		"import into": func(_, target *cometchattest.Server) *cometchattest.Server { return target },
	} {
		t.Run(name, func(t *testing.T) {
			srv := which(apps(t))
			srv.Inject(cometchattest.Fault{Times: cometchattest.Always, Status: 401, Code: "AUTH_ERR_APIKEY_NOT_FOUND"})
			dir := filepath.Join(t.TempDir(), "app")
			out, said, code := called(t, "-dir", dir)
			assert.Equal(t, 1, code)
			assert.Empty(t, out)
			assert.Contains(t, said, "move-app: the app to "+name+": page 1: cometchat: GET /roles: 401 AUTH_ERR_APIKEY_NOT_FOUND")
			assert.NoDirExists(t, dir)

			srv.ClearFaults()
			srv.Inject(cometchattest.Fault{Times: cometchattest.Always, Status: 503})
			_, _, code = called(t, "-dir", dir)
			assert.Equal(t, 1, code)
			assert.Equal(t, 5, srv.Count("", ""), "one request, and one that is tried four times")
		})
	}
}

func TestStops(t *testing.T) {
	source, target := apps(t)
	populate(source, 400, 5, 100)
	target.Inject(cometchattest.Fault{Path: "/data_import/users", Skip: 3, Times: cometchattest.Always, Status: 401, Code: "AUTH_ERR_APIKEY_NOT_FOUND"})
	dir := t.TempDir()
	_, said, code := called(t, "-dir", dir)
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "move-app: stopped in the import, call again to go on: cometchat: POST /data_import/users: 401 AUTH_ERR_APIKEY_NOT_FOUND")
	target.ClearFaults()
	out, _, code := called(t, "-dir", dir)
	assert.Equal(t, 0, code)
	assert.Equal(t, 5, strings.Count(out, ": the same\n"), out)

	for _, args := range [][]string{{"-only", "export,dance"}, {"-limit", "-1"}} {
		_, _, code = called(t, args...)
		assert.Equal(t, 2, code)
	}
	t.Setenv("COMETCHAT_TARGET_API_KEY", "")
	_, said, code = called(t, "-dir", dir)
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "COMETCHAT_TARGET_API_KEY is not set")
}

func TestInMemory(t *testing.T) {
	t.Setenv("COMETCHAT_API_KEY", "")
	t.Setenv("COMETCHAT_TARGET_API_KEY", "")
	t.Chdir(t.TempDir())
	out, said, code := called(t)
	assert.Equal(t, 0, code, said)
	left, err := os.ReadDir(".")
	require.NoError(t, err)
	assert.Empty(t, left, "an app in memory leaves nothing behind")
	assert.Equal(t, 5, strings.Count(out, ": the same\n"), out)
}

func TestProgress(t *testing.T) {
	now := time.Unix(0, 0)
	var out strings.Builder
	m := &move{Call: &cli.Call{Std: cli.Std{Err: &out}}, clock: func() time.Time { return now }}
	p := m.progress("import users", 200, 2000)
	now = now.Add(5 * time.Second)
	p.at(700)
	now = now.Add(5 * time.Second)
	p.at(1200)
	now = now.Add(time.Second)
	p.at(2000)
	p.end()
	p.end()
	p = m.progress("export roles", 0, 0)
	now = now.Add(10 * time.Second)
	p.at(500)
	assert.Equal(t, `import users: 1,200 of 2,000 (60 %), 100 a second, 8s left
import users: 2,000 of 2,000 (100 %), 163 a second, in 11s
export roles: 500, 50 a second
`, out.String())
}
