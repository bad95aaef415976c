package cometchattest

import (
	"net/http"
	"slices"
)

// extensionIDs are the extensions that every app can have.
var extensionIDs = []string{
	"bitly", "broadcast", "chatwoot", "data-masking", "document", "e2ee", "email-replies", "giphy",
	"image-moderation", "intercom", "link-preview", "message-shortcuts", "message-translation", "pin-message",
	"polls", "profanity-filter", "push-notification", "reactions", "reminders", "rich-media", "save-message",
	"sentiment-analysis", "smart-reply", "stickers", "stipop", "tenor", "thumbnail-generation", "tinyurl",
	"virus-malware-scanner", "voice-transcription", "whiteboard", "xss-filter",
}

type extensionView struct {
	ID              string                     `json:"id"`
	Name            string                     `json:"name"`
	TagLine         string                     `json:"tagLine"`
	Description     string                     `json:"description"`
	Author          string                     `json:"author"`
	Email           string                     `json:"email"`
	WebhookURL      string                     `json:"webhookURL,omitempty"`
	AccessToAppData bool                       `json:"accessToAppData"`
	AdminURL        string                     `json:"adminURL"`
	WebsiteURL      string                     `json:"websiteURL"`
	IsActive        bool                       `json:"isActive"`
	IsPrivate       bool                       `json:"isPrivate"`
	IsInvisible     bool                       `json:"isInvisible"`
	IsThirdParty    bool                       `json:"isThirdParty"`
	CreatedAt       int64                      `json:"createdAt"`
	Hooks           map[string][]extensionHook `json:"hooks"`
	Categories      map[string][]any           `json:"categories"`
}

type extensionHook struct {
	Hook        string `json:"hook"`
	Description string `json:"description"`
	IsActive    bool   `json:"isActive"`
	Enabled     int    `json:"enabled"` // 0 or 1
	CreatedAt   int64  `json:"createdAt"`
}

func extensionsResource() resource {
	return resource{base: managementPath, routes: []route{
		{pattern: "GET /apps/{appId}/extensions", handle: with((*call).pathApp, listExtensions)},
		{pattern: "POST /apps/{appId}/extensions", handle: withBody((*call).pathApp, setExtensions)},
	}}
}

func listExtensions(c *call, a *managedApp) (any, error) {
	return pageList[string]{
		rows:     sliceRows[string](extensionIDs),
		pageSize: 25,
		view: func(id string) any {
			on := a.extensions[id]
			hook := extensionHook{Hook: "after_message", Description: "Messages that were sent", IsActive: on, CreatedAt: a.createdAt}
			if on {
				hook.Enabled = 1
			}
			return extensionView{
				ID: id, Name: id, TagLine: "Adds " + id, Description: "The extension " + id + ".", Author: "Emulator",
				Email: "extensions@example.com", WebhookURL: "https://extensions.example.com/" + id,
				AdminURL: "https://extensions.example.com/" + id + "/admin", WebsiteURL: "https://extensions.example.com",
				IsActive: on, CreatedAt: a.createdAt,
				Hooks:      map[string][]extensionHook{"data": {hook}},
				Categories: map[string][]any{"data": {}},
			}
		},
	}.page(c)
}

func setExtensions(_ *call, a *managedApp, f *fields) (any, error) {
	enabled, _ := f.texts("enabled", 0, 0)
	disabled, _ := f.texts("disabled", 0, 0)
	if err := f.err(); err != nil {
		return nil, err
	}
	turn := func(ids []string, on bool) any {
		return tryEach(ids, func(id string) error {
			if !slices.Contains(extensionIDs, id) {
				return newError(http.StatusNotFound, "ERR_EXTENSION_NOT_FOUND", "The extension %s does not exist.", id)
			}
			a.extensions[id] = on
			return nil
		}).orList()
	}
	return map[string]any{"enabled": turn(enabled, true), "disabled": turn(disabled, false)}, nil
}
