package contract

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// The markers stand for credentials. They hold characters that URLs, JSON and PHP
// escape differently.
const (
	markerKey   = `MARK/key+1&<2>%41=`
	markerToken = `MARK/token+3&<4>%42=`
)

var markers = func() (forms []string) {
	for _, m := range []string{markerKey, markerToken} {
		quoted, _ := json.Marshal(m)
		forms = append(forms, m, url.PathEscape(m), url.QueryEscape(m), strings.Trim(string(quoted), `"`),
			strings.ReplaceAll(m, "/", `\/`), base64.StdEncoding.EncodeToString([]byte(m)))
	}
	return forms
}()

func assertClean(t *testing.T, where, text string) {
	t.Helper()
	for _, form := range markers {
		if strings.Contains(text, form) {
			t.Errorf("%s shows a secret: %s", where, text)
			return
		}
	}
}

// printed returns v printed in every possible way, with the errors that it wraps.
func printed(v any) string {
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	j, _ := json.Marshal(v)
	b.Write(j)
	for _, h := range []func(io.Writer) slog.Handler{
		func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		slog.New(h(&b)).Info("value", "v", v, slog.Group("g", "v", v))
	}
	if err, ok := v.(error); ok {
		for _, inner := range unwrapAll(err) {
			fmt.Fprintf(&b, "%v %+v %#v %s\n", inner, inner, inner, inner.Error())
		}
		var e *cometchat.Error
		if errors.As(err, &e) {
			fmt.Fprintf(&b, "%s %s %s %v %v", e.Body, e.Message, e.DevMessage, e.Header, e.Details)
		}
	}
	return b.String()
}

