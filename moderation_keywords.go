package cometchat

import (
	"context"
	"fmt"
	"io"
	"strings"
)

var (
	createModerationKeywords = post("/moderation/keywords")
	listModerationKeywords   = get("/moderation/keywords")
	getModerationKeywords    = get("/moderation/keywords/{keywordId}")
	updateModerationKeywords = put("/moderation/keywords/{keywordId}")
	deleteModerationKeywords = del("/moderation/keywords/{keywordId}")
)

// Limits of keyword lists.
const (
	// MaxModerationKeywordsFile is the size of a CSV file in bytes.
	MaxModerationKeywordsFile = 1 << 20
	// MaxModerationKeywordLength is the length of one entry in characters.
	MaxModerationKeywordLength = 100
)

// ModerationKeywordList is a list of words, patterns or sentences that the
// conditions of rules refer to by its ID. An app has at most 25 of its own, in
// addition to those that every app has.
type ModerationKeywordList struct {
	ID          string             `json:"id" wire:"id"`
	Name        string             `json:"name,omitempty"`
	Description string             `json:"description,omitempty"`
	Category    ModerationCategory `json:"category,omitempty"`
	// SearchTerms are the words or patterns as the API keeps them: those of a CSV
	// file may be in quotes. Terms removes the quotes.
	SearchTerms         []string `json:"searchTerms,omitempty"`
	DisallowedSentences []string `json:"disallowedSentences,omitempty"`
	// IsCSV reports whether the list was uploaded as a file.
	IsCSV  bool `json:"isCSV"`
	Active bool `json:"active"`
	// Default reports whether the list is one that every app has.
	Default    bool     `json:"default,omitempty"`
	RevisionID string   `json:"revisionId,omitempty"`
	CreatedAt  UnixTime `json:"createdAt,omitempty"`
	UpdatedAt  UnixTime `json:"updatedAt,omitempty"`

	// The other fields are set only in lists. AppID is "default" on a list that
	// every app has.
	AppID    string `json:"appId,omitempty"`
	RecordID string `json:"_id,omitempty"`
	Version  int    `json:"__v"`
}

// Terms returns the SearchTerms without the quotes of a CSV file.
func (l *ModerationKeywordList) Terms() []string {
	terms := make([]string, len(l.SearchTerms))
	for i, term := range l.SearchTerms {
		if len(term) >= 2 && term[0] == '"' && term[len(term)-1] == '"' {
			term = strings.ReplaceAll(term[1:len(term)-1], `""`, `"`)
		}
		terms[i] = term
	}
	return terms
}

// CreateModerationKeywordListRequest describes a new keyword list. ID, Name,
// Category and entries are required: SearchTerms or File for words and patterns,
// DisallowedSentences for ModerationCategorySentenceSimilarity.
type CreateModerationKeywordListRequest struct {
	// ID names the list permanently: at most 100 characters, without spaces and
	// special characters.
	ID string
	// Name has at most 100 characters, Description 255.
	Name        string
	Description string
	Category    ModerationCategory
	// SearchTerms are words or patterns of at most MaxModerationKeywordLength
	// characters. They are sent as one text with commas between them, so none of
	// them may contain a comma.
	SearchTerms []string
	// DisallowedSentences have at most MaxModerationKeywordLength characters each.
	DisallowedSentences []string
	// File is a CSV file of at most MaxModerationKeywordsFile bytes, instead of
	// SearchTerms. It is read into memory before anything is sent, so that the
	// request can be repeated; the next call needs another reader.
	File io.Reader
}

func (r *CreateModerationKeywordListRequest) validate(v *validation) {
	v.id("id", r.ID, maxID)
	v.required("name", r.Name)
	v.length("name", r.Name, maxName)
	v.length("description", r.Description, maxDescription)
	v.required("category", string(r.Category))
	switch {
	case r.File != nil && len(r.SearchTerms) > 0:
		v.add(ValidationError{Field: "file", Reason: "must not come with searchTerms"})
	case r.File == nil && len(r.SearchTerms)+len(r.DisallowedSentences) == 0:
		v.add(ValidationError{Field: "searchTerms", Reason: "required"})
	}
	for i, term := range r.SearchTerms {
		field := fmt.Sprintf("searchTerms[%d]", i)
		v.length(field, term, MaxModerationKeywordLength)
		if term == "" || strings.Contains(term, ",") {
			v.add(ValidationError{Field: field, Size: len(term), Reason: "must be a text without commas"})
		}
	}
	for i, sentence := range r.DisallowedSentences {
		field := fmt.Sprintf("disallowedSentences[%d]", i)
		v.required(field, sentence)
		v.length(field, sentence, MaxModerationKeywordLength)
	}
}

