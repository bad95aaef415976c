package webhook

import (
	"context"

	"github.com/go-cometchat/cometchat"
)

// Campaign is a campaign that ended.
type Campaign struct {
	CampaignID      string             `json:"campaignId"`
	Name            string             `json:"name"`
	Status          string             `json:"status"` // "completed" or "failed"
	TemplateID      string             `json:"templateId"`
	TemplateVersion int                `json:"templateVersion"`
	TotalTargets    int                `json:"totalTargets"`
	SentCount       int                `json:"sentCount"`
	FailedCount     int                `json:"failedCount"`
	Tag             string             `json:"tag"`
	ScheduledAt     cometchat.UnixTime `json:"scheduledAt"`
	SentAt          cometchat.UnixTime `json:"sentAt"`
	CompletedAt     cometchat.UnixTime `json:"completedAt"`
	CreatedAt       cometchat.UnixTime `json:"createdAt"`
	UpdatedAt       cometchat.UnixTime `json:"updatedAt"`
}

func (c *Campaign) key() []string { return []string{c.CampaignID, c.Status} }

// FeedItem is an item of a user's notification feed.
type FeedItem struct {
	ID               string             `json:"id"`
	NotificationID   string             `json:"notificationId"`
	CampaignID       string             `json:"campaignId"`
	Receiver         string             `json:"receiver"` // uid
	TemplateID       string             `json:"templateId"`
	TemplateVersion  int                `json:"templateVersion"`
	ChannelType      string             `json:"channelType"` // such as "in_app"
	ChannelID        string             `json:"channelId"`
	TemplateCategory string             `json:"templateCategory"`
	CategoryID       string             `json:"categoryId"`
	Label            string             `json:"label"`
	Tags             []string           `json:"tags"`
	AlternativeText  string             `json:"alternativeText"`
	DataType         string             `json:"dataType"` // such as "ui_template"
	Status           string             `json:"status"`   // "sent", "delivered" or "read"
	SentAt           cometchat.UnixTime `json:"sentAt"`
	DeliveredAt      cometchat.UnixTime `json:"deliveredAt"`
	ReadAt           cometchat.UnixTime `json:"readAt"`
	EngagedAt        cometchat.UnixTime `json:"engagedAt"`
	// InteractedAt is set in after_feed_item_interacted.
	InteractedAt   cometchat.UnixTime `json:"interactedAt,omitempty"`
	RealtimeFanout []string           `json:"realtimeFanout"` // such as "websocket"
	// Content is set in after_feed_item_sent, Variables and Metadata in
	// after_feed_item_read and after_feed_item_interacted.
	Content   cometchat.Metadata `json:"content,omitempty"`
	Variables cometchat.Metadata `json:"variables,omitempty"`
	Metadata  cometchat.Metadata `json:"metadata,omitempty"`
}

func (f *FeedItem) key() []string { return []string{f.ID, f.Status} }

// PushNotification is a push notification of a campaign.
type PushNotification struct {
	PushNotificationID string             `json:"pushNotificationId"`
	NotificationID     string             `json:"notificationId"`
	CampaignID         string             `json:"campaignId"`
	Receiver           string             `json:"receiver"` // uid
	TemplateID         string             `json:"templateId"`
	TemplateVersion    int                `json:"templateVersion"`
	ChannelType        string             `json:"channelType"` // "push"
	ChannelID          string             `json:"channelId"`
	Category           string             `json:"category"`
	Label              string             `json:"label"`
	Tags               []string           `json:"tags"`
	AlternativeText    string             `json:"alternativeText"`
	DataType           string             `json:"dataType"` // such as "ui_template"
	Status             string             `json:"status"`   // "sent", "delivered" or "clicked"
	SentAt             cometchat.UnixTime `json:"sentAt"`
	DeliveredAt        cometchat.UnixTime `json:"deliveredAt"`
	ClickedAt          cometchat.UnixTime `json:"clickedAt"`
	EngagedAt          cometchat.UnixTime `json:"engagedAt"`
	FailedAt           cometchat.UnixTime `json:"failedAt"`
	ErrorMessage       string             `json:"errorMessage"`
	Tag                string             `json:"tag"`
	Variables          cometchat.Metadata `json:"variables,omitempty"`
	Metadata           cometchat.Metadata `json:"metadata,omitempty"`
}

func (p *PushNotification) key() []string { return []string{p.PushNotificationID, p.Status} }

// AfterCampaignCompleted reports that a campaign ended. A campaign whose targets
// do not exist is completed, too.
type AfterCampaignCompleted struct {
	Envelope `json:"-"`
	Campaign
}

// OnAfterCampaignCompleted calls f for every after_campaign_completed.
func (h *Handler) OnAfterCampaignCompleted(f func(context.Context, *AfterCampaignCompleted) error) {
	on(h, TriggerAfterCampaignCompleted, f)
}

