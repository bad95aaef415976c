// Package cometchattest is a stateful CometChat REST API (v3) in memory, for
// tests and demonstrations that must run without an account.
//
//	srv := cometchattest.NewServer()
//	defer srv.Close()
//	srv.SeedUsers(2500)
//
// Point any client at [Server.URL] with [Server.APIKey]. A [Server] is also an
// [http.Handler]; [New] makes one without a listener, to be served on an
// in-memory connection, for example inside a testing/synctest bubble.
//
// The package shares no types with the client it is shipped with, so a mistake
// in a JSON name cannot cancel out. Its responses are those recorded of the
// service rather than convenient ones: 400 for an id that is taken, ids in lower
// case, newest rows first, tags only when they are asked for, slashes in JSON
// strings escaped, an odd Content-Encoding header, lists whose total is 0. [Routes] lists the operations it knows; every other request
// gets 404 and ERR_API_NOT_FOUND.
//
// [Server.DeliverTo] delivers webhooks, [Server.Events] tells what happened.
//
// [Server.Inject] makes requests fail in the ways networks and gateways fail,
// and [Server.Requests] tells what arrived. All methods may be called from any
// number of goroutines.
//
// Where the behaviour of the service is not public, the emulator chooses:
//   - perPage above 1,000, or a page below 1, is refused with ERR_BAD_REQUEST.
//   - The filter tags selects the users that have at least one of the tags.
//   - metadata and tags in an update replace what was there.
//   - An empty avatar or link in a body counts as not sent.
//   - The avatar and the link of a user and the icon of a group must be URLs with a
//     scheme and a host, and no element of a list may be blank.
//   - The words of filters, such as a type or sortOrder, may be in any case; those
//     that are sent in bodies may not.
//   - Deactivating a user who is deactivated already answers
//     alreadyDeactivatedUids; reactivating an active one, nonDeactivatedUids.
//   - Acting users need a scope: moderators and admins add, kick, ban and change
//     groups, and nobody acts on a higher scope; without an acting user the app
//     may do everything.
//   - Creating a group makes its owner an admin of it.
//   - Naming a member of a group again with another scope gives the member that
//     scope, and the owner keeps that of an admin.
//   - What is done to members is told to the group by an action message: added,
//     kicked, banned, unbanned and scopeChanged, which has the scopes in
//     data.extras.scope. Members that [Server.AddGroups] puts there are not told of.
//   - Lists of members, banned users, friends and blocked users tell no total.
//   - Blocking and unblocking twice is no failure.
//   - A role that is deleted leaves its users with the role "default".
//   - Permissions and restricted features are stored but not enforced.
//   - Messages are in the order of their ids, also when [Server.AddMessages] says
//     otherwise about times. A cursor with an id goes on from that message,
//     whatever its time; one with sentAt alone leaves out the whole second.
//   - A page of threads, whose cursor is a time, goes on to the end of its last
//     second.
//   - A list of messages can be filtered by any type when the category custom is
//     asked for, and otherwise by the types of the service.
//   - The parameter count, on the lists of a user's and a group's messages, and
//     on that of all messages together with unread, answers
//     {entityId, entityType, count} in the place of messages.
//   - A message for several receivers returns the message for each it was delivered
//     to, and a failure, as in other operations on several things, for the others.
//   - Without an acting user, the app can edit and delete every message.
//   - An edit replaces the members of data that it names.
//   - A message can only quote one of its own conversation, and nobody can write
//     to oneself. A muid may be used again.
//   - A reply that names no receiver goes where its parent went. Replies, and the
//     action messages about edits and deletions, are neither the last message of
//     a conversation nor counted as unread in it; the list of threads counts
//     unread replies as unreadReplyCount and unreadMentionCount.
//   - Messages after the one that is marked as unread become unread.
//   - Receipts in a group are shown to the user they are of.
//   - The elements a user has interacted with stand in data.interactions.
//   - Any active user can be a bot.
//   - Resetting hides messages from one user, and with preserveOrder keeps the
//     conversation listed; deleting a conversation by its id resets it for all.
//   - A part of the notification settings is merged into what is there; templates
//     and the hours of a day are replaced. What the settings do not let users
//     override does not count for them. A user without a time zone is in UTC.
//   - Muting conversations adds to those muted. Deleting push tokens returns those
//     that were removed. Of a user's push tokens the newest 100 are kept.
//   - A message or reaction that is sent leaves a notification log for each device
//     and each enabled provider of everybody in the conversation, at once: e-mails
//     and SMS wait for nothing and have no quota. Edits, deletions, calls and what
//     happens in groups leave none. Hours that end before they begin go on over
//     midnight. Logs are listed oldest first.
//   - Messages are moderated while a rule is enabled, and those that are sent for
//     moderation always. The response says pending; from the next request on the
//     message is approved, or disapproved and hidden from everybody but its sender.
//   - Rules with one condition that is met act, on texts and customData, by the
//     categories word (a part of the text, in any case) and pattern (Go's regular
//     expressions). The actions blockMessage and dropMessage block, flagMessage
//     flags in the name of app_system; other categories and actions do nothing.
//   - An update of a rule or a keyword list leaves alone what it does not name.
//     Responses show no filters. Of what comes with every app, a rule that is off and
//     its list, only enabled can be changed: otherwise 403 and ERR_OPERATION_FAILED.
//   - Flagged messages that were reviewed stand among the reviewed ones without a
//     rule; disapproved, they are hidden.
//   - Rate limits are only enforced with [WithRateLimit] and [WithMessageLimit];
//     otherwise the headers count down and stop at 0.
//   - Webhooks are told of members by one event for each request and action, of a
//     group that has another owner before anything else that was changed, and
//     nothing of the members a group is created with. Receipts, joining and leaving
//     are only told of when they come by the client API.
//   - The Management API, at [Server.ManagementURL], knows the emulated app and
//     others, of which there is nothing else. It has no rate limits. Deleting an app
//     only notes when that would be. Settings are stored and change nothing;
//     without a body, all of them are unset. A webhook may post to a loopback host
//     over http.
//   - A body may have 10 MiB. Of one that comes with neither a known key nor, with
//     [WithClientAPI], a known token, no more than 64 KiB are read.
package cometchattest
