package contract

import (
	"context"
	"encoding/json"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// importWire holds the requests of all four methods, with every field set.
var importWire = []wireTest{
	{"import users", testkit.AnAck, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Results[cometchat.User], error) {
		return c.DataImport.Users(ctx, []*cometchat.ImportUser{
			{UID: "b", Name: "B", Avatar: "https://a", Link: "https://l", Role: "r", Metadata: cometchat.Metadata(`{"k":1}`), Tags: cometchat.Tags{"t"}, CreatedAt: 1, LastActiveAt: 2, DeactivatedAt: 3},
			{UID: "a", Name: "A"},
		})
	}), "POST", "/data_import/users", "", `{"users":{
		"b":{"uid":"b","name":"B","avatar":"https://a","link":"https://l","role":"r","metadata":{"k":1},"tags":["t"],"createdAt":1,"lastActiveAt":2,"deactivatedAt":3},
		"a":{"uid":"a","name":"A"}}}`},
	{"import groups", testkit.AnAck, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Results[cometchat.Group], error) {
		return c.DataImport.Groups(ctx, []*cometchat.ImportGroup{{
			GUID: "g", Name: "G", Type: cometchat.GroupTypePassword, Password: "p", Icon: "https://i", Owner: "o", Metadata: cometchat.Metadata(`{}`),
			Tags: cometchat.Tags{"t"}, CreatedAt: 1, GroupOwnerDetails: &cometchat.ImportUser{UID: "o", Name: "O"},
		}})
	}), "POST", "/data_import/groups", "", `{"groups":{"g":{"guid":"g","name":"G","type":"password","password":"p","icon":"https://i","owner":"o","metadata":{},
		"tags":["t"],"createdAt":1,"groupOwnerDetails":{"uid":"o","name":"O"}}}}`},
	{"import members", testkit.AnAck, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Results[cometchat.Membership], error) {
		return c.DataImport.Members(ctx, []*cometchat.ImportMember{{
			GUID: "g", UID: "u", Scope: cometchat.MemberScopeModerator, IsBanned: true, JoinedAt: 2,
			GroupDetails: &cometchat.ImportGroup{GUID: "g", Name: "G", Type: "public"}, UserDetails: &cometchat.ImportUser{UID: "u", Name: "U"},
		}})
	}), "POST", "/data_import/members", "", `{"members":{"g_member_u":{"memberId":"g_member_u","guid":"g","uid":"u","scope":"moderator","isBanned":true,"joinedAt":2,
		"groupDetails":{"guid":"g","name":"G","type":"public"},"userDetails":{"uid":"u","name":"U"}}}}`},
	{"import messages", testkit.AnAck, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Results[cometchat.Message], error) {
		u, g := &cometchat.ImportUser{UID: "u", Name: "U"}, &cometchat.ImportGroup{GUID: "g", Name: "G", Type: "public"}
		return c.DataImport.Messages(ctx, []*cometchat.ImportMessage{{
			MUID: "m", Sender: "s", ReceiverType: "group", Receiver: "g", Category: "message", Type: "image",
			Data: cometchat.ImportMessageData{
				Text: "t", Attachments: []cometchat.Attachment{{URL: "https://f", Name: "n", MimeType: "image/png", Extension: "png", Size: 12.5}},
				CustomData: cometchat.Metadata(`{"c":1}`), Metadata: cometchat.Metadata(`{"k":1}`), Other: map[string]json.RawMessage{"x": json.RawMessage(`[1]`)},
			},
			Tags: cometchat.Tags{"t"}, SentAt: 1, DeliveredAt: 2, ReadAt: 3, SenderUserDetails: u, ReceiverUserDetails: u,
			ReceiverGroupDetails: g, ReceiverGroupOwnerDetails: u, MentionedUserDetails: map[string]cometchat.ImportUser{"u": *u},
		}})
	}), "POST", "/data_import/messages", "", `{"messages":{"m":{"muid":"m","sender":"s","receiverType":"group","receiver":"g","category":"message","type":"image",
		"data":{"text":"t","attachments":[{"url":"https://f","name":"n","mimeType":"image/png","extension":"png","size":"12.5"}],"customData":{"c":1},"metadata":{"k":1},"x":[1]},
		"tags":["t"],"sentAt":1,"deliveredAt":2,"readAt":3,"senderUserDetails":{"uid":"u","name":"U"},"receiverUserDetails":{"uid":"u","name":"U"},
		"receiverGroupDetails":{"guid":"g","name":"G","type":"public"},"receiverGroupOwnerDetails":{"uid":"u","name":"U"},
		"mentionedUserDetails":{"u":{"uid":"u","name":"U"}}}}}`},
}
