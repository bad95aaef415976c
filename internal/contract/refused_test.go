package contract

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// TestModerationErrors covers items that are missing, taken, or one too many.
func TestModerationErrors(t *testing.T) {
	client, srv := testkit.Emulated(t)
	ctx, m := t.Context(), client.Moderation
	for name, call := range map[cometchat.ErrorCode]func() error{
		cometchat.CodeRuleNotFound:      func() error { _, err := m.Rules.Get(ctx, "ghost"); return err },
		cometchat.CodeKeywordNotFound:   func() error { return m.Keywords.Delete(ctx, "ghost") },
		cometchat.CodeMessageIDNotFound: func() error { return m.Reviews.ReviewBlocked(ctx, "9", cometchat.ModerationReviewApproved) },
	} {
		err := call()
		assert.ErrorIs(t, err, name)
		assert.ErrorIs(t, err, cometchat.ErrNotFound)
	}
	for i := range 26 {
		id := "r" + strings.Repeat("x", i)
		_, err := m.Rules.Create(ctx, &cometchat.CreateModerationRuleRequest{ID: id, Name: "R"})
		_, listErr := m.Keywords.Create(ctx, &cometchat.CreateModerationKeywordListRequest{
			ID: id, Name: "L", Category: cometchat.ModerationCategoryWord, SearchTerms: []string{"a"},
		})
		if i < 25 {
			require.NoError(t, errors.Join(err, listErr))
		} else {
			assert.ErrorIs(t, err, cometchat.ErrQuotaExceeded)
			assert.ErrorIs(t, listErr, cometchat.ErrQuotaExceeded)
		}
	}
	page, err := m.Keywords.List(nil).First(ctx)
	require.NoError(t, err)
	assert.Len(t, page.Items, 10, "the API's default, which cuts the list")
	all, err := m.Keywords.List(nil).Collect(ctx, 100)
	require.NoError(t, err)
	assert.Len(t, all, 26)

	srv.ResetRequests()
	long, csv := strings.Repeat("x", 101), strings.NewReader("a")
	list := cometchat.CreateModerationKeywordListRequest{ID: "l", Name: "L", Category: "word", SearchTerms: []string{"a"}}
	lists := func(change func(*cometchat.CreateModerationKeywordListRequest)) func() error {
		return func() error {
			req := list
			change(&req)
			_, err := m.Keywords.Create(ctx, &req)
			return err
		}
	}
	rules := func(req *cometchat.CreateModerationRuleRequest) func() error {
		return func() error { _, err := m.Rules.Create(ctx, req); return err }
	}
	messages := func(change func(*cometchat.CreateModerationMessageRequest)) func() error {
		return func() error {
			req := &cometchat.CreateModerationMessageRequest{Text: "a"}
			change(req)
			_, err := m.Messages.Create(ctx, "ann", testkit.Bob, req)
			return err
		}
	}
	for want, call := range map[cometchat.ValidationError]func() error{
		{Field: "request"}:                            rules(nil),
		{Field: "id", Limit: 100, Size: 101}:          rules(&cometchat.CreateModerationRuleRequest{ID: long, Name: "R"}),
		{Field: "name"}:                               rules(&cometchat.CreateModerationRuleRequest{ID: "r"}),
		{Field: "name", Limit: 100, Size: 101}:        rules(&cometchat.CreateModerationRuleRequest{ID: "r", Name: long}),
		{Field: "description", Limit: 255, Size: 303}: rules(&cometchat.CreateModerationRuleRequest{ID: "r", Name: "R", Description: long + long + long}),
		{Field: "conditions", Limit: 10, Size: 11}:    rules(&cometchat.CreateModerationRuleRequest{ID: "r", Name: "R", Conditions: make([]cometchat.ModerationCondition, 11)}),
		{Field: "filters[0].value"}:                   rules(&cometchat.CreateModerationRuleRequest{ID: "r", Name: "R", Filters: []cometchat.ModerationFilter{{Entity: "user", Type: "sender", Operand: "uid", Operator: "equals"}}}),
		{Field: "limit", Limit: 1000, Size: 1001}: func() error {
			_, err := m.Rules.List(&cometchat.ModerationRuleListOptions{Limit: 1001}).First(ctx)
			return err
		},
		{Field: "category"}:                              lists(func(r *cometchat.CreateModerationKeywordListRequest) { r.Category = "" }),
		{Field: "searchTerms"}:                           lists(func(r *cometchat.CreateModerationKeywordListRequest) { r.SearchTerms = nil }),
		{Field: "searchTerms[0]", Size: 3}:               lists(func(r *cometchat.CreateModerationKeywordListRequest) { r.SearchTerms = []string{"a,b"} }),
		{Field: "searchTerms[0]", Limit: 100, Size: 101}: lists(func(r *cometchat.CreateModerationKeywordListRequest) { r.SearchTerms = []string{long} }),
		{Field: "disallowedSentences[0]"}:                lists(func(r *cometchat.CreateModerationKeywordListRequest) { r.DisallowedSentences = []string{""} }),
		{Field: "file"}:                                  lists(func(r *cometchat.CreateModerationKeywordListRequest) { r.File = csv }),
		{Field: "file", Limit: 1 << 20}: lists(func(r *cometchat.CreateModerationKeywordListRequest) {
			r.SearchTerms, r.File = nil, strings.NewReader("")
		}),
		{Field: "status"}:                 func() error { return m.Reviews.ReviewFlagged(ctx, "1", "") },
		{Field: "text"}:                   messages(func(r *cometchat.CreateModerationMessageRequest) { r.Text = "" }),
		{Field: "senderUserDetails.name"}: messages(func(r *cometchat.CreateModerationMessageRequest) { r.Sender = &cometchat.ModerationUser{} }),
		{Field: "receiverUserDetails.tags[0]"}: messages(func(r *cometchat.CreateModerationMessageRequest) {
			r.ReceiverUser = &cometchat.ModerationUser{Name: "B", Tags: cometchat.Tags{""}}
		}),
		{Field: "receiverGroupDetails.guid", Limit: 100}: messages(func(r *cometchat.CreateModerationMessageRequest) {
			r.ReceiverGroup = &cometchat.ModerationGroup{Name: "G", Type: "public"}
		}),
		{Field: "receiverGroupDetails.password"}: messages(func(r *cometchat.CreateModerationMessageRequest) {
			r.ReceiverGroup = &cometchat.ModerationGroup{GUID: "g", Name: "G", Type: "password"}
		}),
		{Field: "sender", Limit: 100}: func() error {
			_, err := m.Messages.Create(ctx, "", testkit.Bob, &cometchat.CreateModerationMessageRequest{Text: "a"})
			return err
		},
		{Field: "receiver", Limit: 100}: func() error {
			_, err := m.Messages.Create(ctx, "ann", cometchat.Receiver{}, &cometchat.CreateModerationMessageRequest{Text: "a"})
			return err
		},
		{Field: "request", Reason: "of a message"}:       func() error { _, err := m.Messages.Create(ctx, "ann", testkit.Bob, nil); return err },
		{Field: "request", Reason: "of an update"}:       func() error { _, err := m.Rules.Update(ctx, "r", nil); return err },
		{Field: "request", Reason: "of a list"}:          func() error { _, err := m.Keywords.Create(ctx, nil); return err },
		{Field: "request", Reason: "of a list's update"}: func() error { _, err := m.Keywords.Update(ctx, "l", nil); return err },
		{Field: "customData", Size: 1}: func() error {
			_, err := m.Messages.Update(ctx, "1", &cometchat.UpdateModerationMessageRequest{CustomData: 5})
			return err
		},
		{Field: "attachments[0].url"}: func() error {
			_, err := m.Messages.Update(ctx, "1", &cometchat.UpdateModerationMessageRequest{Attachments: make([]cometchat.Attachment, 1)})
			return err
		},
	} {
		var invalid *cometchat.ValidationError
		require.ErrorAs(t, call(), &invalid, want.Field)
		assert.Equal(t, cometchat.ValidationError{Field: want.Field, Limit: want.Limit, Size: want.Size},
			cometchat.ValidationError{Field: invalid.Field, Limit: invalid.Limit, Size: invalid.Size}, invalid.Error())
	}
	assert.Empty(t, srv.Requests())
}

