package cometchat_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func keywordsOf(change func(*cometchat.ModerationKeywordList)) *cometchat.ModerationKeywordList {
	l := &cometchat.ModerationKeywordList{
		ID: "drinks", Name: "Drinks", Category: cometchat.ModerationCategoryWord, SearchTerms: []string{"rum", "gin"},
		Active: true, RevisionID: "app_drinks_1", CreatedAt: testkit.NineUnix, UpdatedAt: testkit.NineUnix,
	}
	if change != nil {
		change(l)
	}
	return l
}

func TestModerationKeywordTerms(t *testing.T) {
	list, err := testkit.Answering(t, 200, `{"data":{"id":"l","isCSV":true,"searchTerms":["\"a\"","b","\"say \"\"hi\"\"\"","\""],"createdAt":1}}`).
		Moderation.Keywords.Get(t.Context(), "l")
	require.NoError(t, err)
	assert.Equal(t, []string{`"a"`, "b", `"say ""hi"""`, `"`}, list.SearchTerms)
	assert.Equal(t, []string{"a", "b", `say "hi"`, `"`}, list.Terms())
}

// upload responds to uploads with what was sent.
type upload struct {
	statuses []int
	bodies   [][]byte
	types    []string
}

func (u *upload) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	u.bodies, u.types = append(u.bodies, body), append(u.types, r.Header.Get("Content-Type"))
	status := 200
	if len(u.statuses) > 0 {
		status, u.statuses = u.statuses[0], u.statuses[1:]
	}
	w.Header().Set("Retry-After", "0")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, testkit.AKeywordList)
}

// soon tries again at once.
var soon = cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 3, MinWait: time.Millisecond, MaxWait: time.Second})

// unseekable hides everything of a reader except Read.
func unseekable(content []byte) io.Reader { return iotest.HalfReader(bytes.NewReader(content)) }

func TestModerationKeywordsUpload(t *testing.T) {
	request := func(file io.Reader) *cometchat.CreateModerationKeywordListRequest {
		return &cometchat.CreateModerationKeywordListRequest{ID: "drinks", Name: "Drinks", Description: "“Strong”", Category: "word", File: file}
	}
	t.Run("fields", func(t *testing.T) {
		u := &upload{}
		_, err := testkit.Served(t, u.ServeHTTP, testkit.Once).Moderation.Keywords.Update(t.Context(), "drinks", &cometchat.UpdateModerationKeywordListRequest{
			Name: "Drinks", Category: cometchat.ModerationCategoryPattern, SearchTerms: []string{"r.m", "gin"}, DisallowedSentences: []string{"a, b", "c"},
		})
		require.NoError(t, err)
		const boundary = "cometchat-e1e684a8405e5d41906b3da7266222b3"
		assert.Equal(t, []string{"multipart/form-data; boundary=" + boundary}, u.types)
		want := ""
		for _, field := range [][2]string{
			{"id", "drinks"}, {"name", "Drinks"}, {"category", "pattern"}, {"searchTerms", "r.m,gin"},
			{"disallowedSentences", "a, b"}, {"disallowedSentences", "c"},
		} {
			want += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + field[0] + "\"\r\n\r\n" + field[1] + "\r\n"
		}
		assert.Equal(t, want+"--"+boundary+"--\r\n", string(u.bodies[0]))
	})
	full := bytes.Repeat([]byte("gin\n"), cometchat.MaxModerationKeywordsFile/4)
	t.Run("a full file is sent again after a 429", func(t *testing.T) {
		u := &upload{statuses: []int{429, 429}}
		list, err := testkit.Served(t, u.ServeHTTP, soon).Moderation.Keywords.Create(t.Context(), request(unseekable(full)))
		require.NoError(t, err)
		assert.Equal(t, &cometchat.ModerationKeywordList{ID: "drinks"}, list)
		require.Len(t, u.bodies, 3)
		assert.Equal(t, u.bodies[0], u.bodies[1])
		assert.Equal(t, u.bodies[0], u.bodies[2])
		assert.Contains(t, string(u.bodies[0]), "form-data; name=\"file\"; filename=\"file.csv\"\r\nContent-Type: text/csv\r\n\r\n"+string(full)+"\r\n--")
		assert.Contains(t, string(u.bodies[0]), "“Strong”")
	})
	t.Run("one byte more is not sent", func(t *testing.T) {
		u := &upload{}
		_, err := testkit.Served(t, u.ServeHTTP).Moderation.Keywords.Create(t.Context(), request(unseekable(append(full, 'x'))))
		var invalid *cometchat.ValidationError
		require.ErrorAs(t, err, &invalid)
		assert.Equal(t, &cometchat.ValidationError{Operation: "POST /moderation/keywords", Field: "file", Limit: 1 << 20, Size: 1<<20 + 1, Reason: "1048577 bytes or more, at most 1048576 allowed"}, invalid)
		assert.Empty(t, u.bodies)
	})
	t.Run("a reader that fails", func(t *testing.T) {
		u := &upload{}
		_, err := testkit.Served(t, u.ServeHTTP).Moderation.Keywords.Create(t.Context(), request(iotest.ErrReader(io.ErrUnexpectedEOF)))
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.EqualError(t, err, "cometchat: file: unexpected EOF")
		assert.Empty(t, u.bodies)
	})
	t.Run("by the emulator", func(t *testing.T) {
		client, srv := testkit.Emulated(t)
		client = client.With(soon)
		srv.Inject(cometchattest.Fault{Status: 429, RetryAfter: "0"})
		list, err := client.Moderation.Keywords.Create(t.Context(), request(unseekable(full)))
		require.NoError(t, err)
		assert.Len(t, list.SearchTerms, len(full)/4)
		assert.True(t, list.IsCSV)
		assert.Equal(t, 2, srv.Count("POST", "/moderation/keywords"))
	})
}

