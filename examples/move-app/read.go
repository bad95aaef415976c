package main

import (
	"encoding/json"
	"strings"

	"github.com/go-cometchat/cometchat"
)

// These functions convert what an app holds to what an import takes. They call
// left for what an import cannot take.

func roleOf(r *cometchat.Role) *cometchat.CreateRoleRequest {
	return &cometchat.CreateRoleRequest{
		Role: r.Role, Name: r.Name, Description: r.Description, Metadata: metadata(r.Metadata), Settings: r.Settings,
	}
}

func userOf(u *cometchat.User, left func(string)) *cometchat.ImportUser {
	if u.StatusMessage != "" {
		left("status messages of users")
	}
	return &cometchat.ImportUser{
		UID: u.UID, Name: u.Name, Avatar: u.Avatar, Link: u.Link, Role: u.Role, Metadata: metadata(u.Metadata), Tags: tags(u.Tags),
		CreatedAt: u.CreatedAt, LastActiveAt: u.LastActiveAt, DeactivatedAt: u.DeactivatedAt,
	}
}

func groupOf(g *cometchat.Group, password string, left func(string)) *cometchat.ImportGroup {
	if g.Description != "" {
		left("descriptions of groups")
	}
	in := &cometchat.ImportGroup{
		GUID: g.GUID, Name: g.Name, Type: g.Type, Icon: g.Icon, Metadata: metadata(g.Metadata), Tags: tags(g.Tags), CreatedAt: g.CreatedAt,
	}
	if g.Owner != cometchat.SystemUID {
		in.Owner = g.Owner
	}
	if g.Type == cometchat.GroupTypePassword {
		left("passwords of groups (they get the one of -password)")
		in.Password = cometchat.Secret(password)
	}
	return in
}

// memberOf returns the line of a member. The API wants members to join after the
// group was created, so memberOf adds a second for those who joined when it was,
// such as its creator.
func memberOf(g *cometchat.ImportGroup, uid string, scope cometchat.MemberScope, at cometchat.UnixTime, banned bool) *cometchat.ImportMember {
	if at != 0 && at <= g.CreatedAt {
		at = g.CreatedAt + 1
	}
	return &cometchat.ImportMember{GUID: g.GUID, UID: uid, Scope: scope, JoinedAt: at, IsBanned: banned}
}

// ofTheAPI are members of a message's data that the API adds.
var ofTheAPI = []string{"entities", "mentions", "reactions", "interactions", "moderation", "action"}

// messageOf returns the line of a message whose JSON is text. It returns nil for
// a message that cannot be imported at all.
func messageOf(m *cometchat.Message, text []byte, left func(string)) (*cometchat.ImportMessage, error) {
	switch {
	case m.Category != cometchat.MessageCategoryMessage && m.Category != cometchat.MessageCategoryCustom:
		left("messages of the category " + string(m.Category))
		return nil, nil
	case m.IsDeleted():
		left("deleted messages")
		return nil, nil
	}
	for what, is := range map[string]bool{
		"threads: replies, which become ordinary messages": m.ParentID != "",
		"reactions":               len(m.ReactionCounts()) > 0,
		"pins":                    !m.PinnedAt.IsZero(),
		"quotes in messages":      m.QuotedMessage != nil || m.QuotedMessageID != "",
		"times of edits":          !m.EditedAt.IsZero(),
		"decisions of moderation": m.Data.Moderation.Status != "",
	} {
		if is {
			left(what)
		}
	}
	var raw struct {
		Data cometchat.ImportMessageData `json:"data"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	for _, name := range ofTheAPI {
		delete(raw.Data.Other, name)
	}
	raw.Data.Metadata = metadata(raw.Data.Metadata)
	if url := raw.Data.Other["url"]; url != nil && len(raw.Data.Attachments) == 0 {
		raw.Data.Attachments = m.Attachments()
		delete(raw.Data.Other, "url")
	}
	return &cometchat.ImportMessage{
		MUID: m.MUID, Sender: m.Sender, ReceiverType: m.ReceiverType, Receiver: m.Receiver, Category: m.Category, Type: m.Type,
		Data: raw.Data, Tags: tags(m.Tags), SentAt: m.SentAt, DeliveredAt: m.DeliveredAt, ReadAt: m.ReadAt,
	}, nil
}

// muids gives a muid to messages without one, or with one that was used before.
type muids map[string]struct{}

func (s muids) settle(m *cometchat.ImportMessage, id string) {
	_, twice := s[strings.ToLower(m.MUID)]
	for m.MUID == "" || twice {
		m.MUID = "moved-" + id
		_, twice = s[m.MUID]
		id += "x"
	}
	s[strings.ToLower(m.MUID)] = struct{}{}
}

// metadata returns nil for empty metadata, which the API writes in several ways.
func metadata(m cometchat.Metadata) cometchat.Metadata {
	if m.IsEmpty() {
		return nil
	}
	return m
}

func tags(t cometchat.Tags) cometchat.Tags {
	if len(t) == 0 {
		return nil
	}
	return t
}
