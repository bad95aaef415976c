package cometchat_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// loginHandler gives the user who is logged in to the program a token for the
// chat. who returns that user.
func loginHandler(client *cometchat.Client, who func(*http.Request) (uid, name string, ok bool)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		uid, name, ok := who(r)
		if !ok {
			http.Error(w, "log in first", http.StatusUnauthorized)
			return
		}
		// Most users exist already: the token comes first, and without Force a
		// user who has a token keeps it.
		token, err := client.AuthTokens.Create(r.Context(), uid, nil)
		if errors.Is(err, cometchat.CodeUIDNotFound) {
			if _, _, err = client.Users.Upsert(r.Context(), &cometchat.CreateUserRequest{UID: uid, Name: name}); err == nil {
				token, err = client.AuthTokens.Create(r.Context(), uid, nil)
			}
		}
		if err != nil {
			slog.ErrorContext(r.Context(), "login", "err", cometchat.LogValue(err))
			status := http.StatusInternalServerError
			if cometchat.IsSystemic(err) {
				status = http.StatusServiceUnavailable
			}
			http.Error(w, "no chat today", status)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"uid": token.UID, "authToken": string(token.AuthToken)})
	})
}

// A service that logs users in to the chat, and a test of it: the API in memory
// replaces the service, without a socket, and fails on request.
func Example_loginService() {
	srv := cometchattest.New()
	defer srv.Close()
	client, err := cometchat.NewClient(cometchat.RegionEU, srv.APIKey(),
		cometchat.WithHTTPClient(&http.Client{Transport: srv.Transport()}),
		cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		log.Fatal(err)
	}
	login := loginHandler(client, func(r *http.Request) (uid, name string, ok bool) {
		uid = r.Header.Get("X-Test-User")
		return uid, "Lena", uid != ""
	})
	try := func(user string) (status int, token string) {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/login", nil)
		r.Header.Set("X-Test-User", user)
		login.ServeHTTP(w, r)
		var answer struct{ AuthToken string }
		_ = json.Unmarshal(w.Body.Bytes(), &answer)
		return w.Code, answer.AuthToken
	}

	status, first := try("lena")
	fmt.Println(status, "a token:", first != "")
	status, second := try("lena")
	fmt.Println(status, "the same:", second == first)
	status, _ = try("")
	fmt.Println(status)

	slog.SetDefault(slog.New(slog.DiscardHandler))
	srv.Inject(cometchattest.Fault{Status: 503})
	status, _ = try("lena")
	fmt.Println(status)
	fmt.Println("users created:", srv.Count(http.MethodPost, "/users"))
	// Output:
	// 200 a token: true
	// 200 the same: true
	// 401
	// 503
	// users created: 1
}
