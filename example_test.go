package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// demo returns a client of an app in memory, for the examples below.
func demo(users ...cometchattest.User) (*cometchat.Client, *cometchattest.Server) {
	srv := cometchattest.NewServer()
	srv.SetClock(func() time.Time { return time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC) })
	srv.AddUsers(users...)
	client, err := cometchat.NewClient(cometchat.RegionEU, srv.APIKey(), cometchat.WithBaseURL(srv.URL()))
	if err != nil {
		panic(err)
	}
	return client, srv
}

// Walk all users of an app. cometchattest replaces the service here; with an
// account, NewClientFromEnv makes the client from COMETCHAT_REGION and
// COMETCHAT_API_KEY.
func Example() {
	srv := cometchattest.NewServer()
	defer srv.Close()
	srv.SeedUsers(2500)

	client, err := cometchat.NewClient(cometchat.RegionEU, srv.APIKey(), cometchat.WithBaseURL(srv.URL()))
	if err != nil {
		log.Fatal(err)
	}
	offline := 0
	for user, err := range client.Users.List(nil).All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		if user.Status == cometchat.UserStatusOffline {
			offline++
		}
	}
	fmt.Println(offline, "users are offline")
	// Output: 2500 users are offline
}

func ExampleNewClient() {
	if os.Getenv("COMETCHAT_API_KEY") == "" {
		os.Setenv("COMETCHAT_API_KEY", "the-key-of-your-app")
		defer os.Unsetenv("COMETCHAT_API_KEY")
	}

	client, err := cometchat.NewClient(cometchat.RegionEU, os.Getenv("COMETCHAT_API_KEY"),
		cometchat.WithAppID("2748312a9f3c1b2d"),
		cometchat.WithTimeout(10*time.Second),
		cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 6, MaxElapsed: 5 * time.Minute}),
		cometchat.WithUserAgent("roster-sync/2.1"),
		cometchat.WithLogger(slog.Default()),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client) // never shows the key
	// Output: cometchat.Client(region "eu", app "2748312a9f3c1b2d", on behalf of "")
}

func ExampleClient_OnBehalfOf() {
	client, srv := demo(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "marek"})
	defer srv.Close()

	ctx := context.Background()
	// The conversation is the one that lena and marek have.
	user, err := client.OnBehalfOf("lena").Users.Get(ctx, "marek")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.UID, user.ConversationID)
	// Output: marek lena_user_marek
}

func ExampleClient_With() {
	client, srv := demo(cometchattest.User{UID: "lena"})
	defer srv.Close()

	// Setting a name twice does no harm, so this call may be sent again even if
	// the first attempt may have arrived.
	srv.Inject(cometchattest.Fault{Method: "PUT", DropAfter: true})
	user, err := client.With(cometchat.WithRetryWrites()).Users.Update(context.Background(), "lena",
		&cometchat.UpdateUserRequest{Name: cometchat.Ptr("Lena Brandt")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Name)
	// Output: Lena Brandt
}

func ExamplePageList_Pages() {
	client, srv := demo()
	defer srv.Close()
	srv.SeedUsers(250)

	list := client.Users.List(&cometchat.UserListOptions{PerPage: 100})
	for page, err := range list.Pages(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		first, last := page.Items[0], page.Items[len(page.Items)-1]
		fmt.Println(page.Pagination.CurrentPage, first.UID, "to", last.UID)
	}
	// Output:
	// 1 user-0250 to user-0151
	// 2 user-0150 to user-0051
	// 3 user-0050 to user-0001
}

// The error of a failed page says where the page begins, so that nothing is read
// twice.
func ExamplePageList_From() {
	client, srv := demo()
	defer srv.Close()
	srv.SeedUsers(300)
	srv.Inject(cometchattest.Fault{Path: "/users", Skip: 2, Status: 500}) // page 3 fails, once

	ctx := context.Background()
	list := client.Users.List(&cometchat.UserListOptions{PerPage: 100})
	exported := 0
	var stopped *cometchat.PageError
	for _, err := range list.All(ctx) {
		if errors.As(err, &stopped) {
			break
		}
		exported++
	}
	if stopped != nil {
		fmt.Println("stopped after", exported)
		for _, err := range list.From(stopped.Position).All(ctx) {
			if err != nil {
				log.Fatal(err)
			}
			exported++
		}
	}
	fmt.Println("done after", exported)
	// Output:
	// stopped after 200
	// done after 300
}

// Eight pages are fetched at once; they are yielded in order all the same.
func ExamplePageList_Prefetch() {
	client, srv := demo()
	defer srv.Close()
	srv.SeedUsers(2000)
	srv.Inject(cometchattest.Fault{Latency: 5 * time.Millisecond, Times: cometchattest.Always})

	ctx := context.Background()
	list := client.Users.List(&cometchat.UserListOptions{PerPage: 100}).Prefetch(8)
	var oldest *cometchat.User
	for user, err := range list.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		oldest = user
	}
	fmt.Println(oldest.UID)
	// Output: user-0001
}

