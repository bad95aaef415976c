package cometchat_test

import (
	"context"
	"fmt"
	"log"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// managementExample returns a client of the Management API in memory, whose app
// has the id "emulator".
func managementExample() (*cometchat.ManagementClient, func()) {
	srv := cometchattest.NewServer()
	key, secret := srv.ManagementCredentials()
	management, err := cometchat.NewManagementClient(key, secret, cometchat.WithBaseURL(srv.ManagementURL()))
	if err != nil {
		log.Fatal(err)
	}
	return management, srv.Close
}

func ExampleNewManagementClient() {
	management, err := cometchat.NewManagementClient("account-key", "account-secret")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(management)
	// Output: cometchat.ManagementClient
}

func ExampleAppsService_List() {
	management, done := managementExample()
	defer done()
	ctx := context.Background()

	for app, err := range management.Apps.List(nil).All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(app.ID, app.Name, app.Region)
	}
	// Output: emulator Emulated app us
}

// A webhook, and the events that it receives.
func ExampleWebhooksService() {
	management, done := managementExample()
	defer done()
	ctx := context.Background()
	const appID = "emulator"

	hook, err := management.Webhooks.Create(ctx, appID, &cometchat.CreateWebhookRequest{
		ID: "rides", Name: "Rides", WebhookURL: "https://rides.example.com/cometchat", Enabled: true,
		UseBasicAuth: true, Username: "rides", Password: "correct-horse",
		RetryOnFailure: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := management.Webhooks.AddTriggers(ctx, appID, hook.ID, []string{"message_sent", "message_edited"}); err != nil {
		log.Fatal(err)
	}
	for trigger, err := range management.Webhooks.ListTriggers(appID, hook.ID, nil).All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(hook.ID, "gets", trigger.ID)
	}
	// Output:
	// rides gets message_sent
	// rides gets message_edited
}

// Changing the password while events arrive: the handler accepts both passwords
// until the change is complete.
func ExampleWebhooksService_Update() {
	management, done := managementExample()
	defer done()
	ctx := context.Background()
	const appID = "emulator"
	if _, err := management.Webhooks.Create(ctx, appID, &cometchat.CreateWebhookRequest{
		ID: "rides", Name: "Rides", WebhookURL: "https://rides.example.com/cometchat", UseBasicAuth: true, Username: "rides", Password: "correct-horse",
	}); err != nil {
		log.Fatal(err)
	}

	password := cometchat.Secret("battery-staple")
	hook, err := management.Webhooks.Update(ctx, appID, "rides", &cometchat.UpdateWebhookRequest{Password: &password})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(hook.Username)
	// Output: rides
}

func ExampleExtensionsService_Enable() {
	management, done := managementExample()
	defer done()
	ctx := context.Background()

	results, err := management.Extensions.Enable(ctx, "emulator", []string{"polls", "telepathy"})
	for _, r := range results.Items {
		fmt.Println(r.ID, r.OK())
	}
	fmt.Println(err)
	// Output:
	// polls true
	// telepathy false
	// telepathy: cometchat: POST /apps/emulator/extensions: 200 ERR_EXTENSION_NOT_FOUND: The extension telepathy does not exist.
}

func ExampleAppSettingsService_Set() {
	management, done := managementExample()
	defer done()
	ctx := context.Background()

	const replies = "core.conversations.updateOnReplies"
	if _, err := management.Settings.Set(ctx, "emulator", map[string]bool{replies: true}); err != nil {
		log.Fatal(err)
	}
	settings, err := management.Settings.Get(ctx, "emulator")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(settings.Enabled(replies))
	// Output: true
}

func ExampleCollaboratorsService_Add() {
	management, done := managementExample()
	defer done()
	ctx := context.Background()

	if _, err := management.Collaborators.Add(ctx, "emulator", &cometchat.AddCollaboratorsRequest{Moderators: []string{"mo@example.com"}}); err != nil {
		log.Fatal(err)
	}
	for person, err := range management.Collaborators.List("emulator", nil).All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(person.Email, person.Role)
	}
	// Output: mo@example.com moderator
}
