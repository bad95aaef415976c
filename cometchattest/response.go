package cometchattest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// response is a response to a request.
type response struct {
	status int
	header http.Header
	body   []byte
	// foreign marks a response that is not in the form of the service.
	foreign bool
}

// apiError is an error of the API, sent in the envelope of the service.
type apiError struct {
	status  int
	code    string
	message string
	// details holds messages by field; the member is omitted if it is empty.
	details map[string][]string
	// header is added to the response.
	header http.Header
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// newError returns an error with a formatted message.
func newError(status int, code, format string, args ...any) *apiError {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// errNotFound returns a 404 error; what is the kind of entity, such as "role".
// Clients look for the words "does not exist".
func errNotFound(code, what, id string) *apiError {
	return newError(http.StatusNotFound, code, "The %s %s does not exist in this app.", what, id)
}

// errUserNotFound is the error for a uid that is unknown or deactivated.
func errUserNotFound(uid string) *apiError {
	return newError(http.StatusNotFound, "ERR_UID_NOT_FOUND", "The UID %s does not exist in this app, or its user is deactivated.", uid)
}

// errGroupNotFound is the error for an unknown guid.
func errGroupNotFound(guid string) *apiError {
	return errNotFound("ERR_GUID_NOT_FOUND", "GUID", guid)
}

// errTaken is the error for an id that is already in use. Clients look for the
// words "already exists".
func errTaken(code, what, id string) *apiError {
	return newError(http.StatusBadRequest, code, "The %s %s already exists in this app.", what, id)
}

// errInvalid is the error of a failed validation, with messages by field.
func errInvalid(details map[string][]string) *apiError {
	e := newError(http.StatusBadRequest, "ERR_BAD_REQUEST", "The data of the request is not valid.")
	e.details = details
	return e
}

// errBadField is the error of a failed validation of a single field.
func errBadField(field, format string, args ...any) *apiError {
	return errInvalid(map[string][]string{field: {fmt.Sprintf(format, args...)}})
}

// errQuota is the error for exceeding a limit of the plan or the app.
func errQuota(format string, args ...any) *apiError {
	return newError(http.StatusPaymentRequired, "ERR_PLAN_QUOTA_RESTRICTION", format, args...)
}

// acknowledgement is the value of "data" if there is nothing else to return.
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

// body returns the value of "error" in the envelope. Bulk operations also use it
// for each failure.
func (e *apiError) body() errorBody {
	return errorBody{Message: e.message, DevMessage: e.message, Source: "chat-api", Details: e.details, Code: e.code}
}

// responseFor returns the response for the results of a handler.
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

// bareResponse is the response of the few operations that have no "data".
type bareResponse struct{ value any }

// encode encodes JSON with escaped slashes, as the service does.
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

// escapeSlashes replaces / with \/. In JSON, slashes only occur in strings.
func escapeSlashes(doc []byte) []byte {
	if bytes.IndexByte(doc, '/') < 0 {
		return bytes.Clone(doc) // most documents have none; the copy has no room to spare
	}
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
