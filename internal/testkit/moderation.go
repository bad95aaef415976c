package testkit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// NoPills is the condition of a rule that blocks a word.
var NoPills = cometchat.ModerationCondition{
	Operand: cometchat.ModerationOperandText, Operator: cometchat.ModerationOperatorContains,
	Category: cometchat.ModerationCategoryWord, Values: []string{"pills"},
}

// Nine is the time in the app of SeedModerated.
var Nine = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// SeedModerated makes an app with a rule, a keyword list, a message that the rule
// has blocked (1), one that was flagged (2), and one that was blocked and
// reviewed (3).
func SeedModerated(t *testing.T) func(*cometchattest.Server) {
	return func(srv *cometchattest.Server) {
		srv.SetClock(func() time.Time { return Nine })
		srv.AddUsers(cometchattest.User{UID: "ann", Name: "Ann"}, cometchattest.User{UID: "bob", Name: "Bob"})
		c, ctx := Client(t, srv.URL(), srv.APIKey()), t.Context()
		_, err := c.Moderation.Keywords.Create(ctx, &cometchat.CreateModerationKeywordListRequest{
			ID: "drinks", Name: "Drinks", Category: cometchat.ModerationCategoryWord, SearchTerms: []string{"rum", "gin"},
		})
		require.NoError(t, err)
		_, err = c.Moderation.Rules.Create(ctx, &cometchat.CreateModerationRuleRequest{
			ID: "no-pills", Name: "No pills", Enabled: true, Conditions: []cometchat.ModerationCondition{NoPills},
			Actions: []cometchat.ModerationAction{cometchat.ModerationActionBlockMessage},
		})
		require.NoError(t, err)
		for _, text := range []string{"Cheap PILLS", "Hello", "More pills"} {
			_, err = c.OnBehalfOf("ann").Messages.Send(ctx, Bob, &cometchat.SendMessageRequest{Text: text})
			require.NoError(t, err)
		}
		require.NoError(t, c.OnBehalfOf("bob").Messages.Flag(ctx, "2", &cometchat.FlagMessageRequest{ReasonID: "spam", Remark: "Again"}))
		require.NoError(t, c.Moderation.Reviews.ReviewBlocked(ctx, "3", cometchat.ModerationReviewRejected))
	}
}

// NineUnix is Nine as a Unix time, as the API writes it.
const NineUnix = cometchat.UnixTime(1772442000)

// The moderation of the app's messages.
var (
	Disapproved = cometchat.MessageModeration{
		Status: cometchat.MessageModerationStatusDisapproved, Rule: cometchat.MessageModerationRule{ID: "no-pills", Name: "No pills"},
	}
	Approved = cometchat.MessageModeration{Status: cometchat.MessageModerationStatusApproved}
	Pending  = cometchat.MessageModeration{Status: cometchat.MessageModerationStatusPending}
)