func (r *CreateModerationKeywordListRequest) form(f *form) {
	f.text("id", r.ID)
	f.text("name", r.Name)
	f.text("description", r.Description)
	f.text("category", string(r.Category))
	f.text("searchTerms", strings.Join(r.SearchTerms, ","))
	for _, sentence := range r.DisallowedSentences {
		f.text("disallowedSentences", sentence)
	}
	f.csv("file", r.File, MaxModerationKeywordsFile)
}

// UpdateModerationKeywordListRequest describes a whole keyword list, since it is
// not documented whether the API leaves alone what a request does not name. The
// fields, the limits and the required fields are those of
// CreateModerationKeywordListRequest.
type UpdateModerationKeywordListRequest struct {
	Name                string
	Description         string
	Category            ModerationCategory
	SearchTerms         []string
	DisallowedSentences []string
	File                io.Reader
}

// body is the request for the list with this id; nil for nil.
func (r *UpdateModerationKeywordListRequest) body(id string) *CreateModerationKeywordListRequest {
	if r == nil {
		return nil
	}
	return &CreateModerationKeywordListRequest{
		ID: id, Name: r.Name, Description: r.Description, Category: r.Category,
		SearchTerms: r.SearchTerms, DisallowedSentences: r.DisallowedSentences, File: r.File,
	}
}

// ModerationKeywordListOptions limits a list of keyword lists.
type ModerationKeywordListOptions struct {
	// Limit is the size of the page, at most 1,000. The API does not document
	// it; its default for First is 10.
	Limit int `url:"limit,omitempty"`
}

func (o *ModerationKeywordListOptions) validate(v *validation) { validateLimit(v, o.Limit) }

// ModerationKeywordsService manages the keyword lists that rules refer to.
type ModerationKeywordsService service

// Create creates a keyword list from words or from a CSV file. A file that is
// too large is refused before anything is sent, with a *ValidationError. It
// fails with ErrInvalidRequest if there is a list with that ID; the API does
// not document the code of that error.
//
// POST /moderation/keywords
func (s *ModerationKeywordsService) Create(ctx context.Context, req *CreateModerationKeywordListRequest) (*ModerationKeywordList, error) {
	return do[ModerationKeywordList](ctx, s.core, createModerationKeywords.at().body(req))
}

// Get returns a keyword list. It fails with CodeKeywordNotFound (ErrNotFound) if
// there is no such list.
//
// GET /moderation/keywords/{keywordId}
func (s *ModerationKeywordsService) Get(ctx context.Context, keywordID string) (*ModerationKeywordList, error) {
	return do[ModerationKeywordList](ctx, s.core, getModerationKeywords.at(keywordID))
}

// List lists the keyword lists, including those that every app has. The API
// documents only a first page, so lists beyond the Limit cannot be reached. A
// page whose Count equals its Limit may be incomplete. opts may be nil.
//
// GET /moderation/keywords
func (s *ModerationKeywordsService) List(opts *ModerationKeywordListOptions) *CursorList[ModerationKeywordList] {
	return cursorList[ModerationKeywordList](s.core, listModerationKeywords.at().query(opts))
}

// Update replaces a keyword list. It fails with CodeKeywordNotFound (ErrNotFound)
// if there is no such list.
//
// PUT /moderation/keywords/{keywordId}
func (s *ModerationKeywordsService) Update(ctx context.Context, keywordID string, req *UpdateModerationKeywordListRequest) (*ModerationKeywordList, error) {
	return do[ModerationKeywordList](ctx, s.core, updateModerationKeywords.at(keywordID).body(req.body(keywordID)))
}

// Delete removes a keyword list. What happens to rules that refer to it is not
// documented. It fails with CodeKeywordNotFound (ErrNotFound) if there is no such
// list.
//
// DELETE /moderation/keywords/{keywordId}
func (s *ModerationKeywordsService) Delete(ctx context.Context, keywordID string) error {
	return acknowledge(ctx, s.core, deleteModerationKeywords.at(keywordID))
}
