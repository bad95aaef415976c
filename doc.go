// Package cometchat is a client for the CometChat REST API, version 3.
package cometchat