func ExamplePageList_Collect() {
	client, srv := demo()
	defer srv.Close()
	srv.SeedUsers(2500)

	ctx := context.Background()
	newest, err := client.Users.List(nil).Collect(ctx, 3)
	if err != nil {
		log.Fatal(err)
	}
	for _, user := range newest {
		fmt.Println(user.UID, user.CreatedAt)
	}
	fmt.Println(len(srv.Requests()), "request")
	// Output:
	// user-2500 2026-03-02T09:00:00Z
	// user-2499 2026-03-02T08:59:59Z
	// user-2498 2026-03-02T08:59:58Z
	// 1 request
}

func ExampleError() {
	client, srv := demo()
	defer srv.Close()

	ctx := context.Background()
	_, err := client.Users.Get(ctx, "nobody")
	fmt.Println("category:", errors.Is(err, cometchat.ErrNotFound))
	fmt.Println("code:", errors.Is(err, cometchat.CodeUIDNotFound))
	var e *cometchat.Error
	if errors.As(err, &e) {
		fmt.Println("response:", e.StatusCode, e.Code, e.Method, e.Path)
	}

	// A request that cannot succeed is not sent at all.
	_, err = client.Users.Create(ctx, &cometchat.CreateUserRequest{UID: "lena"})
	fmt.Println(err)
	fmt.Println("invalid:", errors.Is(err, cometchat.ErrInvalidRequest))
	// Output:
	// category: true
	// code: true
	// response: 404 ERR_UID_NOT_FOUND GET /users/nobody
	// cometchat: POST /users: name: required
	// invalid: true
}

func ExampleRetryPolicy() {
	client, srv := demo(cometchattest.User{UID: "lena"})
	defer srv.Close()
	srv.Inject(cometchattest.Fault{Status: 503, Times: 2})

	ctx := context.Background()
	patient := client.With(cometchat.WithRetry(cometchat.RetryPolicy{
		MaxAttempts: 5, MinWait: time.Millisecond, MaxWait: 10 * time.Second,
	}))
	user, err := patient.Users.Get(ctx, "lena")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("read", user.UID)
	fmt.Println(len(srv.Requests()), "requests")

	// A write that may have arrived is not sent again.
	srv.ResetRequests()
	srv.Inject(cometchattest.Fault{Status: 503})
	_, err = patient.Users.Create(ctx, &cometchat.CreateUserRequest{UID: "ada", Name: "Ada"})
	fmt.Println("written? unknown:", errors.Is(err, cometchat.ErrOutcomeUnknown))
	fmt.Println(len(srv.Requests()), "request")
	// Output:
	// read lena
	// 3 requests
	// written? unknown: true
	// 1 request
}

func ExampleMetadata() {
	client, srv := demo()
	defer srv.Close()

	ctx := context.Background()
	type profile struct {
		Team   string `json:"team"`
		Badges []int  `json:"badges"`
	}
	metadata, err := cometchat.NewMetadata(profile{Team: "north", Badges: []int{3, 14}})
	if err != nil {
		log.Fatal(err)
	}
	user, err := client.Users.Create(ctx, &cometchat.CreateUserRequest{
		UID: "lena", Name: "Lena Brandt", Metadata: metadata,
	})
	if err != nil {
		log.Fatal(err)
	}
	p, err := cometchat.DecodeMetadata[profile](user.Metadata)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Team, p.Badges)
	// Output: north [3 14]
}

func ExampleWithLogger() {
	client, srv := demo(cometchattest.User{UID: "lena"})
	defer srv.Close()
	srv.Inject(cometchattest.Fault{Status: 429, RetryAfter: "0"})

	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch a.Key {
			case slog.TimeKey, "duration", "wait", "bytes": // differ from run to run
				return slog.Attr{}
			}
			return a
		},
	}))
	_, err := client.With(cometchat.WithLogger(logger)).Users.Get(context.Background(), "lena")
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// level=DEBUG msg=cometchat.attempt operation="GET /users/{uid}" attempt=1 status=429
	// level=INFO msg=cometchat.retry operation="GET /users/{uid}" attempt=1
	// level=DEBUG msg=cometchat.attempt operation="GET /users/{uid}" attempt=2 status=200
}

// A tracer starts a span, or counts, for each call.
func ExampleWithTracer() {
	client, srv := demo(cometchattest.User{UID: "lena"})
	defer srv.Close()

	traced := client.With(cometchat.WithTracer(func(ctx context.Context, call cometchat.OperationInfo) (context.Context, cometchat.Trace) {
		return ctx, cometchat.Trace{End: func(r cometchat.OperationResult) {
			fmt.Println(call.Operation, r.StatusCode, "attempts:", r.Attempts, "failed:", r.Err != nil)
		}}
	}))
	_, _ = traced.Users.Get(context.Background(), "lena")
	_, _ = traced.Users.Get(context.Background(), "nobody")
	// Output:
	// GET /users/{uid} 200 attempts: 1 failed: false
	// GET /users/{uid} 404 attempts: 1 failed: true
}

func ExampleWithResponse() {
	client, srv := demo(cometchattest.User{UID: "lena"})
	defer srv.Close()

	var answer *cometchat.Response
	_, err := client.With(cometchat.WithResponse(func(r *cometchat.Response) { answer = r })).
		Users.Get(context.Background(), "lena")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.StatusCode, answer.Header.Get("Content-Type"))
	fmt.Println(string(answer.Body))
	// Output:
	// 200 application/json
	// {"data":{"uid":"lena","name":"lena","status":"offline","role":"default","createdAt":1772442000}}
}