func unwrapAll(err error) []error {
	var list []error
	switch x := err.(type) {
	case interface{ Unwrap() error }:
		if inner := x.Unwrap(); inner != nil {
			list = append(list, inner)
			list = append(list, unwrapAll(inner)...)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range x.Unwrap() {
			list = append(list, inner)
			list = append(list, unwrapAll(inner)...)
		}
	}
	return list
}

func TestSecretsStaySecret(t *testing.T) {
	// echo responds with everything that it gets, including credentials, in every
	// place and spelling.
	echo := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Echo", r.Header.Get("apikey")+" "+r.URL.RequestURI())
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	quote := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	all := quote(strings.Join(markers, " | "))
	envelope := fmt.Sprintf(`{"error":{"code":%s,"message":%[1]s,"devMessage":%[1]s,"source":%[1]s,"details":{%[1]s:[%[1]s]}}}`, all)
	minted := `{"data":{"uid":"u","authToken":"MINTED","pushToken":"MINTED","private_key":"MINTED","p8Key":"MINTED","twilioAuthToken":"MINTED",` +
		`"sendGridApiKey":"MINTED","basicAuthPassword":"MINTED","repliesWebhook":"https://x?token=MINTED"},"error":{"code":"X"}}`

	paths := map[string]func(t *testing.T) *cometchat.Client{
		"dial": func(t *testing.T) *cometchat.Client {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			require.NoError(t, l.Close())
			return testkit.Client(t, "http://"+l.Addr().String()+"/v3", markerKey)
		},
		"host name": func(t *testing.T) *cometchat.Client {
			return testkit.Client(t, "https://no-such-host.invalid/v3", markerKey)
		},
		"TLS": func(t *testing.T) *cometchat.Client {
			srv := httptest.NewUnstartedServer(echo(200, "{}"))
			srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
			srv.StartTLS()
			t.Cleanup(srv.Close)
			return testkit.Client(t, srv.URL+"/v3", markerKey)
		},
		"a transport that prints the request": func(t *testing.T) *cometchat.Client {
			return testkit.Client(t, "https://chat.example.com/v3", markerKey, cometchat.WithHTTPClient(&http.Client{Transport: &testkit.RoundTripper{
				Respond: func(r *http.Request) (*http.Response, error) {
					return nil, fmt.Errorf("proxy: %s %v: %w", r.URL, r.Header, io.ErrUnexpectedEOF)
				},
			}}))
		},
		"body cut short": func(t *testing.T) *cometchat.Client {
			return keyed(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", "1000")
				_, _ = io.WriteString(w, all)
			})
		},
		"cancelled": func(t *testing.T) *cometchat.Client {
			return keyed(t, func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			}).With(cometchat.WithTimeout(20 * time.Millisecond))
		},
		"error inside a 200": func(t *testing.T) *cometchat.Client { return keyed(t, echo(200, envelope)) },
		"HTML":               func(t *testing.T) *cometchat.Client { return keyed(t, echo(502, "<html>"+strings.Join(markers, " "))) },
		"HTML in a 200":      func(t *testing.T) *cometchat.Client { return keyed(t, echo(200, "<html>"+strings.Join(markers, " "))) },
		"a string":           func(t *testing.T) *cometchat.Client { return keyed(t, echo(400, all)) },
		"truncated JSON": func(t *testing.T) *cometchat.Client {
			return keyed(t, echo(200, `{"data":{"authToken":"MINTED`))
		},
		"a minted token": func(t *testing.T) *cometchat.Client { return keyed(t, echo(200, minted)) },
		"a wait that is refused": func(t *testing.T) *cometchat.Client {
			return keyed(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", "3000")
				echo(429, envelope)(w, r)
			}).With(cometchat.WithRetry(cometchat.RetryPolicy{MaxWait: time.Hour, MaxElapsed: time.Hour}))
		},
	}
	for _, status := range []int{300, 400, 401, 402, 403, 404, 409, 417, 429, 500, 503} {
		paths[fmt.Sprint("status ", status)] = func(t *testing.T) *cometchat.Client { return keyed(t, echo(status, envelope)) }
	}
	for name, make := range paths {
		t.Run(name, func(t *testing.T) {
			var logged bytes.Buffer
			client := make(t)
			if !strings.HasPrefix(name, "a wait") {
				client = client.With(testkit.Once)
			}
			client = client.With(cometchat.WithLogger(slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()

			_, byToken := client.AuthTokens.Update(ctx, "u", markerToken, &cometchat.UpdateAuthTokenRequest{})
			_, byKey := client.APIKeys.Get(ctx, markerToken)
			_, created := client.AuthTokens.Create(ctx, "u", nil)
			_, listed := client.AuthTokens.List("u", nil).First(ctx)
			errs := []error{byToken, byKey, created, listed}
			for _, call := range secretNotifications {
				errs = append(errs, call(ctx, client))
			}
			for _, err := range errs {
				require.Error(t, err)
				text := printed(err)
				// A token that the caller puts into the path of a list is not a
				// secret. The echoed token is known only to the calls that named
				// it.
				if err == created || err == listed {
					text = strings.ReplaceAll(text, markerToken, "")
					for _, form := range markers[len(markers)/2:] {
						text = strings.ReplaceAll(text, form, "")
					}
				}
				assertClean(t, "the error", text)
				assert.NotContains(t, text, "MINTED")
			}
			assertClean(t, "the log", logged.String())
			assert.NotEmpty(t, logged.String())
		})
	}
}

// secretNotifications are the notification calls that name a secret, in the
// query, in the path and in the body.
var secretNotifications = []func(ctx context.Context, c *cometchat.Client) error{
	func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.Notifications.PushTokens.List(ctx, markerToken, nil)
		return err
	},
	func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.Notifications.PushTokens.Unregister(ctx, markerToken, nil)
		return err
	},
	func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.Notifications.PushTokens.Delete(ctx, "session", markerToken)
		return err
	},
	func(ctx context.Context, c *cometchat.Client) error {
		return c.Notifications.PushTokens.Register(ctx, &cometchat.RegisterPushTokenRequest{
			AuthToken: markerToken, PushToken: markerToken, Platform: cometchat.PushPlatformAPNSIOSVoIP, ProviderID: "p",
		})
	},
	func(ctx context.Context, c *cometchat.Client) error {
		return c.Notifications.Providers.FCM.Create(ctx, &cometchat.FCMProvider{
			ProviderID: "p", ServiceAccountCreds: cometchat.FCMServiceAccountCreds{PrivateKey: markerToken},
		})
	},
	func(ctx context.Context, c *cometchat.Client) error {
		return c.Notifications.Providers.APNS.Update(ctx, &cometchat.APNSProvider{ProviderID: "p", P8Key: markerToken})
	},
	func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.Notifications.Providers.CustomPush.Update(ctx, &cometchat.CustomPushProvider{BasicAuthPassword: markerToken})
		return err
	},
	func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.Notifications.Providers.CustomEmail.Update(ctx, &cometchat.CustomEmailProvider{BasicAuthPassword: markerToken})
		return err
	},
	func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.Notifications.Providers.CustomSMS.Update(ctx, &cometchat.CustomSMSProvider{BasicAuthPassword: markerToken})
		return err
	},
	func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.Notifications.Providers.SendGrid.Update(ctx, &cometchat.SendGridProvider{SendGridAPIKey: markerToken})
		return err
	},
	func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.Notifications.Providers.Twilio.Update(ctx, &cometchat.TwilioProvider{TwilioAuthToken: markerToken})
		return err
	},
}

// keyed returns a client of h whose API key is markerKey.
func keyed(t *testing.T, h http.HandlerFunc) *cometchat.Client {
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return testkit.Client(t, srv.URL+"/v3", markerKey)
}

