package testkit_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestLiteral(t *testing.T) {
	type hidden struct{ inside int }
	for want, v := range map[string]any{
		`nil`:                            nil,
		`"plain"`:                        "plain",
		"`{\"a\":1}`":                    `{"a":1}`,
		`7`:                              7,
		`false`:                          false,
		`[]string{"a", "b"}`:             []string{"a", "b"},
		`map[string]int{"a": 1, "b": 2}`: map[string]int{"b": 2, "a": 1},
		`map[string]interface {}{"n": float64(1), "t": "x", "v": nil}`:         map[string]any{"n": 1.0, "t": "x", "v": nil},
		"json.RawMessage(`{\"a\":1}`)":                                         json.RawMessage(`{"a":1}`),
		`&cometchat.User{UID: "ann", Tags: cometchat.Tags{"a"}}`:               &cometchat.User{UID: "ann", Tags: cometchat.Tags{"a"}},
		`[]*cometchat.User{{UID: "ann"}, nil}`:                                 []*cometchat.User{{UID: "ann"}, nil},
		`cometchat.Result[cometchat.User]{Value: &cometchat.User{UID: "ann"}}`: cometchat.Result[cometchat.User]{Value: &cometchat.User{UID: "ann"}},
		`cometchat.Ptr("x")`:                                                   cometchat.Ptr("x"),
		`cometchat.Ptr(time.Unix(1, 500).UTC())`:                               cometchat.Ptr(time.Unix(1, 500)),
		`noLiteralOf(func())`:                                                  func() {},
		`testkit_test.hidden{inside: noLiteralOf(int)}`:                        hidden{1},
	} {
		assert.Equal(t, want, testkit.Literal(v))
	}
}
