package cometchat

import "context"

var (
	createModerationReason = post("/moderation/reasons")
	listModerationReasons  = get("/moderation/reasons")
	getModerationReason    = get("/moderation/reasons/{id}")
	updateModerationReason = put("/moderation/reasons/{id}")
	deleteModerationReason = del("/moderation/reasons/{id}")
)

// ModerationReason is a reason for flagging messages.
type ModerationReason struct {
	ID          string `json:"id" wire:"id"`
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	// Default reports whether the reason is one that every app has.
	Default   bool     `json:"default,omitempty"`
	CreatedAt UnixTime `json:"createdAt,omitempty"`
	UpdatedAt UnixTime `json:"updatedAt,omitempty"`
}

// CreateModerationReasonRequest describes a new reason. ID and Name are
// required.
type CreateModerationReasonRequest struct {
	// ID names the reason permanently: at most 100 characters.
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

func (r *CreateModerationReasonRequest) validate(v *validation) {
	v.id("id", r.ID, maxID)
	v.required("name", r.Name)
}

// UpdateModerationReasonRequest renames a reason. Name is required: it is the
// only field that the API documents as changeable.
type UpdateModerationReasonRequest struct {
	Name string `json:"name"`
}

func (r *UpdateModerationReasonRequest) validate(v *validation) { v.required("name", r.Name) }

// ModerationReasonListOptions pages through reasons.
type ModerationReasonListOptions struct {
	// Limit is the size of a page, at most 1,000.
	Limit int `url:"limit,omitempty"`
}

func (o *ModerationReasonListOptions) validate(v *validation) { validateLimit(v, o.Limit) }

// ModerationReasonsService manages the reasons for Messages.Flag.
type ModerationReasonsService service

// Create creates a reason. It fails with ErrInvalidRequest if there is a reason
// with that ID; the API does not document the code of that error.
//
// POST /moderation/reasons
func (s *ModerationReasonsService) Create(ctx context.Context, req *CreateModerationReasonRequest) (*ModerationReason, error) {
	return do[ModerationReason](ctx, s.core, createModerationReason.at().body(req))
}

// Get returns a reason. It fails with CodeReasonNotFound (ErrNotFound) if there
// is no such reason.
//
// GET /moderation/reasons/{id}
func (s *ModerationReasonsService) Get(ctx context.Context, id string) (*ModerationReason, error) {
	return do[ModerationReason](ctx, s.core, getModerationReason.at(id))
}

// List lists the reasons. opts may be nil.
//
// GET /moderation/reasons
func (s *ModerationReasonsService) List(opts *ModerationReasonListOptions) *CursorList[ModerationReason] {
	return cursorList[ModerationReason](s.core, listModerationReasons.at().query(opts))
}

// Update renames a reason. It fails with CodeReasonNotFound (ErrNotFound) if
// there is no such reason.
//
// PUT /moderation/reasons/{id}
func (s *ModerationReasonsService) Update(ctx context.Context, id string, req *UpdateModerationReasonRequest) (*ModerationReason, error) {
	return do[ModerationReason](ctx, s.core, updateModerationReason.at(id).body(req))
}

// Delete removes a reason. It fails with CodeReasonNotFound (ErrNotFound) if
// there is no such reason.
//
// DELETE /moderation/reasons/{id}
func (s *ModerationReasonsService) Delete(ctx context.Context, id string) error {
	return acknowledge(ctx, s.core, deleteModerationReason.at(id))
}
