package cometchattest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// response is what is sent for a request.
type response struct {
	status int
	header http.Header
	body   []byte
	// foreign marks a response that does not look like one of the service.
	foreign bool
}

// apiError is an error of the API; it is sent in the envelope of the service.
type apiError struct {
	status  int
	code    string
	message string
	// details holds messages by field; empty leaves the member out.
	details map[string][]string
	// header is added to the response.
	header http.Header
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// newError makes an error with a formatted message.
func newError(status int, code, format string, args ...any) *apiError {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// errNotFound is a 404: what names the kind, such as "role". Clients look
// for the words "does not exist".
func errNotFound(code, what, id string) *apiError {
	return newError(http.StatusNotFound, code, "The %s %s does not exist in this app.", what, id)
}

// errUserNotFound is the response for a uid that is unknown or deactivated.
func errUserNotFound(uid string) *apiError {
	return newError(http.StatusNotFound, "ERR_UID_NOT_FOUND", "The UID %s does not exist in this app, or its user is deactivated.", uid)
}

// errGroupNotFound is the response for a guid that is unknown.
func errGroupNotFound(guid string) *apiError {
	return errNotFound("ERR_GUID_NOT_FOUND", "GUID", guid)
}

// errTaken is the response for an id that something else has. Clients look for
// the words "already exists".
func errTaken(code, what, id string) *apiError {
	return newError(http.StatusBadRequest, code, "The %s %s already exists in this app.", what, id)
}

// errInvalid is a failed validation, with messages by field; without any, it
// says that the request as a whole is bad.
func errInvalid(details map[string][]string) *apiError {
	e := newError(http.StatusBadRequest, "ERR_BAD_REQUEST", "The data of the request is not valid.")
	e.details = details
	return e
}

// errBadField is a failed validation of one field.
func errBadField(field, format string, args ...any) *apiError {
	return errInvalid(map[string][]string{field: {fmt.Sprintf(format, args...)}})
}

// errQuota is the response when the plan or the app allows no more.
func errQuota(format string, args ...any) *apiError {
	return newError(http.StatusPaymentRequired, "ERR_PLAN_QUOTA_RESTRICTION", format, args...)
}

// acknowledgement is the value of "data" where there is nothing to return.
type acknowledgement struct {
	Success bool   `json:"success"`
	Message string `json:"message,omitempty"`
}

func acknowledge(format string, args ...any) (any, error) {
	return acknowledgement{Success: true, Message: fmt.Sprintf(format, args...)}, nil
}

type errorBody struct {
	Message    string              `json:"message"`
	DevMessage string              `json:"devMessage"`
	Source     string              `json:"source"`
	Details    map[string][]string `json:"details,omitempty"`
	Code       string              `json:"code"`
}

// body is the value of "error" in the envelope. Operations on several things
// use it for those that failed, too.
func (e *apiError) body() errorBody {
	return errorBody{Message: e.message, DevMessage: e.message, Source: "chat-api", Details: e.details, Code: e.code}
}

// responseFor turns what a handler returned into a response.
func responseFor(value any, err error) response {
	if err != nil {
		var failure *apiError
		if !errors.As(err, &failure) {
			failure = newError(http.StatusInternalServerError, "ERR_EXCEPTION", "%v", err)
		}
		return response{
			status: failure.status,
			header: failure.header,
			body:   encode(map[string]any{"error": failure.body()}),
		}
	}
	switch whole := value.(type) {
	case listResponse:
	case bareResponse:
		value = whole.value
	default:
		value = map[string]any{"data": value}
	}
	return response{status: http.StatusOK, body: encode(value)}
}

// bareResponse is the response of the few operations that do without "data".
type bareResponse struct{ value any }

// encode writes JSON with escaped slashes, as the service does.
func encode(value any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		// The emulator only encodes its own types; raw members were validated.
		panic(fmt.Sprintf("cometchattest: encoding a response: %v", err))
	}
	return escapeSlashes(bytes.TrimSuffix(buf.Bytes(), []byte("\n")))
}

// escapeSlashes turns / into \/. In JSON a slash only stands in strings.
func escapeSlashes(doc []byte) []byte {
	out := make([]byte, 0, len(doc)+len(doc)/16)
	for i := 0; i < len(doc); i++ {
		switch {
		case doc[i] == '\\' && i+1 < len(doc):
			out = append(out, doc[i], doc[i+1])
			i++
		case doc[i] == '/':
			out = append(out, '\\', '/')
		default:
			out = append(out, doc[i])
		}
	}
	return out
}