func TestClientPrintsNoSecrets(t *testing.T) {
	client := testkit.Client(t, "https://chat.example.com/v3", markerKey, cometchat.WithAppID("app7"))
	for name, v := range map[string]any{
		"client":         client,
		"client value":   *client,
		"derived client": client.OnBehalfOf("anna"),
		"struct":         struct{ C *cometchat.Client }{client},
		"list":           client.Users.List(nil),
		"service":        client.Users,
		"option":         cometchat.WithAppID("app7"),
		"token":          cometchat.AuthToken{UID: "u", AuthToken: markerToken},
		"token pointer":  &cometchat.AuthToken{UID: "u", AuthToken: markerToken},
		"user":           cometchat.User{UID: "u", AuthToken: markerToken},
		"key":            &cometchat.APIKey{APIKey: markerKey},
		"panic value":    fmt.Sprint(recovered(client)),

		"token of a push":      cometchat.PushToken{PushToken: markerToken, AuthToken: markerToken},
		"token registered":     &cometchat.RegisterPushTokenRequest{PushToken: markerToken, AuthToken: markerToken},
		"token of FCM":         cometchat.FCMProvider{ServiceAccountCreds: cometchat.FCMServiceAccountCreds{PrivateKey: markerToken}},
		"token of an account":  &cometchat.FCMServiceAccountCreds{PrivateKey: markerToken},
		"token of APNS":        &cometchat.APNSProvider{P8Key: markerToken},
		"token of a push hook": cometchat.CustomPushProvider{BasicAuthPassword: markerToken},
		"token of a mail hook": cometchat.CustomEmailProvider{BasicAuthPassword: markerToken},
		"token of a text hook": cometchat.CustomSMSProvider{BasicAuthPassword: markerToken},
		"token of SendGrid":    cometchat.SendGridProvider{SendGridAPIKey: markerToken, RepliesWebhook: markerToken},
		"token of Twilio":      cometchat.TwilioProvider{TwilioAuthToken: markerToken},
		"token of a log":       &cometchat.NotificationLog{PushToken: markerToken},
		"provider service":     client.Notifications.Providers.FCM,
	} {
		text := printed(v)
		if strings.HasPrefix(name, "token") || name == "user" || name == "key" {
			j, _ := json.Marshal(v) // JSON is for passing the value on
			assert.Contains(t, string(j), "MARK")
			text = strings.Replace(text, string(j), "", 1)
		}
		assertClean(t, name, text)
	}
	assert.Equal(t, `cometchat.Client(region "us", app "app7", on behalf of "anna")`, fmt.Sprint(client.OnBehalfOf("anna")))

	token := cometchat.Secret(markerToken)
	assert.Equal(t, "[redacted]", token.String())
	assert.Equal(t, markerToken, string(token))
	assert.Empty(t, fmt.Sprint(cometchat.Secret("")))
}

func recovered(v any) (r any) {
	defer func() { r = recover() }()
	panic(v)
}

// TestTheKeyStaysAtItsHost redirects to another host in every possible way.
func TestTheKeyStaysAtItsHost(t *testing.T) {
	var reached []http.Header
	foreign := func(w http.ResponseWriter, r *http.Request) {
		reached = append(reached, r.Header)
		_, _ = io.WriteString(w, `{"data":{"uid":"a"}}`)
	}
	plain := httptest.NewServer(http.HandlerFunc(foreign))
	defer plain.Close()

	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, secure := range []bool{false, true} {
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, plain.URL+"/v3/users/a", status)
			}))
			var opts []cometchat.Option
			if secure {
				srv.StartTLS()
				opts = append(opts, cometchat.WithHTTPClient(srv.Client()))
			} else {
				srv.Start()
			}
			client := testkit.Client(t, srv.URL+"/v3", markerKey, opts...)
			for _, call := range []func(context.Context, *cometchat.Client) error{testkit.GetOne, testkit.CreateOne, testkit.UpdateOne, testkit.DeleteOne} {
				err := call(t.Context(), client)
				var answer *cometchat.Error
				require.ErrorAs(t, err, &answer)
				assert.Equal(t, status, answer.StatusCode)
				assert.Contains(t, answer.Message, "redirect")
			}
			srv.Close()
		}
	}
	assert.Empty(t, reached)

	// An untrusted certificate is not tried again.
	srv := httptest.NewUnstartedServer(http.HandlerFunc(foreign))
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.StartTLS()
	defer srv.Close()
	err := testkit.GetOne(t.Context(), testkit.Client(t, srv.URL+"/v3", markerKey))
	var cert *tls.CertificateVerificationError
	require.ErrorAs(t, err, &cert)
	var broken *cometchat.TransportError
	require.ErrorAs(t, err, &broken)
	assert.Equal(t, 1, broken.Attempts)
}

