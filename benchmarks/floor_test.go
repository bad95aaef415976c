package benchmarks

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The floors are code written without a client: net/http, and encoding/json into
// a struct that has exactly the members of the payload.

const token = "token-0001"

// get fetches a page into v and returns the response's headers.
func get(tb testing.TB, url, header, credentials string, v any) http.Header {
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, url, nil)
	require.NoError(tb, err)
	req.Header.Set(header, credentials)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(tb, err)
	require.Equal(tb, http.StatusOK, resp.StatusCode)
	err = json.NewDecoder(resp.Body).Decode(v)
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	require.NoError(tb, err)
	return resp.Header
}

type cometchatUser struct {
	UID            string          `json:"uid"`
	Name           string          `json:"name"`
	Avatar         string          `json:"avatar"`
	Link           string          `json:"link"`
	Metadata       json.RawMessage `json:"metadata"`
	Status         string          `json:"status"`
	Role           string          `json:"role"`
	CreatedAt      int64           `json:"createdAt"`
	UpdatedAt      int64           `json:"updatedAt"`
	LastActiveAt   int64           `json:"lastActiveAt"`
	ConversationID string          `json:"conversationId"`
}

func cometchatFloor(_ testing.TB, base string) walk {
	return func(tb testing.TB, size int, visit func(string)) {
		for page := 1; ; page++ {
			var answer struct {
				Data []cometchatUser `json:"data"`
				Meta struct {
					Pagination struct {
						CurrentPage int `json:"current_page"`
						TotalPages  int `json:"total_pages"`
					} `json:"pagination"`
				} `json:"meta"`
			}
			get(tb, fmt.Sprintf("%s/v3/users?page=%d&perPage=%d", base, page, size), "apikey", token, &answer)
			for i := range answer.Data {
				visit(answer.Data[i].UID)
			}
			if p := answer.Meta.Pagination; p.CurrentPage >= p.TotalPages {
				return
			}
		}
	}
}

type githubUser struct {
	Login        string `json:"login"`
	ID           int64  `json:"id"`
	NodeID       string `json:"node_id"`
	AvatarURL    string `json:"avatar_url"`
	GravatarID   string `json:"gravatar_id"`
	URL          string `json:"url"`
	HTMLURL      string `json:"html_url"`
	ReposURL     string `json:"repos_url"`
	EventsURL    string `json:"events_url"`
	Type         string `json:"type"`
	UserViewType string `json:"user_view_type"`
	SiteAdmin    bool   `json:"site_admin"`
}

var nextLink = regexp.MustCompile(`<([^>]*)>; rel="next"`)

func githubFloor(_ testing.TB, base string) walk {
	return func(tb testing.TB, size int, visit func(string)) {
		url := fmt.Sprintf("%s/orgs/example/members?per_page=%d", base, size)
		for {
			var users []githubUser
			header := get(tb, url, "Authorization", "Bearer "+token, &users)
			for i := range users {
				visit(users[i].Login)
			}
			next := nextLink.FindStringSubmatch(header.Get("Link"))
			if next == nil {
				return
			}
			url = next[1]
		}
	}
}

type gitlabUser struct {
	ID           int64     `json:"id"`
	Username     string    `json:"username"`
	Name         string    `json:"name"`
	State        string    `json:"state"`
	Locked       bool      `json:"locked"`
	AvatarURL    string    `json:"avatar_url"`
	WebURL       string    `json:"web_url"`
	CreatedAt    time.Time `json:"created_at"`
	Bio          string    `json:"bio"`
	Location     string    `json:"location"`
	PublicEmail  string    `json:"public_email"`
	WebsiteURL   string    `json:"website_url"`
	Organization string    `json:"organization"`
	JobTitle     string    `json:"job_title"`
	Bot          bool      `json:"bot"`
}

func gitlabFloor(_ testing.TB, base string) walk {
	return func(tb testing.TB, size int, visit func(string)) {
		for page := "1"; page != ""; {
			var users []gitlabUser
			header := get(tb, fmt.Sprintf("%s/api/v4/users?page=%s&per_page=%d", base, page, size), "Private-Token", token, &users)
			for i := range users {
				visit(users[i].Username)
			}
			page = header.Get("X-Next-Page")
		}
	}
}
