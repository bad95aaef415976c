package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

func ExampleFriendsService_Add() {
	client, srv := demo(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "marek"}, cometchattest.User{UID: "oana"})
	defer srv.Close()
	srv.AddFriends("lena", "oana")

	results, err := client.Friends.Add(context.Background(), "lena", &cometchat.AddFriendsRequest{
		UIDs: []string{"marek", "oana"},
	})
	if results == nil {
		log.Fatal(err)
	}
	for _, r := range results.Items {
		fmt.Println(r.ID, "added:", r.OK(), "friends before:", errors.Is(r.Err, cometchat.CodeAlreadyFriend))
	}
	// Output:
	// marek added: true friends before: false
	// oana added: false friends before: true
}

func ExampleBlockedUsersService_Block() {
	client, srv := demo(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "marek", Name: "Marek Lis"})
	defer srv.Close()

	ctx := context.Background()
	if _, err := client.BlockedUsers.Block(ctx, "lena", []string{"marek"}); err != nil {
		log.Fatal(err)
	}
	for user, err := range client.BlockedUsers.List("lena", nil).All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(user.Name, "since", user.BlockedByMeAt)
	}
	// Output: Marek Lis since 2026-03-02T09:00:00Z
}
