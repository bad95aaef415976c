package cometchat_test

import (
	"context"
	"fmt"
	"log"

	"github.com/go-cometchat/cometchat"
)

func ExampleAPIKeysService_List() {
	client, srv := demo()
	defer srv.Close()
	srv.AddAPIKey("key-of-the-login-service", "Login service", "authOnly")

	keys := client.APIKeys.List(&cometchat.APIKeyListOptions{Scope: cometchat.APIKeyScopeAuthOnly})
	for key, err := range keys.All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(key.Name, key.Scope, key.APIKey)
	}
	// Output: Login service authOnly [redacted]
}
