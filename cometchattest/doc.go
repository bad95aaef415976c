// Package cometchattest is a stateful, in-memory CometChat REST API (v3) for
// tests and demonstrations that must run without an account.
//
//	srv := cometchattest.NewServer()
//	defer srv.Close()
//	srv.SeedUsers(2500)
//
// Point any client at [Server.URL] with [Server.APIKey]. A [Server] is also an
// [http.Handler]. [New] returns a server without a listener, which can be served
// on an in-memory connection, for example inside a testing/synctest bubble.
//
// The package shares no types with the client it is shipped with, so a mistake in
// a JSON name cannot cancel out. Its responses follow recorded responses of the
// service, even where those are inconvenient: 400 for an id that is taken, ids in
// lower case, newest rows first, tags only on request, slashes in JSON strings
// escaped, an odd Content-Encoding header, lists whose total is 0. [Routes] lists
// the operations that the emulator implements; every other request gets 404 and
// ERR_API_NOT_FOUND.
//
// [Server.DeliverTo] delivers webhooks. [Server.Events] returns what has
// happened.
//
// [Server.Inject] makes requests fail in the ways networks and gateways fail.
// [Server.Requests] returns the requests that arrived. All methods are safe for
// concurrent use by multiple goroutines.
//
// Where the behaviour of the service is not public, the emulator chooses:
//   - A perPage above 1,000, or a page below 1, fails with ERR_BAD_REQUEST.
//   - The filter tags selects the users that have at least one of the tags.
//   - The fields metadata and tags of an update replace the stored values.
//   - An empty avatar or link in a body counts as not sent.
//   - The avatar and the link of a user and the icon of a group must be URLs with
//     a scheme and a host. No element of a list may be blank.
//   - Words in query parameters, such as a type or sortOrder, may be in any case;
//     words in bodies may not.
//   - Deactivating a deactivated user returns the uid in alreadyDeactivatedUids;
//     reactivating an active user returns it in nonDeactivatedUids.
//   - An acting user needs a scope: moderators and admins add, kick, ban and
//     change groups, and no user can act on a member with a higher scope. Without
//     an acting user, the app may do everything.
//   - Creating a group makes its owner an admin of it.
//   - Adding an existing member of a group with another scope changes the
//     member's scope. The owner always stays an admin.
//   - Changes to members are announced in the group by action messages: added,
//     kicked, banned, unbanned and scopeChanged, which has the scopes in
//     data.extras.scope. Members added by [Server.AddGroups] are not announced.
//   - Lists of members, banned users, friends and blocked users have no total.
//   - Blocking or unblocking a user twice does not fail.
//   - Deleting a role gives its users the role "default".
//   - Permissions and restricted features are stored but not enforced.
//   - Messages are ordered by id, even if [Server.AddMessages] gives them times
//     in another order. A cursor with an id continues from that message, whatever
//     its time; a cursor with only sentAt skips all messages of that second.
//   - A page of threads, whose cursor is a time, includes all threads of its last
//     second.
//   - A list of messages can be filtered by any type if the category custom is
//     requested, and otherwise only by the types of the service.
//   - The parameter count returns {entityId, entityType, count} instead of
//     messages. The lists of a user's and a group's messages support it, and the
//     list of all messages together with unread.
//   - Sending a message to several receivers returns the message for each
//     receiver it was delivered to, and a failure for each of the others, as
//     other bulk operations do.
//   - Without an acting user, the app can edit and delete every message.
//   - An edit replaces the members of data that it names.
//   - A message can only quote a message of its own conversation. Users cannot
//     write to themselves. A muid may be used again.
//   - A reply without a receiver goes to the conversation of its parent. Replies,
//     and the action messages about edits and deletions, neither become the last
//     message of a conversation nor count as unread in it. The list of threads
//     counts unread replies as unreadReplyCount and unreadMentionCount.
//   - Marking a message as unread makes the messages after it unread.
//   - Receipts in a group are visible only to the user they belong to.
//   - The elements a user has interacted with are in data.interactions.
//   - Any active user can be a bot.
//   - Resetting a conversation hides its messages from one user; with
//     preserveOrder the conversation stays listed. Deleting a conversation by its
//     id resets it for all users.
//   - A partial update of the notification settings is merged into the stored
//     ones; templates and the hours of a day are replaced. User preferences for
//     settings that users may not override have no effect. A user without a time
//     zone is in UTC.
//   - Muting conversations adds to the muted ones. Deleting push tokens returns
//     the removed tokens. The newest 100 push tokens of a user are kept.
//   - Sending a message or a reaction adds a notification log for each device of
//     every other participant and for each enabled provider, at once: e-mails and
//     SMS are not delayed and have no quota. Edits, deletions, calls and group
//     events add none. Hours that end before they begin continue past midnight.
//     Logs are listed oldest first.
//   - Messages are moderated while a rule is enabled; messages that are sent for
//     moderation always are. The response says pending. From the next request on,
//     the message is approved, or disapproved and hidden from everyone except its
//     sender.
//   - Rules act if one of their conditions is met. Conditions test texts and
//     customData by the categories word (a part of the text, in any case) and
//     pattern (Go's regular expressions). The actions blockMessage and
//     dropMessage block, and flagMessage flags on behalf of app_system; other
//     categories and actions have no effect.
//   - An update of a rule or a keyword list leaves the fields it does not name
//     unchanged. Responses do not include filters. Every app has a built-in rule,
//     which is disabled, and a built-in keyword list. Of these, only the rule's
//     field enabled can be changed; other changes fail with 403 and
//     ERR_OPERATION_FAILED.
//   - Reviewed flagged messages are listed among the reviewed ones without a
//     rule. Disapproved ones are hidden.
//   - Rate limits are only enforced with [WithRateLimit], [WithMessageLimit] and
//     [WithImportLimit]; otherwise the headers count down and stop at 0.
//   - Webhooks get one event about members for each request and action. A new
//     owner of a group is reported before the other changes to the group. The
//     members a group is created with are not reported. Receipts, joining and
//     leaving are only reported if they happen through the client API.
//   - The Management API, at [Server.ManagementURL], serves the emulated app and
//     other apps, of which it stores only the management data. It has no rate
//     limits. Deleting an app only records the planned deletion time. Settings
//     are stored but have no effect; a request without a body unsets all of them.
//     A webhook may use http for a loopback host.
//   - A body may be at most 10 MiB. At most 64 KiB are read of the body of a
//     request that has neither a known key nor, with [WithClientAPI], a known
//     token.
package cometchattest
