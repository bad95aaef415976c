package console

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// problem is an error as the console sends it.
type problem struct {
	status  int
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
}

func (p *problem) Error() string { return p.Message }

// codes are the default error codes by status.
var codes = map[int]string{
	http.StatusBadRequest: "BAD_FIELD", http.StatusForbidden: "FORBIDDEN", http.StatusNotFound: "NOT_FOUND", http.StatusConflict: "CONFLICT",
}

func badField(code, field, message string) *problem {
	return &problem{http.StatusBadRequest, code, message, field}
}

func notFound(message string) *problem {
	return &problem{http.StatusNotFound, "NOT_FOUND", message, ""}
}

func conflict(message string) *problem { return &problem{http.StatusConflict, "CONFLICT", message, ""} }

func forbidden(message string) *problem {
	return &problem{http.StatusForbidden, "FORBIDDEN", message, ""}
}

func asProblem(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &problem{http.StatusRequestEntityTooLarge, "TOO_LARGE", "the body is too large", ""}
	}
	return &problem{http.StatusInternalServerError, "INTERNAL", err.Error(), ""}
}

// fail sends an error as JSON.
func fail(w http.ResponseWriter, _ *http.Request, p *problem) {
	writeJSON(w, p.status, map[string]any{"error": p})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	// If the client has left, nobody reads the error.
	_ = enc.Encode(value)
}

func (m methods) names() []string { return slices.Sorted(maps.Keys(m)) }

// acceptsHTML reports whether a request comes from a person rather than a script.
func acceptsHTML(r *http.Request) bool {
	for _, value := range r.Header.Values("Accept") {
		if strings.Contains(value, "text/html") {
			return true
		}
	}
	return false
}