// TestNotificationsRefused checks that invalid requests are refused before they
// are sent.
func TestNotificationsRefused(t *testing.T) {
	client, srv := testkit.Emulated(t)
	n := client.Notifications
	register := func(change func(r *cometchat.RegisterPushTokenRequest)) func(context.Context) error {
		return func(ctx context.Context) error {
			r := *testkit.Device
			change(&r)
			return n.PushTokens.Register(ctx, &r)
		}
	}
	for name, tt := range map[string]struct {
		call  func(ctx context.Context) error
		field string
	}{
		"no uid":    {func(ctx context.Context) error { _, err := n.Preferences.Get(ctx, ""); return err }, "uid"},
		"no user":   {func(ctx context.Context) error { _, _, err := n.Contacts.Get(ctx, ""); return err }, "onBehalfOf"},
		"nothing":   {func(ctx context.Context) error { return n.Settings.Update(ctx, nil) }, "request"},
		"no change": {func(ctx context.Context) error { _, err := n.Preferences.Update(ctx, "a", nil); return err }, "request"},
		"no contact": {func(ctx context.Context) error {
			_, err := n.Contacts.Update(ctx, "a", &cometchat.UpdateContactDetailsRequest{})
			return err
		}, "email"},
		"no zone":       {func(ctx context.Context) error { _, err := n.Preferences.SetTimezone(ctx, "a", ""); return err }, "timezone"},
		"no receiver":   {func(ctx context.Context) error { return n.Preferences.Mute(ctx, "a", nil, testkit.Later) }, "conversations"},
		"no time":       {func(ctx context.Context) error { return n.Preferences.Mute(ctx, "a", testkit.EveryOne, time.Time{}) }, "until"},
		"no id":         {func(ctx context.Context) error { return n.Preferences.Unmute(ctx, "a", []cometchat.Receiver{{}}) }, "conversations[0]"},
		"no platform":   {register(func(r *cometchat.RegisterPushTokenRequest) { r.Platform = "" }), "platform"},
		"odd platform":  {register(func(r *cometchat.RegisterPushTokenRequest) { r.Platform = "apns_ios" }), "platform"},
		"no token":      {register(func(r *cometchat.RegisterPushTokenRequest) { r.PushToken = "" }), "pushToken"},
		"long token":    {register(func(r *cometchat.RegisterPushTokenRequest) { r.PushToken = cometchat.Secret(strings.Repeat("x", 4097)) }), "pushToken"},
		"no session":    {register(func(r *cometchat.RegisterPushTokenRequest) { r.AuthToken = "" }), "authToken"},
		"long provider": {register(func(r *cometchat.RegisterPushTokenRequest) { r.ProviderID = strings.Repeat("p", 101) }), "providerId"},
		"no request":    {func(ctx context.Context) error { return n.PushTokens.Register(ctx, nil) }, "request"},
		"list":          {func(ctx context.Context) error { _, err := n.PushTokens.List(ctx, "", nil); return err }, "authToken"},
		"unregister":    {func(ctx context.Context) error { _, err := n.PushTokens.Unregister(ctx, "", nil); return err }, "authToken"},
		"delete":        {func(ctx context.Context) error { _, err := n.PushTokens.Delete(ctx, "t", ""); return err }, "pushToken"},
		"fcm":           {func(ctx context.Context) error { return n.Providers.FCM.Create(ctx, &cometchat.FCMProvider{}) }, "providerId"},
		"apns":          {func(ctx context.Context) error { return n.Providers.APNS.Update(ctx, &cometchat.APNSProvider{}) }, "providerId"},
		"default":       {func(ctx context.Context) error { return n.Providers.APNS.SetDefault(ctx, "") }, "providerId"},
		"custom": {func(ctx context.Context) error {
			p := *testkit.CustomPush
			p.BasicAuthPassword, p.UseBasicAuth = "", testkit.No
			_, err := n.Providers.CustomPush.Create(ctx, &p)
			return err
		}, "basicAuthPassword"},
		"email": {func(ctx context.Context) error {
			p := *testkit.CustomEmail
			p.UseStoredEmailID = nil
			_, err := n.Providers.CustomEmail.Create(ctx, &p)
			return err
		}, "useStoredEmailID"},
		"sms": {func(ctx context.Context) error {
			p := *testkit.CustomSMS
			p.UseStoredPhNo = nil
			_, err := n.Providers.CustomSMS.Create(ctx, &p)
			return err
		}, "useStoredPhNo"},
		"sendgrid": {func(ctx context.Context) error {
			p := *testkit.SendGrid
			p.AllowEmailReplies = nil
			_, err := n.Providers.SendGrid.Create(ctx, &p)
			return err
		}, "allowEmailReplies"},
		"twilio": {func(ctx context.Context) error {
			_, err := n.Providers.Twilio.Create(ctx, &cometchat.TwilioProvider{TwilioAccountSID: "a", TwilioAuthToken: "b"})
			return err
		}, "twilioSenderPhoneNumber"},
		"an hour too many": {func(ctx context.Context) error {
			return n.Settings.Update(ctx, &cometchat.NotificationSettings{Preferences: &cometchat.AppNotificationPreferences{
				Mute: &cometchat.MuteNotifications{Schedule: &cometchat.NotificationSchedule{Monday: &cometchat.NotificationHours{To: cometchat.Clock(24, 0)}}}}})
		}, "preferences.mute.schedulePreferenceSetting.monday.to"},
		"a minute too many": {func(ctx context.Context) error {
			_, err := n.Preferences.Update(ctx, "a", &cometchat.NotificationPreferences{
				Mute: &cometchat.MuteNotifications{Schedule: cometchat.EveryDay(cometchat.NotificationHours{From: cometchat.Clock(9, 60)})}})
			return err
		}, "mutePreferences.schedule.monday.from"},
	} {
		err := tt.call(t.Context())
		var invalid *cometchat.ValidationError
		require.ErrorAs(t, err, &invalid, name)
		assert.Equal(t, tt.field, invalid.Field, name)
		require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	}
	assert.Empty(t, testkit.Sent(srv))
}
