// Package webhook receives the events that CometChat posts to an app's webhooks.
//
// A [Handler] checks the credentials, decodes each event into a type of its own,
// and calls the functions that are registered for it:
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
// [Parse] only decodes events, for a queue, a function, or a server of your own.
//
// # Deliveries
//
// The API sends one event a request and expects a 200 within two seconds. It
// sends HTTP Basic credentials if the webhook has some, and nothing else that
// proves where a request comes from. If the webhook's retryOnFailure is set, it
// sends an event again 10 and 30 seconds after a failure; otherwise a failed
// delivery is lost. Events arrive in any order, and possibly several times.
//
// If a callback fails or panics, the response is 500, and the API sends the event
// again. [Deduplicate] keeps an event that succeeded from being handled again.
//
// # Long work
//
// [Async] responds as soon as an event is queued in memory. A limited number of
// goroutines handle the queue until [Handler.Close]. Use it in a process that
// keeps running between requests. Do not use it in a function, or anywhere else
// that is frozen or scaled to zero while no request is running: a queued event
// would wait there, and be lost with the instance. Put events into a durable
// queue from a synchronous callback instead. Do not use it either if an event
// must survive a crash: the API does not send an event again after a 200.
//
// # Legacy webhooks
//
// An app is in legacy or in modern mode. Events of legacy webhooks have types of
// their own, in the same Handler: [AfterMessage], [BeforeMessage],
// [LegacyMessageDeliveryReceipt], [LegacyMessageReadReceipt] and
// [AfterConnectionStatusChanged].
package webhook
