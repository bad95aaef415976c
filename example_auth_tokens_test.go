package cometchat_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// A login endpoint makes a token and hands it to the front end.
func ExampleAuthTokensService_Create() {
	client, srv := demo(cometchattest.User{UID: "lena"})
	defer srv.Close()

	ctx := context.Background()
	token, err := client.AuthTokens.Create(ctx, "lena", nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.UID, token.AuthToken) // a Secret is never printed
	value := string(token.AuthToken)        // JSON has the value, too
	fmt.Println(strings.HasPrefix(value, "lena_"))
	// Output:
	// lena [redacted]
	// true
}
