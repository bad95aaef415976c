package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// populate fills an app in memory with every kind of object.
func populate(srv *cometchattest.Server, users, groups, messages int) {
	begun := srv.Clock().Now().Add(-365 * 24 * time.Hour).Truncate(time.Second)
	uid := func(n int) string { return fmt.Sprintf("user-%05d", n%users) }
	guid := func(n int) string { return fmt.Sprintf("group-%04d", n%groups) }
	srv.AddRole("Moderator")
	srv.AddRole("guest")
	people := make([]cometchattest.User, users)
	for i := range people {
		people[i] = cometchattest.User{
			UID: uid(i), Name: fmt.Sprintf("User %d", i), CreatedAt: begun.Add(time.Duration(i) * time.Second),
			Metadata: json.RawMessage(fmt.Sprintf(`{"number":%d,"path":"a/b","nothing":[]}`, i)), Tags: []string{"moved"},
		}
		switch i % 10 {
		case 0:
			people[i].Role, people[i].Avatar = "moderator", "https://cdn.example/"+uid(i)+".png"
		case 1:
			people[i].DeactivatedAt = begun.Add(time.Duration(i+users) * time.Second)
		case 2:
			people[i].StatusMessage, people[i].Tags, people[i].Metadata = "Away", nil, json.RawMessage("[]")
		}
	}
	srv.AddUsers(people...)
	rooms := make([]cometchattest.Group, groups)
	for i := range rooms {
		rooms[i] = cometchattest.Group{
			GUID: guid(i), Name: fmt.Sprintf("Group %d", i), Type: []string{"public", "private"}[i%2], CreatedAt: begun.Add(time.Duration(users+i) * time.Second),
			Metadata: json.RawMessage(fmt.Sprintf(`{"number":%d}`, i)), Tags: []string{"room"}, Moderators: []string{uid(i + 3)}, Banned: []string{uid(i + 4)},
		}
		if i%3 > 0 {
			rooms[i].Owner = uid(i * 10)
		}
		for n := range 20 {
			rooms[i].Participants = append(rooms[i].Participants, uid(i*7+n*10+5))
		}
	}
	srv.AddGroups(rooms...)
	said := history(messages, begun.Add(time.Duration(users+groups)*time.Second), uid, guid)
	ids := srv.AddMessages(said...)
	srv.AddMessages(cometchattest.Message{Sender: said[0].Sender, Receiver: said[0].Receiver, ReceiverType: "group", Text: "A reply", ParentID: ids[0]})
}

// history returns messages of all kinds in turn, one for each second.
func history(messages int, begun time.Time, uid, guid func(int) string) []cometchattest.Message {
	said := make([]cometchattest.Message, messages)
	for i := range said {
		said[i] = cometchattest.Message{
			Sender: uid(i), Receiver: uid(i + 1 + i%3), Text: fmt.Sprintf("Message %d for <@uid:%s>", i, uid(i+2)), Tags: []string{"t"},
			SentAt: begun.Add(time.Duration(i) * time.Second),
		}
		switch i % 10 {
		case 0, 1, 2:
			said[i].Receiver, said[i].ReceiverType = guid(i), "group"
		case 3:
			said[i].MUID = fmt.Sprintf("muid-%d", i)
		case 4:
			said[i].MUID = "the same" // the API accepts it again when a message is sent
		case 5:
			said[i].Category, said[i].Type, said[i].Text = "custom", "place", ""
			said[i].Data = json.RawMessage(fmt.Sprintf(`{"customData":{"lat":%d.50,"empty":[]},"metadata":{"k":"v/w"},"resource":"web"}`, i))
		case 6:
			said[i].Type, said[i].Text = "image", "Look"
			said[i].Data = json.RawMessage(`{"attachments":[{"url":"https://files.example/a.png","name":"a.png","mimeType":"image/png","extension":"png","size":"350.2"}]}`)
		case 7:
			said[i].Category, said[i].Type, said[i].Text = "call", "audio", ""
		case 8:
			said[i].Sender = ""
		}
	}
	return said
}
