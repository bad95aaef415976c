package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/go-cometchat/cometchat"
)

// A role must exist before a user can have it.
func ExampleRolesService_Create() {
	client, srv := demo()
	defer srv.Close()

	ctx := context.Background()
	_, err := client.Roles.Create(ctx, &cometchat.CreateRoleRequest{
		Role:     "guest",
		Name:     "Guest",
		Settings: cometchat.RoleSettings{ListUsers: cometchat.RoleReachFriendsOnly},
	})
	if err != nil && !errors.Is(err, cometchat.ErrAlreadyExists) {
		log.Fatal(err)
	}
	user, err := client.Users.Create(ctx, &cometchat.CreateUserRequest{UID: "oana", Name: "Oana Pop", Role: "guest"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Name, "is a", user.Role)
	// Output: Oana Pop is a guest
}

func ExamplePermissionsService_SetForRole() {
	client, srv := demo()
	defer srv.Close()
	srv.AddRole("guest")

	set, err := client.Permissions.SetForRole(context.Background(), "guest", cometchat.PermissionValues{
		"createGroup":                     cometchat.PermissionDeny,
		"sendMessage.allowedMessageTypes": cometchat.PermissionList("text", "image"),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range set.Items {
		fmt.Println(r.ID, set.Permissions[r.ID])
	}
	// Output:
	// createGroup deny
	// sendMessage.allowedMessageTypes [text image]
}

func ExampleRestrictedFeaturesService_Restrict() {
	client, srv := demo()
	defer srv.Close()
	srv.AddRole("guest")

	results, err := client.RestrictedFeatures.Restrict(context.Background(), "guest", []string{"listUsers"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(results.Items[0].ID, results.Items[0].OK())
	// Output: listUsers true
}
