package cometchattest_test

import (
	"fmt"
	"io"
	"net/http"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func ExampleNewServer() {
	srv := cometchattest.NewServer()
	defer srv.Close()
	srv.SeedUsers(2500)
	srv.Inject(cometchattest.Fault{Method: "GET", Path: "/users/{uid}", Status: 503})

	for range 2 {
		req, err := http.NewRequest(http.MethodGet, srv.URL()+"/users/user-0007", nil)
		if err != nil {
			panic(err)
		}
		req.Header.Set("apikey", srv.APIKey())
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			panic(err)
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
