// Package webhook receives the events that CometChat posts to an app's webhooks.
//
// A [Handler] checks the credentials, decodes each event into a type of its own,
// and calls what is registered for it:
//
//	h, err := webhook.NewHandler(webhook.BasicAuth(user, password), webhook.Deduplicate(webhook.Memory(10_000)))
//	if err != nil {
//		return err
//	}
//	h.OnMessageSent(func(ctx context.Context, e *webhook.MessageSent) error {
//		fmt.Println(e.Message.Sender, e.Message.Text())
//		return nil
//	})
//	http.Handle("POST /cometchat", h)
//
// [Parse] does the decoding alone, for a queue, a function, or a server of its
// own.
//
// # Deliveries
//
// The API sends one event a request and wants a 200 within two seconds. It
// sends HTTP Basic credentials if the webhook has some, and nothing else that
// proves where a request comes from. If the webhook's retryOnFailure is set, it
// sends an event again 10 and 30 seconds after a failure; without it, a failed
// delivery is lost. Events come in any order, and more than once.
//
// A callback that fails or panics is answered 500, so that the API sends the
// event again. [Deduplicate] keeps an event that succeeded from running again.
//
// # Long work
//
// [Async] answers as soon as an event is queued in memory, and works the queue
// off in a bounded number of goroutines until [Handler.Close]. It belongs into a
// process that goes on living between requests. It does not belong into a
// function, or anything else that is frozen or scaled to zero when no request is
// under way: there a queued event waits, and is lost with the instance. Put
// events into a durable queue from a synchronous callback there. It also does
// not belong where an event must survive a crash: once answered, the API does not
// send it again.
//
// # Legacy webhooks
//
// An app is in legacy or in modern mode. Events of legacy webhooks have types of
// their own, in the same Handler: [AfterMessage], [BeforeMessage],
// [LegacyMessageDeliveryReceipt], [LegacyMessageReadReceipt] and
// [AfterConnectionStatusChanged].
package webhook
