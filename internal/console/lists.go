package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// user is a user as the page shows it.
type user struct {
	UID           string          `json:"uid"`
	Name          string          `json:"name"`
	Avatar        string          `json:"avatar,omitempty"`
	Link          string          `json:"link,omitempty"`
	Role          string          `json:"role,omitempty"`
	Scope         string          `json:"scope,omitempty"`
	Status        string          `json:"status,omitempty"`
	StatusMessage string          `json:"statusMessage,omitempty"`
	Metadata      json.RawMessage `json:"metadata,omitempty"`
	Tags          []string        `json:"tags,omitempty"`
	CreatedAt     int64           `json:"createdAt,omitempty"`
	UpdatedAt     int64           `json:"updatedAt,omitempty"`
	DeactivatedAt int64           `json:"deactivatedAt,omitempty"`
	JoinedAt      int64           `json:"joinedAt,omitempty"`
	BannedAt      int64           `json:"bannedAt,omitempty"`
	Groups        int             `json:"groups"`
	Chats         int             `json:"chats"`
}

type userDetails struct {
	User          user    `json:"user"`
	Groups        []group `json:"groups"`
	Friends       []user  `json:"friends"`
	Blocked       []user  `json:"blocked"`
	Conversations []chat  `json:"conversations"`
	Tokens        int     `json:"tokens"`

	// The lists above have at most 100 entries. These are their lengths without
	// that limit.
	FriendsCount       int `json:"friendsCount"`
	BlockedCount       int `json:"blockedCount"`
	ConversationsCount int `json:"conversationsCount"`
}

type group struct {
	GUID         string          `json:"guid"`
	Name         string          `json:"name"`
	Description  string          `json:"description,omitempty"`
	Icon         string          `json:"icon,omitempty"`
	Type         string          `json:"type"`
	Scope        string          `json:"scope,omitempty"`
	Owner        string          `json:"owner,omitempty"`
	MembersCount int             `json:"membersCount"`
	Metadata     json.RawMessage `json:"metadata,omitempty"`
	Tags         []string        `json:"tags,omitempty"`
	CreatedAt    int64           `json:"createdAt"`
	UpdatedAt    int64           `json:"updatedAt,omitempty"`
}

type groupDetails struct {
	Group      group  `json:"group"`
	Members    []user `json:"members"`
	Next       string `json:"next,omitempty"` // page of members
	Banned     []user `json:"banned"`
	NextBanned string `json:"nextBanned,omitempty"`

	MemberPage, BannedPage rows[user] `json:"-"`
}

type party struct {
	UID  string `json:"uid"`
	Name string `json:"name"`
}

type chat struct {
	ID        string   `json:"conversationId"`
	Type      string   `json:"conversationType"`
	Name      string   `json:"name"`
	GUID      string   `json:"guid,omitempty"`
	Parties   []party  `json:"parties"`
	Members   int      `json:"members"`
	Messages  int      `json:"messages"`
	Unread    int      `json:"unread"`
	UpdatedAt int64    `json:"updatedAt"`
	Last      *message `json:"lastMessage,omitempty"`
}

type chatDetails struct {
	Conversation chat            `json:"conversation"`
	Messages     json.RawMessage `json:"messages"`
	More         bool            `json:"more"`
}

// rows is a page of a numbered list.
type rows[T any] struct {
	Items []T    `json:"items"`
	Total int    `json:"total"`
	Next  string `json:"next,omitempty"`

	First, Last  int    `json:"-"`
	Newer, Older string `json:"-"` // the addresses of the pages beside this one
}

// find reads a page of a list of the API.
func find[T any](v *visit, path, as string, query url.Values) (rows[T], error) {
	// before is what the other lists take their next by. At the address of a single
	// item, it belongs to what is shown of that.
	name, size := "page", 100
	if v.r.PathValue("id") == "" && v.r.URL.Query().Has("before") {
		name = "before"
	}
	if err := v.number("limit", &size, 1, 1000); err != nil {
		return rows[T]{}, err
	}
	return findPage[T](v, name, size, path, as, query)
}

// findPage reads a page of this size. The parameter of this name is its number.
func findPage[T any](v *visit, name string, size int, path, as string, query url.Values) (rows[T], error) {
	page := 1
	if err := v.number(name, &page, 1, 1_000_000); err != nil {
		return rows[T]{}, err
	}
	query.Set("page", strconv.Itoa(page))
	query.Set("perPage", strconv.Itoa(size))
	list := rows[T]{Items: []T{}}
	meta, err := v.askAs(v.r.Context(), &list.Items, path+"?"+query.Encode(), as)
	p := meta.Pagination
	list.Total, list.First, list.Last = p.Total, (page-1)*size+1, (page-1)*size+p.Count
	if page > 1 {
		list.Newer = v.address(name, strconv.Itoa(page-1))
	}
	if page < p.Pages {
		list.Next = strconv.Itoa(page + 1)
		list.Older = v.address(name, list.Next)
	}
	return list, err
}

