package cometchat

import (
	"cmp"
	"fmt"
	"path"
	"strings"
)

// SenderName returns the name of the user who sent the message, or who did what
// an action or call message reports; the uid if the response does not have the
// name, and "" on nil. Each call decodes the user again.
func (m *Message) SenderName() string {
	if m == nil {
		return ""
	}
	return cmp.Or(nameOf(m.SenderUser()), m.Sender)
}

func nameOf(u *User) string {
	if u == nil {
		return ""
	}
	return cmp.Or(u.Name, u.UID)
}

// Summary returns a message in English, for transcripts and previews: its text if
// it has one, else its files ("Ida sent plan.pdf"), or what an action message
// ("Ida added Tom", "Tom left", "Ida made Tom a moderator", "Ida edited a
// message") or a call message ("Ida started a video call") reports. It is "" only
// on nil. Each call decodes the entities it names again.
func (m *Message) Summary() string {
	if m == nil {
		return ""
	}
	who := cmp.Or(m.SenderName(), "A user")
	switch {
	case m.Category == MessageCategoryAction:
		return m.actionSummary(who)
	case m.Category == MessageCategoryCall:
		return m.callSummary(who)
	case m.IsDeleted():
		return "This message was deleted"
	case m.Text() != "":
		return m.Text()
	}
	switch files := m.Attachments(); len(files) {
	case 0:
		return who + " sent " + article(cmp.Or(string(m.Type), string(m.Category), "message"))
	case 1:
		return who + " sent " + cmp.Or(files[0].Name, path.Base(files[0].URL))
	default:
		return fmt.Sprintf("%s sent %d files", who, len(files))
	}
}

func (m *Message) actionSummary(who string) string {
	whom := cmp.Or(nameOf(m.TargetUser()), "a user")
	switch m.Data.Action {
	case "added", "kicked", "banned", "unbanned":
		return who + " " + m.Data.Action + " " + whom
	case "joined", "left":
		return who + " " + m.Data.Action
	case "edited", "deleted":
		return who + " " + m.Data.Action + " a message"
	case "scopeChanged":
		extras, _ := DecodeMetadata[struct {
			Scope struct{ New string }
		}](m.Data.Extras)
		if extras.Scope.New == "" {
			return who + " changed what " + whom + " may do"
		}
		return who + " made " + whom + " " + article(extras.Scope.New)
	case "":
		return who + " did something"
	}
	return who + ": " + m.Data.Action
}

func (m *Message) callSummary(who string) string {
	kind := "call"
	if m.Type == MessageTypeAudio || m.Type == MessageTypeVideo {
		kind = string(m.Type) + " call"
	}
	status := m.Data.Action
	if call := m.Call(); status == "" && call != nil {
		status = call.Status
	}
	switch status {
	case "", "initiated":
		return who + " started " + article(kind)
	case "ongoing":
		return who + " joined the " + kind
	case "rejected", "cancelled", "canceled":
		return who + " " + status + " the " + kind
	case "busy":
		return who + " was busy"
	case "ended":
		return "The " + kind + " ended"
	case "unanswered":
		return "The " + kind + " was not answered"
	}
	return "The " + kind + ": " + status
}

// article puts "a" or "an" before a word.
func article(word string) string {
	if strings.ContainsRune("aeiouAEIOU", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}
