package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// The group is created even if a member cannot be added: Create then returns both
// the group and an error.
func ExampleGroupsService_Create() {
	client, srv := demo(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "marek"})
	defer srv.Close()

	group, err := client.Groups.Create(context.Background(), &cometchat.CreateGroupRequest{
		GUID:  "order-1042",
		Name:  "Order 1042",
		Type:  cometchat.GroupTypePrivate,
		Owner: "lena",
		Tags:  cometchat.Tags{"orders"},
		Members: cometchat.AddMembersRequest{
			Participants: []string{"marek", "nobody"},
		},
	})
	if group == nil {
		log.Fatal(err) // there is no group
	}
	fmt.Println(group.GUID, group.MembersCount, "members")
	for _, r := range group.Members.Failed() {
		fmt.Println(r.ID, "unknown:", errors.Is(r.Err, cometchat.CodeUIDNotFound))
	}
	// Output:
	// order-1042 2 members
	// nobody unknown: true
}

// One group for each business object, whichever process comes first.
func ExampleGroupsService_Ensure() {
	client, srv := demo()
	defer srv.Close()

	ctx := context.Background()
	for range 2 {
		group, created, err := client.Groups.Ensure(ctx, &cometchat.CreateGroupRequest{
			GUID: "order-1042", Name: "Order 1042", Type: cometchat.GroupTypePrivate,
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(group.Name, "created:", created)
	}
	// Output:
	// Order 1042 created: true
	// Order 1042 created: false
}

func ExampleGroupsService_List() {
	client, srv := demo(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "marek"})
	defer srv.Close()
	srv.AddGroups(
		cometchattest.Group{GUID: "order-1042", Tags: []string{"orders"}, Participants: []string{"lena", "marek"}},
		cometchattest.Group{GUID: "order-1043", Tags: []string{"orders"}, Participants: []string{"lena"}},
		cometchattest.Group{GUID: "lunch", Participants: []string{"lena", "marek"}},
	)

	busy := client.Groups.List(&cometchat.GroupListOptions{
		Tags:            []string{"orders"},
		MembersCountGTE: cometchat.Ptr(2),
		SortBy:          cometchat.GroupSortFieldName,
		SortOrder:       cometchat.SortOrderAscending,
	})
	for group, err := range busy.All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(group.GUID, group.MembersCount)
	}
	// Output: order-1042 2
}

// A caller that wants a group removed can treat a missing one as success.
func ExampleGroupsService_Delete() {
	client, srv := demo()
	defer srv.Close()

	ctx := context.Background()
	err := client.Groups.Delete(ctx, "order-1042")
	if err != nil && !errors.Is(err, cometchat.CodeGUIDNotFound) {
		log.Fatal(err)
	}
	fmt.Println("gone")
	// Output: gone
}

// There is one result for each user, in the order given. More than 25 users are
// sent in several requests.
func ExampleGroupMembersService_Add() {
	client, srv := demo(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "marek"}, cometchattest.User{UID: "oana"})
	defer srv.Close()
	srv.AddGroups(cometchattest.Group{GUID: "crew", Participants: []string{"marek"}, Banned: []string{"oana"}})

	ctx := context.Background()
	results, err := client.GroupMembers.Add(ctx, "crew", &cometchat.AddMembersRequest{
		Admins:       []string{"lena"},
		Participants: []string{"marek", "oana", "nobody"},
	})
	if results == nil {
		log.Fatal(err) // nothing was done
	}
	for _, r := range results.Items {
		switch {
		case r.OK():
			fmt.Println(r.ID, "is in, as", r.Value.Scope)
		case errors.Is(r.Err, cometchat.ErrAlreadyExists):
			fmt.Println(r.ID, "was in already")
		case errors.Is(r.Err, cometchat.CodeBannedGroupMember):
			fmt.Println(r.ID, "is banned")
		case errors.Is(r.Err, cometchat.ErrOutcomeUnknown):
			fmt.Println(r.ID, "may be in")
		case errors.Is(r.Err, cometchat.ErrNotAttempted):
			fmt.Println(r.ID, "was not sent")
		default:
			fmt.Println(r.ID, "failed; unknown user:", errors.Is(r.Err, cometchat.CodeUIDNotFound))
		}
	}
	// Output:
	// lena is in, as admin
	// marek was in already
	// oana is banned
	// nobody failed; unknown user: true
}

// Adding users again is not a failure.
func ExampleGroupMembersService_Ensure() {
	client, srv := demo(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "marek"})
	defer srv.Close()
	srv.AddGroups(cometchattest.Group{GUID: "crew", Participants: []string{"marek"}})

	ctx := context.Background()
	results, err := client.GroupMembers.Ensure(ctx, "crew", &cometchat.AddMembersRequest{
		Participants: []string{"lena", "marek"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range results.Items {
		fmt.Println(r.ID, "was in already:", r.Value.Already)
	}
	// Output:
	// lena was in already: false
	// marek was in already: true
}

func ExampleGroupMembersService_ChangeScope() {
	client, srv := demo(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "marek"})
	defer srv.Close()
	srv.AddGroups(cometchattest.Group{GUID: "crew", Owner: "lena", Participants: []string{"marek"}})

	crew := client.OnBehalfOf("lena").GroupMembers
	for range 2 {
		membership, err := crew.ChangeScope(context.Background(), "crew", "marek", cometchat.MemberScopeModerator)
		switch {
		case errors.Is(err, cometchat.CodeSameScope):
			fmt.Println("nothing to change")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println(membership.UID, "is", membership.Scope)
		}
	}
	// Output:
	// marek is moderator
	// nothing to change
}

func ExampleBannedUsersService_Ban() {
	client, srv := demo(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "marek", Name: "Marek Lis"})
	defer srv.Close()
	srv.AddGroups(cometchattest.Group{GUID: "crew", Owner: "lena", Participants: []string{"marek"}})

	ctx := context.Background()
	if err := client.OnBehalfOf("lena").BannedUsers.Ban(ctx, "crew", "marek"); err != nil {
		log.Fatal(err)
	}
	for user, err := range client.BannedUsers.List("crew", nil).All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(user.Name, "since", user.BannedAt)
	}
	// Output: Marek Lis since 2026-03-02T09:00:00Z
}
