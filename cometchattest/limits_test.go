package cometchattest_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// countingReader is an endless body.
type countingReader struct{ n int }

func (r *countingReader) Read(p []byte) (int, error) {
	r.n += len(p)
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestBodiesOfStrangers(t *testing.T) {
	a := newAPI(t, cometchattest.WithClientAPI())
	a.srv.AddUsers(cometchattest.User{UID: "ana"})
	token := a.tokenOf("ana")
	for _, who := range []struct {
		name, header, value, code string
		known                     bool
	}{
		{name: "a key", header: "apikey", value: "main-key", known: true},
		{name: "a token", header: "authToken", value: token, known: true},
		{name: "nothing", code: "AUTH_ERR_EMPTY_APIKEY"},
		{name: "another key", header: "apikey", value: "other", code: "AUTH_ERR_APIKEY_NOT_FOUND"},
		{name: "another token", header: "authToken", value: token + "x", code: "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"},
	} {
		t.Run(who.name, func(t *testing.T) {
			a.srv.ResetRequests()
			body := &countingReader{}
			req := httptest.NewRequestWithContext(t.Context(), "POST", "http://emulator/v3/messages", io.NopCloser(body))
			if who.header != "" {
				req.Header.Set(who.header, who.value)
			}
			rec := httptest.NewRecorder()
			a.srv.ServeHTTP(rec, req)
			logged := a.srv.Requests()
			got := reply{t, rec.Code, rec.Header(), rec.Body.String()}
			if who.known {
				got.fails(413, "ERR_BAD_REQUEST")
				assert.Len(t, logged[0].Body, 10<<20)
				return
			}
			got.fails(401, who.code)
			assert.Len(t, logged[0].Body, 64<<10)
			assert.Less(t, body.n, 256<<10, "bytes that were read")
		})
	}
}

func TestBoundedLog(t *testing.T) {
	paths := func(a *api) (list []string) {
		for _, r := range a.srv.Requests() {
			list = append(list, r.Path)
		}
		return list
	}
	t.Run("entries", func(t *testing.T) {
		a := newAPI(t, cometchattest.WithRequestLog(2, 0))
		for _, path := range []string{"/a", "/b", "/c"} {
			a.do("GET", path, "")
		}
		assert.Equal(t, []string{"/b", "/c"}, paths(a))
		assert.Equal(t, 2, a.srv.Count("GET", ""))
		assert.Equal(t, 0, a.srv.Count("GET", "/a"))
		a.srv.ResetRequests()
		a.do("GET", "/d", "")
		assert.Equal(t, []string{"/d"}, paths(a))
	})
	t.Run("bytes", func(t *testing.T) {
		a := newAPI(t, cometchattest.WithRequestLog(0, 3600))
		body := strings.Repeat("x", 1000)
		for _, path := range []string{"/a", "/b", "/c"} {
			a.do("POST", path, body)
		}
		assert.Equal(t, []string{"/b", "/c"}, paths(a))
		a.do("POST", "/d", strings.Repeat(" ", 3600))
		assert.Equal(t, []string{"/b", "/c"}, paths(a), "larger than the log")
		a.do("GET", "/e?q="+body, "")
		a.do("GET", "/f", "", "x-long", body)
		a.do("GET", "/g", "")
		assert.Equal(t, []string{"/e", "/f", "/g"}, paths(a))
		a.do("GET", "/h", "", "x-long", body)
		assert.Equal(t, []string{"/f", "/g", "/h"}, paths(a))
	})
	t.Run("both, and none", func(t *testing.T) {
		both, none := newAPI(t, cometchattest.WithRequestLog(1, 1<<20)), newAPI(t, cometchattest.WithRequestLog(0, 0))
		for _, path := range []string{"/a", "/b"} {
			both.do("GET", path, "")
			none.do("GET", path, "")
		}
		assert.Equal(t, []string{"/b"}, paths(both))
		assert.Equal(t, []string{"/a", "/b"}, paths(none))
	})
}
