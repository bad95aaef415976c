package testkit

import "strings"

// Bodies of responses, with the least content that decodes.
const (
	AMessage      = `{"data":{"id":"7","sender":"ann","receiverType":"user","receiver":"bob","category":"message","type":"text","data":{"text":"Hi"},"sentAt":1700000000}}`
	AnEdit        = `{"data":{"id":"8","category":"action","type":"message","data":{"action":"edited","entities":{"on":{"entityType":"message","entity":{"id":"7","category":"message","data":{"text":"Ho"},"editedBy":"ann"}}}}}}`
	AnAck         = `{"data":{"success":true,"message":"Done."}}`
	ABareAck      = `{"success":true,"message":"Done."}`
	NoMessages    = `{"data":[],"meta":{"current":{"limit":10,"count":0}}}`
	AConversation = `{"data":{"conversationId":"ann_user_bob","conversationType":"user"}}`
	AReason       = `{"data":{"id":"rude","name":"Rude"}}`
)

// Inner returns the data of a body without its envelope.
func Inner(body string) string {
	return strings.TrimSuffix(strings.TrimPrefix(body, `{"data":`), "}")
}

// Bodies of Moderation responses.
const (
	ARule        = `{"data":{"id":"no-pills"}}`
	AKeywordList = `{"data":{"id":"drinks"}}`
	NoItems      = `{"data":[],"meta":{"current":{"limit":50,"count":0}}}`
)
