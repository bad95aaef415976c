package testkit

import "github.com/go-cometchat/cometchat/cometchattest"

// Request is one request as the emulator saw it.
type Request struct{ Method, Path, Query, Body string }

// Sent returns the emulator's log of requests, and empties it.
func Sent(srv *cometchattest.Server) []Request {
	var log []Request
	for _, r := range srv.Requests() {
		log = append(log, Request{r.Method, r.Path, r.Query.Encode(), string(r.Body)})
	}
	srv.ResetRequests()
	return log
}
