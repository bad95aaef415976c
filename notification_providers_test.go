package cometchat_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// veiled replaces every secret in v, since a replayed one is a placeholder.
func veiled[T any](v T) T {
	var veil func(v reflect.Value)
	veil = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				veil(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				veil(v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					veil(v.Field(i))
				}
			}
		case reflect.String:
			if v.Type() == reflect.TypeFor[cometchat.Secret]() && v.Len() > 0 {
				v.SetString("a secret")
			}
		}
	}
	deep := reflect.New(reflect.TypeFor[T]())
	b, _ := json.Marshal(v)
	_ = json.Unmarshal(b, deep.Interface())
	veil(deep)
	return deep.Elem().Interface().(T)
}

func TestPushProviders(t *testing.T) {
	client := testkit.Replayed(t, "notifications/push-providers", testkit.SeedTutoring)
	testPushProvider(t, client.Notifications.Providers.FCM, testkit.FCM, &cometchat.FCMProvider{ProviderID: "firebase", ServiceAccountFilename: "new.json"},
		func(p *cometchat.FCMProvider) { p.ServiceAccountFilename = "new.json" })
	testPushProvider(t, client.Notifications.Providers.APNS, testkit.APNS, &cometchat.APNSProvider{ProviderID: "apple", ProductionMode: testkit.Yes},
		func(p *cometchat.APNSProvider) { p.ProductionMode = testkit.Yes })
}

func testPushProvider[P any](t *testing.T, s *cometchat.PushProviderService[P], p, change *P, apply func(*P)) {
	ctx := t.Context()
	none, err := s.List(ctx, nil)
	require.NoError(t, err)
	assert.Empty(t, none)
	require.NoError(t, s.Create(ctx, p))
	err = s.Create(ctx, p)
	require.ErrorIs(t, err, cometchat.CodeProviderAlreadyExists)
	require.NoError(t, s.Update(ctx, change))
	list, err := s.List(ctx, nil)
	require.NoError(t, err)
	want := veiled(p)
	apply(want)
	assert.Equal(t, []*P{want}, veiled(list))
	id := reflect.ValueOf(p).Elem().FieldByName("ProviderID").String()
	require.NoError(t, s.SetDefault(ctx, id))
	require.NoError(t, s.Delete(ctx, id))
	for _, err := range []error{s.Update(ctx, change), s.SetDefault(ctx, id), s.Delete(ctx, id)} {
		require.ErrorIs(t, err, cometchat.CodeProviderNotFound)
		require.ErrorIs(t, err, cometchat.ErrNotFound)
	}
}

func TestProviders(t *testing.T) {
	providers := testkit.Replayed(t, "notifications/providers", testkit.SeedTutoring).Notifications.Providers
	testProvider(t, providers.CustomPush, testkit.CustomPush, &cometchat.CustomPushProvider{IsEnabled: testkit.No}, func(p *cometchat.CustomPushProvider) { p.IsEnabled = testkit.No })
	testProvider(t, providers.CustomEmail, testkit.CustomEmail, &cometchat.CustomEmailProvider{UseBasicAuth: testkit.Yes}, func(p *cometchat.CustomEmailProvider) { p.UseBasicAuth = testkit.Yes })
	testProvider(t, providers.CustomSMS, testkit.CustomSMS, &cometchat.CustomSMSProvider{UseStoredPhNo: testkit.Yes}, func(p *cometchat.CustomSMSProvider) { p.UseStoredPhNo = testkit.Yes })
	answered := *testkit.SendGrid
	answered.IsEnabled, answered.RepliesWebhook = nil, "https://notifications.cometchat.test/email/v1/sendgrid/replies?token=t"
	testProvider(t, providers.SendGrid, &answered, &cometchat.SendGridProvider{SenderName: "T"}, func(p *cometchat.SendGridProvider) { p.SenderName = "T" })
	without := *testkit.Twilio
	without.IsEnabled = nil
	testProvider(t, providers.Twilio, &without, &cometchat.TwilioProvider{TwilioSenderPhoneNumber: "+4930999"}, func(p *cometchat.TwilioProvider) { p.TwilioSenderPhoneNumber = "+4930999" })
}

func testProvider[P any](t *testing.T, s *cometchat.ProviderService[P], p, change *P, apply func(*P)) {
	ctx := t.Context()
	empty, set, err := s.Get(ctx)
	require.NoError(t, err)
	assert.False(t, set, "not set is no error")
	assert.Equal(t, new(P), empty)
	_, err = s.Update(ctx, change)
	require.ErrorIs(t, err, cometchat.CodeProviderNotFound)
	made, err := s.Create(ctx, p)
	require.NoError(t, err)
	assert.Equal(t, veiled(p), veiled(made))
	_, err = s.Create(ctx, p)
	require.ErrorIs(t, err, cometchat.CodeProviderAlreadyExists)
	changed, err := s.Update(ctx, change)
	require.NoError(t, err)
	want := veiled(p)
	apply(want)
	assert.Equal(t, want, veiled(changed))
	got, set, err := s.Get(ctx)
	require.NoError(t, err)
	assert.True(t, set)
	assert.Equal(t, changed, got)
	require.NoError(t, s.Delete(ctx))
	require.ErrorIs(t, s.Delete(ctx), cometchat.CodeProviderNotFound)
}
