package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// Set up Firebase once for the app, as the default for devices that name no
// provider.
func ExamplePushProviderService_Create() {
	client, srv := demo()
	defer srv.Close()
	ctx := context.Background()

	err := client.Notifications.Providers.FCM.Create(ctx, &cometchat.FCMProvider{
		ProviderID: "firebase",
		ServiceAccountCreds: cometchat.FCMServiceAccountCreds{
			ProjectID:    "tutoring-app",
			ClientEmail:  "push@tutoring-app.iam.gserviceaccount.com",
			PrivateKey:   cometchat.Secret(os.Getenv("FIREBASE_PRIVATE_KEY")),
			PrivateKeyID: "5f1c",
		},
	})
	if err != nil && !errors.Is(err, cometchat.CodeProviderAlreadyExists) {
		log.Fatal(err)
	}
	if err := client.Notifications.Providers.FCM.SetDefault(ctx, "firebase"); err != nil {
		log.Fatal(err)
	}
	// Output:
}

func ExamplePushProviderService_Create_apns() {
	client, srv := demo()
	defer srv.Close()
	ctx := context.Background()

	err := client.Notifications.Providers.APNS.Create(ctx, &cometchat.APNSProvider{
		ProviderID:     "apple",
		KeyID:          "2X9R4HXF34",
		TeamID:         "DEF123GHIJ",
		BundleID:       "com.example.tutoring",
		P8Key:          cometchat.Secret(os.Getenv("APNS_P8_KEY")),
		ProductionMode: cometchat.Ptr(true),
	})
	if err != nil && !errors.Is(err, cometchat.CodeProviderAlreadyExists) {
		log.Fatal(err)
	}

	providers, err := client.Notifications.Providers.APNS.List(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range providers {
		fmt.Println(p.ProviderID, "of", p.BundleID)
	}
	// Output: apple of com.example.tutoring
}

// An app has one provider of some kinds. A provider that is not set is not an
// error.
func ExampleProviderService_Get() {
	client, srv := demo()
	defer srv.Close()
	ctx := context.Background()

	sms := client.Notifications.Providers.Twilio
	_, set, err := sms.Get(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if !set {
		_, err = sms.Create(ctx, &cometchat.TwilioProvider{
			TwilioAccountSID: "AC71", TwilioAuthToken: "the token", TwilioSenderPhoneNumber: "+4930123456",
		})
	} else {
		_, err = sms.Update(ctx, &cometchat.TwilioProvider{TwilioSenderPhoneNumber: "+4930123456"})
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("set before:", set)
	// Output: set before: false
}

// Register the device that a user has just logged in on.
func ExamplePushTokensService_Register() {
	client, srv := demo(cometchattest.User{UID: "lena"})
	defer srv.Close()
	ctx := context.Background()

	session, err := client.AuthTokens.Create(ctx, "lena", nil)
	if err != nil {
		log.Fatal(err)
	}
	err = client.Notifications.PushTokens.Register(ctx, &cometchat.RegisterPushTokenRequest{
		AuthToken:  session.AuthToken,
		Platform:   cometchat.PushPlatformFCMAndroid,
		ProviderID: "firebase",
		PushToken:  "what Firebase has given to the device",
		Timezone:   "Europe/Berlin",
	})
	if err != nil && !errors.Is(err, cometchat.CodeTokenAlreadyExists) {
		log.Fatal(err)
	}

	devices, err := client.Notifications.PushTokens.List(ctx, session.AuthToken, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range devices {
		fmt.Println(d.Platform, "since", d.CreatedAt.Format(time.DateOnly))
	}
	// Output: fcm_android since 2026-03-02
}

// When the user logs out, the device is forgotten.
func ExamplePushTokensService_Unregister() {
	client, srv := demo(cometchattest.User{UID: "lena"})
	defer srv.Close()
	ctx := context.Background()
	session, err := client.AuthTokens.Create(ctx, "lena", nil)
	if err != nil {
		log.Fatal(err)
	}

	tokens, err := client.Notifications.PushTokens.Unregister(ctx, session.AuthToken, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("devices:", len(tokens))
	// Output: devices: 0
}

// No notifications at night and on Sundays.
func ExampleNotificationPreferencesService_Update() {
	client, srv := demo(cometchattest.User{UID: "lena"})
	defer srv.Close()
	ctx := context.Background()

	schedule := cometchat.EveryDay(cometchat.NotificationHours{From: cometchat.Clock(7, 0), To: cometchat.Clock(22, 30)})
	schedule.Sunday = &cometchat.NotificationHours{DND: true}
	preferences, err := client.Notifications.Preferences.Update(ctx, "lena", &cometchat.NotificationPreferences{
		Group: &cometchat.GroupNotifications{Messages: cometchat.MessageNotificationsMentions},
		Mute:  &cometchat.MuteNotifications{Schedule: schedule},
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Notifications.Preferences.SetTimezone(ctx, "lena", "Europe/Berlin"); err != nil {
		log.Fatal(err)
	}
	fmt.Println("until", preferences.Mute.Schedule.Friday.To)
	// Output: until 22:30
}

func ExampleNotificationPreferencesService_Mute() {
	client, srv := demo(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "marek"})
	defer srv.Close()
	ctx := context.Background()

	endOfLesson := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	err := client.Notifications.Preferences.Mute(ctx, "lena", []cometchat.Receiver{cometchat.ToUser("marek")}, endOfLesson)
	if err != nil {
		log.Fatal(err)
	}
	muted, err := client.Notifications.Preferences.ListMuted(ctx, "lena", nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range muted {
		fmt.Println(c.Receiver().UID, "until", c.Until)
	}
	// Output: marek until 2026-03-02T10:00:00.000Z
}

// Users cannot change which reactions notify them, and mentions always do.
func ExampleNotificationSettingsService_Update() {
	client, srv := demo()
	defer srv.Close()
	ctx := context.Background()

	err := client.Notifications.Settings.Update(ctx, &cometchat.NotificationSettings{
		Preferences: &cometchat.AppNotificationPreferences{
			Group:             &cometchat.GroupNotifications{ReactionsOverride: cometchat.Ptr(false)},
			BypassForMentions: cometchat.Ptr(true),
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	settings, err := client.Notifications.Settings.Get(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("may differ:", *settings.Preferences.Group.ReactionsOverride)
	// Output: may differ: false
}

func ExampleContactDetailsService_Update() {
	client, srv := demo(cometchattest.User{UID: "lena"})
	defer srv.Close()
	ctx := context.Background()

	details, err := client.Notifications.Contacts.Update(ctx, "lena", &cometchat.UpdateContactDetailsRequest{
		Email: cometchat.Ptr("lena@example.com"),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(details.Email)
	// Output: lena@example.com
}

// Find out why a message did not notify a user.
func ExampleNotificationLogsService_List() {
	client, srv := demo(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "marek"})
	defer srv.Close()
	srv.AddNotificationLogs(
		cometchattest.NotificationLog{MessageID: 41, Sender: "marek", Receiver: "lena"},
		cometchattest.NotificationLog{MessageID: 42, Sender: "marek", Receiver: "lena", Reason: "SCHEDULE_PREFERENCE"},
	)

	ctx := context.Background()
	logs := client.Notifications.Logs.List(&cometchat.NotificationLogListOptions{
		Receiver:              "lena",
		NotificationTriggered: cometchat.Ptr(false),
	})
	for entry, err := range logs.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("message", entry.MessageID, entry.Reason)
	}
	// Output: message 42 SCHEDULE_PREFERENCE
}
