package cometchat_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// blockSpam makes a rule that blocks a word.
func blockSpam(ctx context.Context, client *cometchat.Client) {
	_, err := client.Moderation.Rules.Create(ctx, &cometchat.CreateModerationRuleRequest{
		ID: "no-spam", Name: "No spam", Enabled: true,
		Actions: []cometchat.ModerationAction{cometchat.ModerationActionBlockMessage},
		Conditions: []cometchat.ModerationCondition{{
			Operand:  cometchat.ModerationOperandText,
			Operator: cometchat.ModerationOperatorContains,
			Category: cometchat.ModerationCategoryWord,
			Values:   []string{"lottery"},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
}

// A message that breaks a rule is sent, blocked, listed, reviewed and then
// visible.
func Example_moderation() {
	client, srv := chatDemo()
	defer srv.Close()
	ctx := context.Background()
	lena, marek := client.OnBehalfOf("lena"), client.OnBehalfOf("marek")

	rule, err := client.Moderation.Rules.Create(ctx, &cometchat.CreateModerationRuleRequest{
		ID: "no-spam", Name: "No spam", Enabled: true,
		Actions: []cometchat.ModerationAction{cometchat.ModerationActionBlockMessage},
		Conditions: []cometchat.ModerationCondition{{
			Operand:  cometchat.ModerationOperandText,
			Operator: cometchat.ModerationOperatorContains,
			Category: cometchat.ModerationCategoryWord,
			Values:   []string{"lottery"},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rule.ID, rule.Enabled)

	message, err := lena.Messages.Send(ctx, cometchat.ToUser("marek"), &cometchat.SendMessageRequest{Text: "See you at the lottery stand"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("sent:", message.Data.Moderation.Status)

	inbox := func() int {
		messages, err := marek.Messages.ListWith(cometchat.ToUser("lena"), nil).Collect(ctx, 100)
		if err != nil {
			log.Fatal(err)
		}
		return len(messages)
	}
	fmt.Println("Marek sees", inbox())

	for blocked, err := range client.Moderation.Reviews.ListBlocked(nil).All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s blocked %q of %s\n", blocked.RuleName, blocked.Message.Text(), blocked.Message.Sender)
		err = client.Moderation.Reviews.ReviewBlocked(ctx, blocked.Message.ID, cometchat.ModerationReviewApproved)
		if err != nil {
			log.Fatal(err)
		}
	}

	message, err = client.Messages.Get(ctx, message.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("reviewed:", message.Data.Moderation.Status)
	fmt.Println("Marek sees", inbox())
	// Output:
	// no-spam true
	// sent: pending
	// Marek sees 0
	// No spam blocked "See you at the lottery stand" of lena
	// reviewed: approved
	// Marek sees 1
}

// A rule is updated as a whole, and keeps its revisions.
func ExampleModerationRulesService_Update() {
	client, srv := demo()
	defer srv.Close()
	ctx := context.Background()
	blockSpam(ctx, client)

	rule, err := client.Moderation.Rules.Get(ctx, "no-spam")
	if err != nil {
		log.Fatal(err)
	}
	req := rule.UpdateRequest()
	req.Enabled = false
	if _, err := client.Moderation.Rules.Update(ctx, rule.ID, req); err != nil {
		log.Fatal(err)
	}
	for revision, err := range client.Moderation.Rules.Revisions(rule.ID, nil).All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(revision.Active, revision.Enabled)
	}
	// Output:
	// true false
	// false true
}

// A keyword list is made from words, or from a CSV file of at most 1 MB. Rules
// refer to it by its id.
func ExampleModerationKeywordsService_Create() {
	client, srv := demo()
	defer srv.Close()
	ctx := context.Background()

	list, err := client.Moderation.Keywords.Create(ctx, &cometchat.CreateModerationKeywordListRequest{
		ID: "wagers", Name: "Wagers", Category: cometchat.ModerationCategoryWord,
		SearchTerms: []string{"lottery", "casino"},
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Moderation.Rules.Create(ctx, &cometchat.CreateModerationRuleRequest{
		ID: "no-wagers", Name: "No wagers", Enabled: true,
		Actions: []cometchat.ModerationAction{cometchat.ModerationActionBlockMessage},
		Conditions: []cometchat.ModerationCondition{{
			Operand:  cometchat.ModerationOperandText,
			Operator: cometchat.ModerationOperatorContains,
			Category: cometchat.ModerationCategoryWord,
			Values:   []string{list.ID}, IsKeywordsReferencePresent: true,
		}},
	})
	if err != nil {
		log.Fatal(err)
	}

	file := strings.NewReader("lottery\ncasino\n\"raffle\"\n")
	list, err = client.Moderation.Keywords.Update(ctx, "wagers", &cometchat.UpdateModerationKeywordListRequest{
		Name: "Wagers", Category: cometchat.ModerationCategoryWord, File: file,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(list.IsCSV, list.Terms())
	// Output: true [lottery casino raffle]
}

func ExampleModerationReasonsService_Create() {
	client, srv := chatDemo()
	defer srv.Close()
	ids := srv.AddMessages(cometchattest.Message{Sender: "lena", Receiver: "marek", Text: "Buy now!"})

	ctx := context.Background()
	reason, err := client.Moderation.Reasons.Create(ctx, &cometchat.CreateModerationReasonRequest{ID: "off-topic", Name: "Off topic"})
	if err != nil {
		log.Fatal(err)
	}
	err = client.OnBehalfOf("marek").Messages.Flag(ctx, ids[0], &cometchat.FlagMessageRequest{ReasonID: reason.ID})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(srv.Flags()[0].ReasonID)
	// Output: off-topic
}

// A message that users flagged stays visible until a moderator decides.
func ExampleModerationReviewsService_ListFlagged() {
	client, srv := chatDemo()
	defer srv.Close()
	ctx := context.Background()
	ids := srv.AddMessages(cometchattest.Message{Sender: "lena", Receiver: "marek", Text: "Buy now!"})
	err := client.OnBehalfOf("marek").Messages.Flag(ctx, ids[0], &cometchat.FlagMessageRequest{ReasonID: "spam", Remark: "Again"})
	if err != nil {
		log.Fatal(err)
	}

	for flagged, err := range client.Moderation.Reviews.ListFlagged(nil).All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		for _, flag := range flagged.FlaggedBy {
			fmt.Printf("%s flagged %q: %s, %s\n", flag.Name, flagged.Message.Text(), flag.ReasonName, flag.Remark)
		}
		err = client.Moderation.Reviews.ReviewFlagged(ctx, flagged.Message.ID, cometchat.ModerationReviewDisapproved)
		if err != nil {
			log.Fatal(err)
		}
	}
	// Output: Marek flagged "Buy now!": Spam, Again
}

// Messages that are sent without CometChat can be checked, too. Users who do not
// exist yet are created with them.
func ExampleModerationMessagesService_Create() {
	client, srv := chatDemo()
	defer srv.Close()
	ctx := context.Background()
	blockSpam(ctx, client)

	message, err := client.Moderation.Messages.Create(ctx, "guest-7", cometchat.ToUser("lena"), &cometchat.CreateModerationMessageRequest{
		Text:   "A lottery for you",
		Sender: &cometchat.ModerationUser{Name: "Guest 7"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(message.Data.Moderation.Status)
	message, err = client.Moderation.Messages.Get(ctx, message.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(message.Data.Moderation.Status, message.Data.Moderation.Rule.Name)
	// Output:
	// pending
	// disapproved No spam
}
