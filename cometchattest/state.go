package cometchattest

// state is everything the emulated app stores. Handlers reach it as call.state;
// it is guarded by Server.mu, which is locked around every handler: shared for
// GET, whose handlers therefore must not write, and exclusive for other methods.
// A resource keeps its part in a field of its own.
//
// The names of fields, in here and in all that is stored, are those of snapshots,
// see snapshotWriter: a field that is made of others has the tag snapshot:"-", and
// [state.rebuild] makes it. Something is read after what it refers to.
type state struct {
	snapshots *snapshotRuns `snapshot:"-"` // that are being written

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
