package cometchat_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// importUsers returns n users, user-0 and so on.
func importUsers(n int) []*cometchat.ImportUser {
	users := make([]*cometchat.ImportUser, n)
	for i := range users {
		users[i] = &cometchat.ImportUser{UID: fmt.Sprintf("user-%d", i), Name: fmt.Sprintf("User %d", i), CreatedAt: testkit.Joined}
	}
	return users
}

// imported seeds an app in memory for the fixtures of imports.
func imported(srv *cometchattest.Server) {
	testkit.Seeded(cometchattest.User{UID: "rosa", Name: "Rosa"}, cometchattest.User{UID: "sven", Name: "Sven"})(srv)
	srv.AddGroups(cometchattest.Group{GUID: "depot", Name: "Depot", CreatedAt: testkit.Joined.Time()})
}

func TestDataImportUsers(t *testing.T) {
	client := testkit.Replayed(t, "data_import/users", imported)
	results, err := client.DataImport.Users(t.Context(), []*cometchat.ImportUser{
		{UID: "Ines-7", Name: "Inês", Avatar: "https://cdn.example/ines.png", Link: "https://people.example/ines", Role: "tutor",
			Metadata: cometchat.Metadata(`{"tier":"gold"}`), Tags: cometchat.Tags{"new"}, CreatedAt: testkit.Joined, LastActiveAt: testkit.Joined + 60, DeactivatedAt: testkit.Joined + 90},
		{UID: "rosa", Name: "Rosa again"},
		{UID: "tom", Name: "Tom", Role: "pilot"},
	})
	assert.ErrorIs(t, err, cometchat.CodeUIDAlreadyExists)
	require.ErrorIs(t, results.Err(cometchat.CodeUIDAlreadyExists), cometchat.CodeBadRequest)
	require.Len(t, results.Items, 3)
	assert.Equal(t, cometchat.Result[cometchat.User]{ID: "Ines-7", Value: &cometchat.User{
		UID: "ines-7", Name: "Inês", Avatar: "https://cdn.example/ines.png", Link: "https://people.example/ines", Role: "tutor",
		Status: cometchat.UserStatusOffline, Metadata: cometchat.Metadata(`{"tier":"gold"}`), Tags: cometchat.Tags{"new"},
		CreatedAt: testkit.Joined, LastActiveAt: testkit.Joined + 60, DeactivatedAt: testkit.Joined + 90,
	}}, results.Items[0])
	assert.ErrorIs(t, results.Items[1].Err, cometchat.CodeUIDAlreadyExists)
	var e *cometchat.Error
	require.ErrorAs(t, results.Items[2].Err, &e)
	assert.Contains(t, e.Details, "role")
}

func TestDataImportGroupsAndMembers(t *testing.T) {
	client := testkit.Replayed(t, "data_import/groups", imported)
	groups, err := client.DataImport.Groups(t.Context(), []*cometchat.ImportGroup{
		{GUID: "yard", Name: "Yard", Type: cometchat.GroupTypePassword, Password: "let-me-in-77", Icon: "https://cdn.example/yard.png", Owner: "rosa",
			Metadata: cometchat.Metadata(`{"bays":4}`), Tags: cometchat.Tags{"north"}, CreatedAt: testkit.Joined},
		{GUID: "Depot", Name: "Depot", Type: cometchat.GroupTypePublic},
	})
	assert.ErrorIs(t, err, cometchat.CodeGUIDAlreadyExists)
	assert.Equal(t, &cometchat.Group{
		GUID: "yard", Name: "Yard", Type: cometchat.GroupTypePassword, Icon: "https://cdn.example/yard.png", Owner: "rosa",
		Metadata: cometchat.Metadata(`{"bays":4}`), Tags: cometchat.Tags{"north"}, CreatedAt: testkit.Joined, ConversationID: "group_yard",
	}, groups.Items[0].Value)
	assert.Equal(t, "Depot", groups.Items[1].ID)

	members, err := client.DataImport.Members(t.Context(), []*cometchat.ImportMember{
		{GUID: "yard", UID: "rosa", Scope: cometchat.MemberScopeAdmin, JoinedAt: testkit.Joined + 1},
		{GUID: "yard", UID: "sven", IsBanned: true, JoinedAt: testkit.Joined + 2},
		{GUID: "depot", UID: "rosa", JoinedAt: testkit.Joined},
	})
	assert.ErrorIs(t, err, cometchat.CodeImportInvalidJoinedAt)
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	assert.Equal(t, cometchat.Result[cometchat.Membership]{ID: "yard_member_rosa", Value: &cometchat.Membership{
		GUID: "yard", UID: "rosa", Scope: cometchat.MemberScopeAdmin, JoinedAt: testkit.Joined + 1,
	}}, members.Items[0])
	assert.True(t, members.Items[1].OK())
}