// address returns the query of the request with another value of one parameter.
func (v *visit) address(name, value string) string {
	q := v.r.URL.Query()
	q.Set(name, value)
	return "?" + q.Encode()
}

func (v *visit) query(names ...string) url.Values {
	q := url.Values{}
	for _, name := range names {
		if value := v.r.URL.Query().Get(name); value != "" {
			q.Set(name, value)
		}
	}
	return q
}

func (v *visit) users() (rows[user], error) {
	return find[user](v, "/internal/users", "", v.query("q", "state"))
}

func (v *visit) listUsers() (any, error) { return v.users() }

func (v *visit) user(uid string) (d userDetails, err error) {
	err = v.ask(v.r.Context(), &d, "/internal/users/"+url.PathEscape(uid))
	return d, err
}

func (v *visit) getUser() (any, error) { return v.user(v.r.PathValue("id")) }

func (v *visit) groups() (rows[group], error) {
	query := v.query("q")
	if q := query.Get("q"); q != "" {
		query.Set("searchKey", q)
	}
	query.Set("withTags", "true")
	return find[group](v, "/groups", "", query)
}

func (v *visit) listGroups() (any, error) { return v.groups() }

func (v *visit) group(guid string) (d groupDetails, err error) {
	path := "/groups/" + url.PathEscape(guid)
	if err = v.ask(v.r.Context(), &d.Group, path+"?withTags=true"); err != nil {
		return d, err
	}
	if d.MemberPage, err = findPage[user](v, "members", 100, path+"/members", "", url.Values{}); err != nil {
		return d, err
	}
	if d.BannedPage, err = findPage[user](v, "banned", 100, path+"/bannedusers", "", url.Values{}); err != nil {
		return d, err
	}
	d.Members, d.Next = d.MemberPage.Items, d.MemberPage.Next
	d.Banned, d.NextBanned = d.BannedPage.Items, d.BannedPage.Next
	return d, nil
}

func (v *visit) getGroup() (any, error) { return v.group(v.r.PathValue("id")) }

func (v *visit) chats(as string) (rows[chat], error) {
	return find[chat](v, "/internal/conversations", as, v.query("q"))
}

func (v *visit) listConversations() (any, error) { return v.chats(v.r.URL.Query().Get("as")) }

func (v *visit) chatPath() string {
	return "/internal/conversations/" + url.PathEscape(v.r.PathValue("id"))
}

func (v *visit) getConversation() (any, error) {
	var d chatDetails
	as := v.r.URL.Query().Get("as")
	if _, err := v.askAs(v.r.Context(), &d.Conversation, v.chatPath(), as); err != nil {
		return nil, err
	}
	_, err := v.askAs(v.r.Context(), &d, v.chatPath()+"/messages?"+v.query("before", "limit", "thread").Encode(), as)
	return d, err
}

// getMessage returns a message exactly as the API sends it to a user.
func (v *visit) getMessage() (any, error) {
	a, err := v.call(v.r.Context(), http.MethodGet, "/messages/"+url.PathEscape(v.r.PathValue("id")), v.r.URL.Query().Get("as"), nil)
	if err != nil {
		return nil, err
	}
	if p := a.problem(); p != nil {
		return nil, p
	}
	if !json.Valid(a.body.Bytes()) {
		return nil, fmt.Errorf("the message %s is no JSON", v.r.PathValue("id"))
	}
	return json.RawMessage(a.body.Bytes()), nil
}

// say sends a message to a conversation.
func (v *visit) say() (any, error) {
	var in struct {
		Conversation string `json:"conversation"`
		As           string `json:"as"`
		Text         string `json:"text"`
		Kind         string `json:"kind"`
		Parent       string `json:"parent"`
	}
	if err := v.bind(&in); err != nil {
		return nil, err
	}
	var to chat
	if err := v.ask(v.r.Context(), &to, "/internal/conversations/"+url.PathEscape(in.Conversation)); err != nil {
		return nil, err
	}
	body := map[string]any{"receiver": to.GUID, "receiverType": to.Type, "category": "message", "type": "text", "data": map[string]any{"text": in.Text}}
	if in.Kind == "custom" {
		body["category"], body["type"] = "custom", "note"
		body["data"] = map[string]any{"customData": map[string]string{"text": in.Text}}
	}
	for _, p := range to.Parties {
		if to.Type == "user" && p.UID != in.As {
			body["receiver"] = p.UID
		}
	}
	if in.Parent != "" {
		body["parentId"] = in.Parent
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	a, err := v.call(v.r.Context(), http.MethodPost, "/messages", in.As, text)
	if err != nil {
		return nil, err
	}
	if p := a.problem(); p != nil {
		return nil, p
	}
	return json.RawMessage(a.body.Bytes()), nil
}
