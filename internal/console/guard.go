package console

import (
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
)

// maxControlBody bounds the body of a control request, and maxUpload that of a
// seed or a snapshot, in bytes.
const (
	maxControlBody = 1 << 20
	maxUpload      = 1 << 30
)

// hostAllowed reports whether a Host header names this machine. It refuses names
// that others could make point here to reach the page through a browser.
func (c *Console) hostAllowed(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if net.ParseIP(name) != nil || name == "localhost" || strings.HasSuffix(name, ".localhost") ||
		name == "host.docker.internal" || name != "" && !strings.Contains(name, ".") {
		return true
	}
	return slices.ContainsFunc(c.opt.AllowHosts, func(allowed string) bool {
		allowed = strings.ToLower(allowed)
		return name == allowed || strings.HasPrefix(allowed, ".") && strings.HasSuffix(name, allowed)
	})
}

// guarded serves a request to the console unless another site has sent it.
func (c *Console) guarded(w http.ResponseWriter, r *http.Request) {
	if err := c.cross.Check(r); err != nil {
		fail(w, r, forbidden("a page of another origin cannot change anything here"))
		return
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		// Links to the page may come from anywhere, but only a same-origin page
		// may read it.
		if r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.URL.Path == Base+"/events" {
			fail(w, r, forbidden("a page of another origin cannot read this"))
			return
		}
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	_, pattern := c.mux.Handler(r)
	if pattern == "" {
		c.fail(c.visit(w, r), notFound("there is nothing at this address"))
		return
	}
	c.mux.ServeHTTP(w, r)
}

// api passes a request to the API, and adds the headers that let allowed origins
// use it from a browser.
func (c *Console) api(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if !strings.HasPrefix(r.URL.Path, "/v3/") { // such as the Management API, which no front end uses
		origin = ""
	}
	if len(c.opt.CORSOrigins) > 0 {
		w.Header().Add("Vary", "Origin")
	}
	if origin == "" || !slices.Contains(c.opt.CORSOrigins, "*") && !slices.Contains(c.opt.CORSOrigins, origin) {
		c.srv.ServeHTTP(w, r)
		return
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-Rate-Limit-Reset")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		c.srv.ServeHTTP(w, r)
		return
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", "apikey, appid, authtoken, onbehalfof, content-type, accept, resource, sdk, chatapiversion")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
	}
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

// readMethod sets the method. It reads a form, which may name another method.
func (v *visit) readMethod() error {
	v.method = v.r.Method
	switch v.r.Method {
	case http.MethodHead:
		v.method = http.MethodGet
		return nil
	case http.MethodGet:
		return nil
	}
	switch v.mediaType() {
	case "application/x-www-form-urlencoded":
		return v.readForm()
	case "application/json", "application/x-ndjson", "multipart/form-data":
		return nil
	case "":
		if v.r.ContentLength == 0 {
			return nil
		}
	}
	return &problem{http.StatusUnsupportedMediaType, "WRONG_TYPE", "a body here is JSON or a form", ""}
}

func (v *visit) mediaType() string {
	kind, _, _ := mime.ParseMediaType(v.r.Header.Get("Content-Type"))
	return kind
}
