package cometchat_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// inWindows walks windows one after the other, each as another process would.
func inWindows(t *testing.T, client *cometchat.Client, windows []*cometchat.MessageListOptions) (ids []string) {
	t.Helper()
	for _, window := range windows {
		again := new(cometchat.MessageListOptions)
		require.NoError(t, json.Unmarshal([]byte(testkit.JSON(t, window)), again))
		require.Equal(t, window, again)
		ids = append(ids, idsOf(t, client, again)...)
	}
	return ids
}

func idsOf(t *testing.T, client *cometchat.Client, opts *cometchat.MessageListOptions) (ids []string) {
	t.Helper()
	for message, err := range client.Messages.List(opts).All(t.Context()) {
		require.NoError(t, err)
		ids = append(ids, message.ID)
	}
	return ids
}

func idsFrom(from, to int) (ids []string) {
	for i := from; i <= to; i++ {
		ids = append(ids, strconv.Itoa(i))
	}
	return ids
}

// threeMinutes has messages 1 to 45, four of them in most seconds of the first three
// minutes, and the last one an hour later.
func threeMinutes(t *testing.T) (*cometchat.Client, *cometchattest.Server, time.Time) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(2)
	begin := time.Now().Add(-24 * time.Hour).Truncate(time.Second)
	for i := range 45 {
		at := begin.Add(time.Duration(i/4*16) * time.Second)
		if i == 44 {
			at = begin.Add(time.Hour)
		}
		srv.AddMessages(cometchattest.Message{Sender: "user-0001", Receiver: "user-0002", Text: fmt.Sprint("text ", i+1), SentAt: at})
	}
	return client, srv, begin
}

func TestWindows(t *testing.T) {
	client, srv, begin := threeMinutes(t)
	at := func(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second).UTC() }
	for name, tt := range map[string]struct {
		opts *cometchat.MessageListOptions
		want []string
	}{
		"everything":            {nil, idsFrom(1, 45)},
		"in small pages":        {&cometchat.MessageListOptions{Limit: 2}, idsFrom(1, 45)},
		"behind a message":      {&cometchat.MessageListOptions{FromID: "6", Limit: 10}, idsFrom(7, 45)},
		"behind the last one":   {&cometchat.MessageListOptions{FromID: "45"}, nil},
		"within times":          {&cometchat.MessageListOptions{SentFrom: at(16), SentTo: at(64)}, idsFrom(5, 20)},
		"within a second":       {&cometchat.MessageListOptions{SentFrom: at(16), SentTo: at(16)}, idsFrom(5, 8)},
		"where nothing is":      {&cometchat.MessageListOptions{SentFrom: at(1), SentTo: at(15)}, nil},
		"of one conversation":   {&cometchat.MessageListOptions{ConversationID: "user-0001_user_user-0002"}, idsFrom(1, 45)},
		"of a user without any": {&cometchat.MessageListOptions{Senders: []string{"user-0002"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{1, 2, 3, 7, 24, 5000} {
				before := srv.Count("GET", "/messages")
				windows, err := client.Messages.Windows(t.Context(), tt.opts, n)
				require.NoError(t, err)
				assert.LessOrEqual(t, srv.Count("GET", "/messages")-before, 2)
				assert.LessOrEqual(t, len(windows), n)
				assert.Equal(t, tt.want, inWindows(t, client, windows), "%d windows", n)
				whole := cometchat.MessageListOptions{}
				if tt.opts != nil {
					whole = *tt.opts
				}
				adjoin(t, whole, windows)
			}
		})
	}
}

// adjoin checks that windows are the parts of a list, each beginning one second
// after the end of the one before.
func adjoin(t *testing.T, whole cometchat.MessageListOptions, windows []*cometchat.MessageListOptions) {
	t.Helper()
	require.NotEmpty(t, windows)
	assert.Equal(t, whole.SentFrom, windows[0].SentFrom)
	assert.Equal(t, whole.SentTo, windows[len(windows)-1].SentTo)
	for i, window := range windows {
		if i > 0 {
			assert.Equal(t, windows[i-1].SentTo.Add(time.Second), window.SentFrom)
		}
		if i > 0 && i < len(windows)-1 {
			assert.False(t, window.SentTo.Before(window.SentFrom))
		}
		same := *window
		same.SentFrom, same.SentTo = whole.SentFrom, whole.SentTo
		assert.Equal(t, whole, same)
	}
}

func TestWindowsAreEquallyLong(t *testing.T) {
	client, _, begin := threeMinutes(t)
	windows, err := client.Messages.Windows(t.Context(), nil, 4)
	require.NoError(t, err)
	at := func(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second).UTC() }
	assert.Equal(t, []*cometchat.MessageListOptions{
		{SentTo: at(899)}, {SentFrom: at(900), SentTo: at(1799)}, {SentFrom: at(1800), SentTo: at(2699)}, {SentFrom: at(2700)},
	}, windows)
}

// Messages that are written, edited and deleted while windows are walked stay in
// their windows.
func TestWindowsOfAGrowingHistory(t *testing.T) {
	client, srv, _ := threeMinutes(t)
	windows, err := client.Messages.Windows(t.Context(), nil, 5)
	require.NoError(t, err)
	sender := client.OnBehalfOf("user-0001")
	_, err = sender.Messages.Update(t.Context(), "3", &cometchat.UpdateMessageRequest{Text: cometchat.Ptr("changed")})
	require.NoError(t, err)
	_, err = sender.Messages.Delete(t.Context(), "20", nil)
	require.NoError(t, err)
	srv.SeedMessages(10, 5)
	all := idsOf(t, client, nil)
	assert.Len(t, all, 45+10+2, "with an action message for each change")
	assert.Equal(t, all, inWindows(t, client, windows))
}

func TestWindowsRefuse(t *testing.T) {
	client, srv, _ := threeMinutes(t)
	before := len(srv.Requests())
	for _, n := range []int{0, -1} {
		_, err := client.Messages.Windows(t.Context(), nil, n)
		assert.Equal(t, &cometchat.ValidationError{Field: "n", Size: n, Reason: fmt.Sprintf("%d, must be 1 or more", n)}, err)
	}
	assert.Len(t, srv.Requests(), before)

	for _, skip := range []int{0, 1} {
		srv.Inject(cometchattest.Fault{Path: "/messages", Skip: skip, Status: 400, Code: "ERR_BAD_REQUEST"})
		windows, err := client.Messages.Windows(t.Context(), nil, 3)
		assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
		assert.Nil(t, windows)
	}
}

// Windows of useless times are no less complete.
func TestWindowsOfOddTimes(t *testing.T) {
	for _, sentAt := range []string{"0", "null", "1e30", "-5", "9000000000000000000"} {
		client := testkit.Answering(t, 200, `{"data":[{"id":"1","sentAt":`+sentAt+`}],"meta":{"previous":{"affix":"prepend","id":"1"}}}`)
		windows, err := client.Messages.Windows(t.Context(), nil, 8)
		require.NoError(t, err, sentAt)
		assert.Len(t, windows, 1, sentAt)
		adjoin(t, cometchat.MessageListOptions{}, windows)
	}
}
