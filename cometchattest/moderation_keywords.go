package cometchattest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

const (
	maxKeywordsFile     = 1 << 20 // bytes
	maxKeyword          = 100     // characters
	defaultKeywordLists = 10
)

// keywordList is a list of words, patterns or sentences, as stored and as sent.
type keywordList struct {
	ID                  string   `json:"id"`
	Name                string   `json:"name"`
	Description         string   `json:"description,omitempty"`
	Category            string   `json:"category"`
	IsCSV               bool     `json:"isCSV"`
	SearchTerms         []string `json:"searchTerms,omitempty"`
	DisallowedSentences []string `json:"disallowedSentences,omitempty"`
	CreatedAt           int64    `json:"createdAt"`
	UpdatedAt           int64    `json:"updatedAt"`
	RevisionID          string   `json:"revisionId"`
	Active              bool     `json:"active"`
	Default             bool     `json:"default,omitempty"`

	revision int
}

// listedKeywords is a keyword list in a list, which includes more members.
type listedKeywords struct {
	RecordID string `json:"_id"`
	*keywordList
	Version int    `json:"__v"`
	AppID   string `json:"appId,omitempty"`
}

func moderationKeywordsResource() resource {
	return resource{routes: []route{
		{pattern: "POST /moderation/keywords", handle: createKeywords},
		{pattern: "GET /moderation/keywords", handle: listKeywords},
		{pattern: "GET /moderation/keywords/{keywordId}", handle: getKeywords},
		{pattern: "PUT /moderation/keywords/{keywordId}", handle: with((*call).pathKeywords, updateKeywords)},
		{pattern: "DELETE /moderation/keywords/{keywordId}", handle: with((*call).pathKeywords, deleteKeywords)},
	}}
}

// pathKeywords returns the keyword list named by the path.
func (c *call) pathKeywords() (*keywordList, error) {
	list, ok := c.state.moderation.lists.get(c.id("keywordId"))
	if !ok {
		return nil, errNotFound("ERR_KEYWORD_NOT_FOUND", "keyword list", c.named("keywordId"))
	}
	return list, nil
}

// form reads a multipart/form-data body. It returns the fields, with the repeated
// one as a list, and the file, which is nil if there is none.
func (c *call) form(repeated string) (f *fields, file []byte, err error) {
	kind := c.request.Header.Get("Content-Type")
	media, params, _ := mime.ParseMediaType(kind)
	if media != "multipart/form-data" {
		return nil, nil, newError(http.StatusBadRequest, "ERR_BAD_REQUEST", "The body has the type %q where multipart/form-data is expected.", kind)
	}
	members, list := map[string]json.RawMessage{}, []string{}
	for parts := multipart.NewReader(bytes.NewReader(c.body), params["boundary"]); ; {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		var content []byte
		if err == nil {
			content, err = io.ReadAll(part)
		}
		if err != nil {
			return nil, nil, newError(http.StatusBadRequest, "ERR_BAD_REQUEST", "The body is no multipart/form-data.")
		}
		switch name := strings.TrimSuffix(part.FormName(), "[]"); {
		case part.FileName() != "":
			file = append([]byte{}, content...)
		case name == repeated:
			list = append(list, string(content))
			members[name] = encode(list)
		default:
			members[name] = encode(string(content))
		}
	}
	return newFields(members), file, nil
}

// readKeywords returns a copy of a keyword list with the values that were sent.
// The other values are unchanged.
func (c *call) readKeywords(list keywordList) (*keywordList, *fields, error) {
	f, file, err := c.form("disallowedSentences")
	if err != nil {
		return nil, nil, err
	}
	if list.ID == "" {
		f.require("id", "name", "category")
		list.ID, _ = f.id("id")
	}
	if name, ok := f.text("name", maxName); ok {
		list.Name = name
	}
	if description, ok := f.text("description", maxDescription); ok {
		list.Description = description
	}
	if category, ok := f.oneOf("category", categoryWord, categoryPattern, "sentence-similarity"); ok {
		list.Category = category
	}
	if terms, ok := f.text("searchTerms", 0); ok {
		list.SearchTerms, list.IsCSV = splitTerms(terms), false
	}
	if file != nil {
		list.SearchTerms, list.IsCSV = splitTerms(string(file)), true
		if len(file) > maxKeywordsFile {
			f.fail("file", "The file may have %d bytes at most.", maxKeywordsFile)
		}
	}
	if sentences, ok := f.texts("disallowedSentences", 0, maxKeyword); ok {
		list.DisallowedSentences = sentences
	}
	if len(list.SearchTerms)+len(list.DisallowedSentences) == 0 {
		f.fail("searchTerms", "The field searchTerms is required.")
	}
	for _, term := range list.SearchTerms {
		if len([]rune(term)) > maxKeyword {
			f.fail("searchTerms", "A term may have %d characters at most.", maxKeyword)
			break
		}
	}
	if list.Category == categoryPattern {
		checkPatterns(f, "searchTerms", list.SearchTerms)
	}
	list.revision++
	list.UpdatedAt, list.RevisionID = c.unix(), c.revisionID(list.ID, list.revision)
	return &list, f, f.err()
}

// splitTerms splits a text at commas and line ends outside of quotes. It keeps
// the quotes.
func splitTerms(text string) []string {
	terms := []string{}
	quoted := false
	for term := range strings.FieldsFuncSeq(text, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && (r == ',' || r == '\n' || r == '\r')
	}) {
		if term = strings.TrimSpace(term); term != "" {
			terms = append(terms, term)
		}
	}
	return terms
}

func createKeywords(c *call) (any, error) {
	list, f, err := c.readKeywords(keywordList{CreatedAt: c.unix(), Active: true})
	if f == nil {
		return nil, err
	}
	lists := c.state.moderation.lists
	if _, ok := lists.get(list.ID); ok {
		f.fail("id", "The id %s already exists in this app.", list.ID)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	own := 0
	for i := range lists.count() {
		if !lists.at(i).Default {
			own++
		}
	}
	if own >= maxOwnLists {
		return nil, errQuota("An app may have %d keyword lists of its own.", maxOwnLists)
	}
	lists.add(list.ID, list.CreatedAt, list)
	return list, nil
}

func listKeywords(c *call) (any, error) {
	lists := c.state.moderation.lists
	return cutList(c, defaultKeywordLists, lists.count(), func(i int) any {
		list := lists.at(i)
		id := sha256.Sum256([]byte(fmt.Sprint(list.ID, list.CreatedAt)))
		v := listedKeywords{RecordID: hex.EncodeToString(id[:12]), keywordList: list, AppID: c.server.appID}
		if list.Default {
			v.AppID = "default"
		}
		return v
	})
}

func getKeywords(c *call) (any, error) { return c.pathKeywords() }

func updateKeywords(c *call, old *keywordList) (any, error) {
	if old.Default {
		return nil, errDefault("keyword list", old.ID)
	}
	list, _, err := c.readKeywords(*old)
	if err != nil {
		return nil, err
	}
	*old = *list
	return old, nil
}

func deleteKeywords(c *call, list *keywordList) (any, error) {
	if list.Default {
		return nil, errDefault("keyword list", list.ID)
	}
	c.state.moderation.lists.delete(list.ID)
	return acknowledge("The keyword list %s is deleted.", list.ID)
}
