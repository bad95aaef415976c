package testkit

import (
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// Providers, a device, conversations and a time for a tutoring app.
var (
	Yes, No = cometchat.Ptr(true), cometchat.Ptr(false)
	FCM     = &cometchat.FCMProvider{
		ProviderID: "firebase", ServiceAccountFilename: "tutoring.json",
		ServiceAccountCreds: cometchat.FCMServiceAccountCreds{
			ProjectID: "tutoring", ClientEmail: "push@tutoring.test", PrivateKey: "-----BEGIN KEY-----\nfirebase/1\n", PrivateKeyID: "k1",
		},
		NotificationInPayload: &cometchat.FCMNotificationInPayload{
			IOS: &cometchat.FCMNotificationKinds{Chat: true}, Android: &cometchat.FCMNotificationKinds{Chat: true, Call: true}, Web: &cometchat.FCMNotificationKinds{},
		},
	}
	APNS = &cometchat.APNSProvider{
		ProviderID: "apple", KeyID: "KEY7", TeamID: "TEAM7", BundleID: "test.tutoring", P8KeyFilename: "AuthKey_KEY7.p8", P8Key: "-----BEGIN KEY-----\napple/1\n",
		IncludeContentAvailable: Yes, IncludeMutableContent: Yes, ProductionMode: No,
	}
	CustomPush = &cometchat.CustomPushProvider{
		IsEnabled: Yes, WebhookURL: "https://push.tutoring.test/hook", UseBasicAuth: Yes, BasicAuthUsername: "chat", BasicAuthPassword: "push/pass/1",
	}
	CustomEmail = &cometchat.CustomEmailProvider{
		IsEnabled: Yes, WebhookURL: "https://mail.tutoring.test/hook", UseBasicAuth: No, BasicAuthUsername: "chat", BasicAuthPassword: "mail/pass/1", UseStoredEmailID: Yes,
	}
	CustomSMS = &cometchat.CustomSMSProvider{
		IsEnabled: No, WebhookURL: "https://sms.tutoring.test/hook", UseBasicAuth: Yes, BasicAuthUsername: "chat", BasicAuthPassword: "text/pass/1", UseStoredPhNo: No,
	}
	SendGrid = &cometchat.SendGridProvider{
		SendGridAPIKey: "SG.tutoring/1", SendGridTemplateID: "d-71", SendGridUnsubscribeGroupID: "4711", SenderName: "Tutoring",
		SenderEmail: "chat@tutoring.test", AllowEmailReplies: Yes, SenderEmailForReplies: "reply@tutoring.test", IsEnabled: Yes,
	}
	Twilio = &cometchat.TwilioProvider{TwilioAccountSID: "AC71", TwilioAuthToken: "twilio/token/1", TwilioSenderPhoneNumber: "+4930123456", IsEnabled: Yes}

	Device = &cometchat.RegisterPushTokenRequest{
		AuthToken: "piotr_token_1", Platform: cometchat.PushPlatformFCMAndroid, ProviderID: "firebase", PushToken: "fcm:token/1", Timezone: "Europe/Warsaw",
	}
	EveryOne = []cometchat.Receiver{cometchat.ToUser("lena"), cometchat.ToGroup("crew")}
	Later    = time.UnixMilli(1893456000123)
)

// SeedTutoring makes an app with two users in a group.
func SeedTutoring(srv *cometchattest.Server) {
	at := time.Unix(int64(RecordedAt), 0)
	srv.SetClock(func() time.Time { return at })
	srv.AddUsers(cometchattest.User{UID: "piotr"}, cometchattest.User{UID: "lena"})
	srv.AddGroups(cometchattest.Group{GUID: "crew", Name: "Crew", Owner: "piotr", Participants: []string{"lena"}})
}