func TestModerationKeywordFixtures(t *testing.T) {
	testkit.RunFixtures(t, testkit.SeedModerated(t), []testkit.Fixture{
		{Name: "moderation_keywords/create", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Moderation.Keywords.Create(ctx, &cometchat.CreateModerationKeywordListRequest{
				ID: "Pets", Name: "Pets", Description: "Small ones", Category: cometchat.ModerationCategoryWord, SearchTerms: []string{"cat", "hamster"},
			})
		}, Want: &cometchat.ModerationKeywordList{
			ID: "pets", Name: "Pets", Description: "Small ones", Category: cometchat.ModerationCategoryWord, SearchTerms: []string{"cat", "hamster"},
			Active: true, RevisionID: "app_pets_1", CreatedAt: testkit.NineUnix, UpdatedAt: testkit.NineUnix,
		}},
		{Name: "moderation_keywords/create-file", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Moderation.Keywords.Create(ctx, &cometchat.CreateModerationKeywordListRequest{
				ID: "mails", Name: "Mails", Category: cometchat.ModerationCategoryPattern, File: strings.NewReader("\"a{1,3}@b\"\nc@d\n"),
			})
		}, Want: &cometchat.ModerationKeywordList{
			ID: "mails", Name: "Mails", Category: cometchat.ModerationCategoryPattern, SearchTerms: []string{`"a{1,3}@b"`, "c@d"}, IsCSV: true,
			Active: true, RevisionID: "app_mails_1", CreatedAt: testkit.NineUnix, UpdatedAt: testkit.NineUnix,
		}},
		{Name: "moderation_keywords/create-sentences", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Moderation.Keywords.Create(ctx, &cometchat.CreateModerationKeywordListRequest{
				ID: "lures", Name: "Lures", Category: cometchat.ModerationCategorySentenceSimilarity,
				DisallowedSentences: []string{"Come over here, now", "Call me"},
			})
		}, Want: &cometchat.ModerationKeywordList{
			ID: "lures", Name: "Lures", Category: cometchat.ModerationCategorySentenceSimilarity,
			DisallowedSentences: []string{"Come over here, now", "Call me"},
			Active:              true, RevisionID: "app_lures_1", CreatedAt: testkit.NineUnix, UpdatedAt: testkit.NineUnix,
		}},
		{Name: "moderation_keywords/get", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Moderation.Keywords.Get(ctx, "drinks")
		}, Want: keywordsOf(nil)},
		{Name: "moderation_keywords/list", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			lists, err := client.Moderation.Keywords.List(nil).Collect(ctx, 100)
			for _, l := range lists {
				assert.Regexp(t, "^[0-9a-f]{24}$", l.RecordID)
				l.RecordID = ""
			}
			return lists, err
		}, Want: []*cometchat.ModerationKeywordList{keywordsOf(nil), {
			ID: "profanity-list", Name: "Profanity", Category: cometchat.ModerationCategoryWord, SearchTerms: []string{"darn", "heck"},
			Active: true, Default: true, AppID: "default", RevisionID: "default_profanity-list_1", CreatedAt: 1718150400, UpdatedAt: 1718150400,
		}}},
		{Name: "moderation_keywords/update", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Moderation.Keywords.Update(ctx, "drinks", &cometchat.UpdateModerationKeywordListRequest{
				Name: "Drinks", Category: cometchat.ModerationCategoryWord, File: strings.NewReader("rum,gin\nale"),
			})
		}, Want: keywordsOf(func(l *cometchat.ModerationKeywordList) {
			l.SearchTerms, l.IsCSV, l.RevisionID = []string{"rum", "gin", "ale"}, true, "app_drinks_2"
		})},
		{Name: "moderation_keywords/delete", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Moderation.Keywords.Delete(ctx, "drinks")
		}},
	})
}
