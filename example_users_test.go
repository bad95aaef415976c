package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

func ExampleUsersService_List() {
	client, srv := demo(
		cometchattest.User{UID: "lena", Name: "Lena Brandt", Status: "available", Tags: []string{"north"}},
		cometchattest.User{UID: "leo", Name: "Leo Okoye", Status: "available", Tags: []string{"south"}},
		cometchattest.User{UID: "marek", Name: "Marek Lis", Tags: []string{"north"}},
	)
	defer srv.Close()

	ctx := context.Background()
	online := client.Users.List(&cometchat.UserListOptions{
		SearchKey:   "le",
		Status:      []cometchat.UserStatus{cometchat.UserStatusAvailable},
		Tags:        []string{"north", "east"},
		WithTags:    true,
		CreatedFrom: time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
	})
	for user, err := range online.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(user.UID, user.Name, user.Tags)
	}
	// Output: lena Lena Brandt [north]
}

// Create or update, in one call that can be repeated.
func ExampleUsersService_Upsert() {
	client, srv := demo()
	defer srv.Close()

	ctx := context.Background()
	for range 2 {
		user, created, err := client.Users.Upsert(ctx, &cometchat.CreateUserRequest{UID: "lena", Name: "Lena Brandt"})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(user.Name, "created:", created)
	}
	// Output:
	// Lena Brandt created: true
	// Lena Brandt created: false
}

// A nil field stays as it is; Unset clears a field.
func ExampleUsersService_Update() {
	client, srv := demo(cometchattest.User{
		UID: "lena", Name: "Lena", Avatar: "https://cdn.example/lena.png", StatusMessage: "On holiday",
	})
	defer srv.Close()

	ctx := context.Background()
	user, err := client.Users.Update(ctx, "lena", &cometchat.UpdateUserRequest{
		Name:  cometchat.Ptr("Lena Brandt"),
		Unset: []cometchat.UserField{cometchat.UserFieldAvatar},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q %q %q\n", user.Name, user.Avatar, user.StatusMessage)
	// Output: "Lena Brandt" "" "On holiday"
}

// Bulk calls return the outcome for each id, in the order given.
func ExampleUsersService_Deactivate() {
	client, srv := demo(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "marek"})
	defer srv.Close()

	results, err := client.Users.Deactivate(context.Background(), []string{"lena", "nobody", "marek"})
	if results == nil {
		log.Fatal(err) // the call failed as a whole
	}
	for _, r := range results.Items {
		if r.OK() {
			fmt.Println(r.ID, *r.Value)
		} else {
			fmt.Println(r.ID, "not found:", errors.Is(r.Err, cometchat.ErrNotFound))
		}
	}
	// Output:
	// lena deactivated
	// nobody not found: true
	// marek deactivated
}
