// Command readme is the first program of the README, kept here so that it compiles.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/go-cometchat/cometchat"
)

func main() {
	client, err := cometchat.NewClientFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	for user, err := range client.Users.List(nil).All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(user.UID, user.Name)
	}
}