func TestDataImportMessages(t *testing.T) {
	client := testkit.Replayed(t, "data_import/messages", imported)
	message := &cometchat.ImportMessage{
		MUID: "m-1", Sender: "rosa", ReceiverType: cometchat.ReceiverTypeUser, Receiver: "sven",
		Category: cometchat.MessageCategoryMessage, Type: cometchat.MessageTypeText,
		Data: cometchat.ImportMessageData{
			Text: "Gate code is 42", Metadata: cometchat.Metadata(`{"ride":"r-1"}`),
			Other: map[string]json.RawMessage{"resource": json.RawMessage(`"legacy"`), "text": json.RawMessage(`"not this"`)},
		},
		Tags: cometchat.Tags{"old"}, SentAt: testkit.Joined, DeliveredAt: testkit.Joined + 5, ReadAt: testkit.Joined + 9,
	}
	results, err := client.DataImport.Messages(t.Context(), []*cometchat.ImportMessage{
		message,
		{MUID: "m-2", Sender: "rosa", ReceiverType: cometchat.ReceiverTypeGroup, Receiver: "nowhere", Type: cometchat.MessageTypeText,
			Data: cometchat.ImportMessageData{Text: "Hi"}, SentAt: testkit.Joined},
	})
	assert.ErrorIs(t, err, cometchat.CodeGUIDNotFound)
	m := results.Items[0].Value
	require.NotNil(t, m)
	assert.Equal(t, "m-1", results.Items[0].ID)
	assert.Equal(t, "Rosa", m.SenderUser().Name)
	m.Data.Entities = nil
	assert.Equal(t, &cometchat.Message{
		ID: "1", MUID: "m-1", ConversationID: "rosa_user_sven", Sender: "rosa", ReceiverType: "user", Receiver: "sven",
		Category: "message", Type: "text", Tags: cometchat.Tags{"old"},
		Data:   cometchat.MessageData{Text: "Gate code is 42", Metadata: cometchat.Metadata(`{"ride":"r-1"}`), Resource: "legacy"},
		SentAt: testkit.Joined, UpdatedAt: testkit.Joined, DeliveredAt: testkit.Joined + 5, ReadAt: testkit.Joined + 9,
	}, m)

	again, err := client.DataImport.Messages(t.Context(), []*cometchat.ImportMessage{message})
	assert.ErrorIs(t, err, cometchat.CodeImportMUIDAlreadyExists)
	assert.NoError(t, again.Err(cometchat.CodeImportMUIDAlreadyExists))
}

// TestDataImportOrder: the API imports in the order of the body, where Go would
// sort the keys.
func TestDataImportOrder(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(2)
	var messages []*cometchat.ImportMessage
	for i := range 12 {
		messages = append(messages, &cometchat.ImportMessage{
			MUID: fmt.Sprintf("m-%d", i), Sender: "user-0001", ReceiverType: cometchat.ReceiverTypeUser, Receiver: "user-0002",
			Type: cometchat.MessageTypeText, Data: cometchat.ImportMessageData{Text: "Hi"}, SentAt: testkit.Joined,
		})
	}
	results, err := client.DataImport.Messages(t.Context(), messages)
	require.NoError(t, err)
	for i, r := range results.Items {
		assert.Equal(t, fmt.Sprint(i+1), r.Value.ID)
	}
}

func TestDataImportShapes(t *testing.T) {
	entry := `{"success":true,"data":{"uid":"ann","name":"Ann"}}`
	for name, body := range map[string]string{
		"one level":       `{"data":{"ann":` + entry + `}}`,
		"two levels":      `{"data":{"data":{"ann":` + entry + `}}}`,
		"two inside":      `{"data":{"ann":{"success":true,"data":{"data":{"uid":"ann","name":"Ann"}}}}}`,
		"an id less":      `{"data":{"ann":{"success":true,"data":{"name":"Ann"}}}}`,
		"another's case":  `{"data":{"ANN":` + entry + `}}`,
		"a user's fields": `{"data":{"ann":{"success":true,"data":{"uid":"ann","name":"Ann","createdAt":"0","metadata":[]}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			results, err := testkit.Answering(t, 200, body).DataImport.Users(t.Context(), []*cometchat.ImportUser{{UID: "ann", Name: "Ann"}})
			require.NoError(t, err)
			require.NotNil(t, results.Items[0].Value)
			results.Items[0].Value.Metadata = nil
			assert.Equal(t, &cometchat.User{UID: "ann", Name: "Ann"}, results.Items[0].Value)
			assert.Empty(t, results.Unmatched)
		})
	}
	group, err := testkit.Answering(t, 200, `{"data":{"yard":{"success":true,"data":{"uid":"yard","name":"Yard"}}}}`).DataImport.Groups(t.Context(),
		[]*cometchat.ImportGroup{{GUID: "yard", Name: "Yard", Type: cometchat.GroupTypePublic}})
	require.NoError(t, err)
	assert.Equal(t, &cometchat.Group{GUID: "yard", Name: "Yard"}, group.Items[0].Value)

	for name, body := range map[string]string{
		"failed":            `{"data":{"ann":{"success":false,"error":{"code":"ERR_UID_ALREADY_EXISTS","message":"Taken."}}}}`,
		"failed, in two":    `{"data":{"data":{"ann":{"success":false,"error":{"code":"ERR_UID_ALREADY_EXISTS","message":"Taken."}}}}}`,
		"the error itself":  `{"data":{"ann":{"error":{"code":"ERR_UID_ALREADY_EXISTS","message":"Taken."}}}}`,
		"all of it, in 200": `{"error":{"code":"ERR_UID_ALREADY_EXISTS","message":"Taken."}}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := testkit.Answering(t, 200, body).DataImport.Users(t.Context(), []*cometchat.ImportUser{{UID: "ann", Name: "Ann"}})
			assert.ErrorIs(t, err, cometchat.CodeUIDAlreadyExists)
		})
	}
	results, err := testkit.Answering(t, 200, `{"data":{}}`).DataImport.Users(t.Context(), []*cometchat.ImportUser{{UID: "ann", Name: "Ann"}})
	assert.ErrorIs(t, err, cometchat.ErrOutcomeUnknown, "a response that does not mention a user")
	assert.ErrorIs(t, results.Items[0].Err, cometchat.ErrOutcomeUnknown)
}
