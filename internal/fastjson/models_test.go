package fastjson_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/fastjson"
	"github.com/go-cometchat/cometchat/internal/fixture"
)

// page is the response with a list, and one the response with a single value.
type (
	page[T any] struct {
		Data []*T `json:"data"`
		Meta struct {
			Pagination cometchat.Pagination `json:"pagination"`
			Cursor     json.RawMessage      `json:"cursor"`
			Next       json.RawMessage      `json:"next"`
		} `json:"meta"`
		Cursor json.RawMessage `json:"cursor"`
		Error  json.RawMessage `json:"error"`
	}
	one[T any] struct {
		Data  *T              `json:"data"`
		Error json.RawMessage `json:"error"`
	}
)

// models are the types that the client decodes responses into.
var models = []model{
	modelOf[cometchat.User](), modelOf[cometchat.Group](), modelOf[cometchat.GroupMember](), modelOf[cometchat.Message](), modelOf[cometchat.Conversation](),
	modelOf[page[cometchat.User]](), modelOf[page[cometchat.Group]](), modelOf[page[cometchat.GroupMember]](), modelOf[page[cometchat.Message]](), modelOf[page[cometchat.Conversation]](),
	modelOf[one[cometchat.User]](), modelOf[one[cometchat.Group]](), modelOf[one[cometchat.Message]](), modelOf[one[cometchat.Conversation]](),
}

type model struct {
	typ  reflect.Type
	same func(t *testing.T, data []byte) bool
}

func modelOf[T any]() model { return model{reflect.TypeFor[T](), same[T]} }

// recorded returns recorded responses by name: those of the project, and those in
// the directories that COMETCHAT_RECORDED names.
func recorded(t testing.TB) map[string][]byte {
	responses := map[string][]byte{}
	const testdata = "../../testdata"
	require.NoError(t, fs.WalkDir(os.DirFS(testdata), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".http" {
			return err
		}
		raw, err := os.ReadFile(filepath.Join(testdata, path))
		require.NoError(t, err)
		exchanges, err := fixture.Parse(raw)
		require.NoError(t, err, path)
		for _, e := range exchanges {
			responses[path+" "+e.Request.Method+" "+e.Request.Path] = e.Response.Body
		}
		return nil
	}))
	for _, directory := range filepath.SplitList(os.Getenv("COMETCHAT_RECORDED")) {
		files, err := filepath.Glob(filepath.Join(directory, "*.json"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			raw, err := os.ReadFile(file)
			require.NoError(t, err)
			var exchange struct{ Body json.RawMessage }
			require.NoError(t, json.Unmarshal(raw, &exchange), file)
			responses[file] = exchange.Body
		}
	}
	require.NotEmpty(t, responses)
	return responses
}

// asPHP writes JSON as PHP does: it escapes slashes and every character outside
// ASCII.
func asPHP(response []byte) []byte {
	var b []byte
	for _, r := range string(response) {
		switch {
		case r == '/':
			b = append(b, `\/`...)
		case r < utf8.RuneSelf:
			b = append(b, byte(r))
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				b = fmt.Appendf(b, `\u%04x`, unit)
			}
		}
	}
	return b
}

// TestTakesRecordedResponses checks that no valid response is left to
// encoding/json, which would be slow without being noticed. It skips calls: they
// are not decoded into any of these types, and their metaData differs from the
// field metadata only in case.
func TestTakesRecordedResponses(t *testing.T) {
	taken := 0
	for name, response := range recorded(t) {
		if strings.HasPrefix(name, "calls/") {
			continue
		}
		for _, body := range [][]byte{response, asPHP(response)} {
			for _, m := range models {
				want := json.Unmarshal(body, reflect.New(m.typ).Interface()) == nil
				assert.Equal(t, want, m.same(t, body), "%s into %s", name, m.typ)
				if want {
					taken++
				}
			}
		}
	}
	t.Log("values decoded:", taken)
	assert.NotZero(t, taken)
}

// TestKeepsLittle measures the memory that a few values of many pages keep alive.
func TestKeepsLittle(t *testing.T) {
	const pages, size = 30, 1000
	items := make([]string, size)
	for i := range items {
		items[i] = userItem(i)
	}
	body := []byte(`{"data":[` + strings.Join(items, ",") + `]}`)
	var user, uid []any
	for limit, keep := range map[int64]func(u *cometchat.User){
		2048: func(u *cometchat.User) { user = append(user, u) },
		1024: func(u *cometchat.User) { uid = append(uid, u.UID) },
	} {
		before := heap()
		for i := range pages {
			var p page[cometchat.User]
			require.True(t, fastjson.Unmarshal(body, &p))
			keep(p.Data[i])
		}
		kept := (heap() - before) / pages
		t.Log("bytes kept of each page:", kept)
		assert.Less(t, kept, limit)
	}
	runtime.KeepAlive(user)
	runtime.KeepAlive(uid)
}

// heap returns the number of bytes in use.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func FuzzModels(f *testing.F) {
	for _, response := range recorded(f) {
		f.Add(response)
		f.Add(asPHP(response))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, m := range models {
			m.same(t, data)
		}
	})
}
