package cometchattest

// state is everything the emulated app stores. Handlers access it as call.state.
// It is guarded by Server.mu, which is locked while a handler runs: shared for
// GET, so those handlers must not write, and exclusive for other methods. Each
// resource stores its data in its own field.
//
// The names of fields, here and in all stored types, are the names used in
// snapshots; see snapshotWriter. A field derived from others has the tag
// snapshot:"-", and [state.rebuild] creates it. A value is read after the values
// it refers to.
type state struct {
	snapshots *snapshotRuns `snapshot:"-"` // being written

	users  *userStore
	roles  *table[*role]
	tokens map[string]*table[*authToken] `snapshot:",secret"` // by uid and token
	keys   *table[*apiKey]               `snapshot:",secret"` // by key

	groups  *groupStore
	friends relations
	blocks  relations
	// lastMessage is the id of the newest message.
	lastMessage int64
	messages    *messageStore
	reasons     *table[*moderationReason] // by id
	moderation  *moderationStore
	calls       *table[*appCall] // by session

	notifications *notificationState

	account *account // of the Management API
}

func newState() *state {
	snapshots := &snapshotRuns{}
	return &state{
		snapshots: snapshots,
		users:     newUserStore(snapshots),
		roles:     newTable[*role](),
		tokens:    map[string]*table[*authToken]{},
		keys:      newTable[*apiKey](),

		groups:   newGroupStore(),
		friends:  newRelations(),
		blocks:   newRelations(),
		messages: newMessageStore(snapshots),
		reasons:  newTable[*moderationReason](),

		notifications: newNotificationState(),
		moderation:    newModerationStore(),
		calls:         newTable[*appCall](),

		account: newAccount(),
	}
}