// AfterCampaignFailed reports that a campaign failed.
type AfterCampaignFailed struct {
	Envelope `json:"-"`
	Campaign
}

// OnAfterCampaignFailed calls f for every after_campaign_failed.
func (h *Handler) OnAfterCampaignFailed(f func(context.Context, *AfterCampaignFailed) error) {
	on(h, TriggerAfterCampaignFailed, f)
}

// AfterNotificationCreated reports a new notification of a campaign.
type AfterNotificationCreated struct {
	Envelope        `json:"-"`
	NotificationID  string             `json:"notificationId"`
	CampaignID      string             `json:"campaignId"`
	TemplateID      string             `json:"templateId"`
	TemplateVersion int                `json:"templateVersion"`
	Category        string             `json:"category"`
	Label           string             `json:"label"`
	Tags            []string           `json:"tags"`
	SendMode        string             `json:"sendMode"` // such as "realtime"
	Priority        string             `json:"priority"` // such as "normal"
	Channels        []string           `json:"channels"` // such as "in_app"
	DataType        string             `json:"dataType"` // such as "ui_template"
	Status          string             `json:"status"`   // such as "dispatching"
	TotalTargets    int                `json:"totalTargets"`
	SentCount       int                `json:"sentCount"`
	FailedCount     int                `json:"failedCount"`
	CreatedAt       cometchat.UnixTime `json:"createdAt"`
}

// OnAfterNotificationCreated calls f for every after_notification_created.
func (h *Handler) OnAfterNotificationCreated(f func(context.Context, *AfterNotificationCreated) error) {
	on(h, TriggerAfterNotificationCreated, f)
}

func (e *AfterNotificationCreated) key() []string {
	return []string{e.NotificationID, e.Status}
}

// AfterFeedItemSent reports that an item was added to a user's feed.
type AfterFeedItemSent struct {
	Envelope `json:"-"`
	FeedItem
}

// OnAfterFeedItemSent calls f for every after_feed_item_sent.
func (h *Handler) OnAfterFeedItemSent(f func(context.Context, *AfterFeedItemSent) error) {
	on(h, TriggerAfterFeedItemSent, f)
}

// AfterFeedItemDelivered reports that an item of the feed reached the user.
type AfterFeedItemDelivered struct {
	Envelope `json:"-"`
	FeedItem
}

// OnAfterFeedItemDelivered calls f for every after_feed_item_delivered.
func (h *Handler) OnAfterFeedItemDelivered(f func(context.Context, *AfterFeedItemDelivered) error) {
	on(h, TriggerAfterFeedItemDelivered, f)
}

// AfterFeedItemRead reports that the user read an item of the feed.
type AfterFeedItemRead struct {
	Envelope `json:"-"`
	FeedItem
}

// OnAfterFeedItemRead calls f for every after_feed_item_read.
func (h *Handler) OnAfterFeedItemRead(f func(context.Context, *AfterFeedItemRead) error) {
	on(h, TriggerAfterFeedItemRead, f)
}

// AfterFeedItemInteracted reports that the user interacted with an item of the
// feed.
type AfterFeedItemInteracted struct {
	Envelope `json:"-"`
	FeedItem
}

// OnAfterFeedItemInteracted calls f for every after_feed_item_interacted.
func (h *Handler) OnAfterFeedItemInteracted(f func(context.Context, *AfterFeedItemInteracted) error) {
	on(h, TriggerAfterFeedItemInteracted, f)
}

func (e *AfterFeedItemInteracted) key() []string {
	return append(e.FeedItem.key(), number(e.InteractedAt))
}

// AfterPushNotificationSent reports that a push notification was sent.
type AfterPushNotificationSent struct {
	Envelope `json:"-"`
	PushNotification
}

// OnAfterPushNotificationSent calls f for every after_push_notification_sent.
func (h *Handler) OnAfterPushNotificationSent(f func(context.Context, *AfterPushNotificationSent) error) {
	on(h, TriggerAfterPushNotificationSent, f)
}

// AfterPushNotificationDelivered reports that a push notification reached the
// user.
type AfterPushNotificationDelivered struct {
	Envelope `json:"-"`
	PushNotification
}

// OnAfterPushNotificationDelivered calls f for every after_push_notification_delivered.
func (h *Handler) OnAfterPushNotificationDelivered(f func(context.Context, *AfterPushNotificationDelivered) error) {
	on(h, TriggerAfterPushNotificationDelivered, f)
}

// AfterPushNotificationClicked reports that the user clicked a push
// notification.
type AfterPushNotificationClicked struct {
	Envelope `json:"-"`
	PushNotification
}

// OnAfterPushNotificationClicked calls f for every after_push_notification_clicked.
func (h *Handler) OnAfterPushNotificationClicked(f func(context.Context, *AfterPushNotificationClicked) error) {
	on(h, TriggerAfterPushNotificationClicked, f)
}