// TestCredentialsGoToTheirHosts sends every kind of credential through redirects
// and checks what each host gets.
func TestCredentialsGoToTheirHosts(t *testing.T) {
	seen := map[string][]string{}
	rt := &testkit.RoundTripper{Respond: func(r *http.Request) (*http.Response, error) {
		for _, values := range r.Header {
			for _, value := range values {
				if strings.Contains(value, "MARK") {
					seen[r.URL.Host] = append(seen[r.URL.Host], value)
				}
			}
		}
		assert.NotContains(t, r.URL.String(), "MARK")
		return &http.Response{
			StatusCode: http.StatusTemporaryRedirect, Body: http.NoBody,
			Header: http.Header{"Location": {map[bool]string{true: "https://api-eu.cometchat.io/v3/users", false: "https://apimgmt.cometchat.io/apps"}[r.URL.Host == "apimgmt.cometchat.io"]}},
		}, nil
	}}
	hc := cometchat.WithHTTPClient(&http.Client{Transport: rt})
	chat, err := cometchat.NewClient(cometchat.RegionEU, "MARK-chat", hc, testkit.Once)
	require.NoError(t, err)
	management, err := cometchat.NewManagementClient("MARK-key", "MARK-secret", hc, testkit.Once)
	require.NoError(t, err)
	_, err = chat.Users.Get(t.Context(), "lena")
	require.Error(t, err)
	_, err = management.Webhooks.Get(t.Context(), "depot", "rides")
	require.Error(t, err)
	assert.Equal(t, []string{"MARK-chat"}, seen["api-eu.cometchat.io"])
	assert.ElementsMatch(t, []string{"MARK-key", "MARK-secret"}, seen["apimgmt.cometchat.io"])
	assert.Len(t, seen, 2)
}

// TestManagementShowsNoSecret prints a client, entities and errors.
func TestManagementShowsNoSecret(t *testing.T) {
	echo := func(status int) *cometchat.ManagementClient {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.WriteHeader(status)
			text, _ := json.Marshal(fmt.Sprintf("%v %s %s", r.Header, body, strings.Join(markers, " ")))
			_, _ = fmt.Fprintf(w, `{"error":{"code":"X","message":%s}}`, text)
		}))
		t.Cleanup(srv.Close)
		client, err := cometchat.NewManagementClient(markerKey, markerToken, cometchat.WithBaseURL(srv.URL), testkit.Once)
		require.NoError(t, err)
		return client
	}
	assertClean(t, "the client", printed(echo(200))+printed(*echo(200)))
	for _, status := range []int{200, 400, 500} {
		client := echo(status)
		_, err := client.Apps.Delete(t.Context(), "depot")
		require.Error(t, err)
		assertClean(t, "an error", printed(err))
	}
	client, err := cometchat.NewManagementClient("account", "account-secret", cometchat.WithBaseURL(echoOf(t)), testkit.Once)
	require.NoError(t, err)
	_, err = client.Webhooks.Create(t.Context(), "depot", &cometchat.CreateWebhookRequest{
		ID: "rides", Name: "Rides", WebhookURL: "https://x.example", UseBasicAuth: true, Username: "u", Password: markerKey})
	require.Error(t, err)
	assertClean(t, "an error about a webhook", printed(err))
	_, err = client.Webhooks.Update(t.Context(), "depot", "rides", &cometchat.UpdateWebhookRequest{Password: cometchat.Ptr(cometchat.Secret(markerKey))})
	require.Error(t, err)
	assertClean(t, "an error about a webhook", printed(err))
}

// echoOf returns the URL of a server that fails with the body that it gets.
func echoOf(t *testing.T) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(400)
		_, _ = w.Write(body)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestManagementLogsNoSecret(t *testing.T) {
	for _, v := range []any{
		cometchat.App{ID: "depot", APIKeys: map[cometchat.Secret]cometchat.APIKey{markerKey: {APIKey: markerKey}}, AccessKey: markerKey},
		cometchat.Extension{ID: "polls", AdminURL: markerKey},
		cometchat.CreateWebhookRequest{ID: "rides", Password: markerKey},
		cometchat.UpdateWebhookRequest{Password: cometchat.Ptr(cometchat.Secret(markerKey))},
	} {
		var b strings.Builder
		for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
			slog.New(h).Info("value", "v", v)
		}
		fmt.Fprintf(&b, "%v %+v %#v", v, v, v)
		assertClean(t, fmt.Sprintf("%T", v), b.String())
	}
}
