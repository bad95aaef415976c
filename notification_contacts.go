package cometchat

import "context"

var (
	getContactDetails    = get("/notifications/v1/contact-details")
	updateContactDetails = patch("/notifications/v1/contact-details")
	deleteContactDetails = del("/notifications/v1/contact-details")
)

// ContactDetails are the addresses to which a user's e-mails and SMS are sent.
type ContactDetails struct {
	Email string `json:"email,omitempty"`
	// PhNo is a phone number with its country code, as in "+4930123456".
	PhNo string `json:"phno,omitempty"`
}

// UpdateContactDetailsRequest changes contact details. A nil field is left alone.
type UpdateContactDetailsRequest struct {
	Email *string `json:"email,omitempty"`
	// PhNo is a phone number with its country code.
	PhNo *string `json:"phno,omitempty"`
}

func (r *UpdateContactDetailsRequest) validate(v *validation) {
	if r.Email == nil && r.PhNo == nil {
		v.add(ValidationError{Field: "email", Reason: "required, unless there is a phno"})
	}
}

// ContactDetailsService manages the e-mail addresses and phone numbers of users.
// Its calls act for the user they are about, even if the client acts for another
// user.
type ContactDetailsService service

// Get returns a user's contact details, and reports whether any are set: details
// that are not set are empty, not an error. It fails with CodeUIDNotFound
// (ErrNotFound) if there is no such user.
//
// GET /notifications/v1/contact-details
func (s *ContactDetailsService) Get(ctx context.Context, uid string) (details *ContactDetails, set bool, err error) {
	return isSet(doOptional[ContactDetails](ctx, s.core, getContactDetails.at().onBehalfOf(uid)))
}

// Update changes a user's contact details, and returns all of them. It fails with
// CodeUIDNotFound (ErrNotFound) if there is no such user.
//
// PATCH /notifications/v1/contact-details
func (s *ContactDetailsService) Update(ctx context.Context, uid string, req *UpdateContactDetailsRequest) (*ContactDetails, error) {
	return do[ContactDetails](ctx, s.core, updateContactDetails.at().onBehalfOf(uid).body(req))
}

// Delete removes a user's contact details. It fails with CodeUIDNotFound
// (ErrNotFound) if there is no such user.
//
// DELETE /notifications/v1/contact-details
func (s *ContactDetailsService) Delete(ctx context.Context, uid string) error {
	return acknowledge(ctx, s.core, deleteContactDetails.at().onBehalfOf(uid))
}
