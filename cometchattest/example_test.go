package cometchattest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// closeAccount is the code under test: it deletes a user permanently. If the user
// does not exist, the account is already closed.
func closeAccount(ctx context.Context, client *cometchat.Client, uid string) error {
	err := client.Users.Delete(ctx, uid, &cometchat.DeleteUserOptions{Permanent: true})
	if errors.Is(err, cometchat.ErrNotFound) {
		return nil
	}
	return err
}

// Test your own code: give it a client of the server, make requests fail, and
// check which requests it sent.
func Example() {
	ctx := context.Background()

	srv := cometchattest.NewServer() // in a test: cometchattest.Start(t), which closes it
	defer srv.Close()
	srv.AddUsers(cometchattest.User{UID: "lena", Name: "Lena Brandt"})
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithBaseURL(srv.URL()))
	if err != nil {
		log.Fatal(err)
	}
	user, err := client.Users.Get(ctx, "lena")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Name)

	// The connection breaks after the user was deleted ...
	srv.Inject(cometchattest.Fault{Method: "DELETE", Path: "/users/{uid}", DropAfter: true})
	err = closeAccount(ctx, client, "lena")
	fmt.Println("outcome unknown:", errors.Is(err, cometchat.ErrOutcomeUnknown))

	// ... so the second call does not find the user.
	fmt.Println("again:", closeAccount(ctx, client, "lena"))

	for _, r := range srv.Requests() {
		fmt.Println(r.Route, string(r.Body), r.Status)
	}
	// Output:
	// Lena Brandt
	// outcome unknown: true
	// again: <nil>
	// GET /users/{uid}  200
	// DELETE /users/{uid} {"permanent":true} 0
	// DELETE /users/{uid} {"permanent":true} 404
}

func ExampleNewServer() {
	srv := cometchattest.NewServer()
	defer srv.Close()
	srv.SeedUsers(2500)
	srv.Inject(cometchattest.Fault{Method: "GET", Path: "/users/{uid}", Status: 503})

	for range 2 {
		req, err := http.NewRequest(http.MethodGet, srv.URL()+"/users/user-0007", nil)
		if err != nil {
			log.Fatal(err)
		}
		req.Header.Set("apikey", srv.APIKey())
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			log.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		fmt.Println(res.Status)
	}
	fmt.Println(srv.Count("GET", "/users/{uid}"), "requests")
	// Output:
	// 503 Service Unavailable
	// 200 OK
	// 2 requests
}

// Reach the server without a socket, for example inside a testing/synctest
// bubble.
func ExampleServer_Transport() {
	ctx := context.Background()

	srv := cometchattest.New()
	defer srv.Close()
	srv.AddUsers(cometchattest.User{UID: "lena", Name: "Lena Brandt"})
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithAppID("any"),
		cometchat.WithHTTPClient(&http.Client{Transport: srv.Transport()}))
	if err != nil {
		log.Fatal(err)
	}
	user, err := client.Users.Get(ctx, "lena")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Name)
	// Output: Lena Brandt
}

// Test a receiver of webhooks: here, each message is delivered twice and out of
// order.
func ExampleServer_DeliverToHandler() {
	ctx := context.Background()
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	send := func(ctx context.Context, client *cometchat.Client) {
		for _, text := range []string{"Good morning", "Good night"} {
			if _, err := client.Messages.Send(ctx, cometchat.ToUser("tom"), &cometchat.SendMessageRequest{Text: text}); err != nil {
				log.Fatal(err)
			}
		}
	}
	srv := cometchattest.NewServer()
	defer srv.Close()
	srv.AddUsers(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "tom"})
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithBaseURL(srv.URL()))
	if err != nil {
		log.Fatal(err)
	}
	client = client.OnBehalfOf("lena")

	hook := srv.DeliverToHandler(handler, cometchattest.WithRetries()) // or DeliverTo, with a URL
	hook.Hold()
	send(ctx, client) // the code under test
	hook.Release(cometchattest.Twice, cometchattest.Shuffled(1))
	if err := srv.AwaitDeliveries(ctx); err != nil {
		log.Fatal(err)
	}
	for _, d := range srv.Deliveries() {
		fmt.Println(d.Trigger, d.State, len(d.Attempts))
	}
	// Output:
	// message_sent delivered 2
	// message_sent delivered 2
}
