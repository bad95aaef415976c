package cometchat_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// An older media message has a URL instead of attachments.
func TestAttachmentsFromURL(t *testing.T) {
	m := decodeMessage(t, `{"id":"1","type":"image","data":{"url":"https://files.example/x/a.png?token=1"}}`)
	assert.Equal(t, []cometchat.Attachment{{URL: "https://files.example/x/a.png?token=1", Name: "a.png"}}, m.Attachments())
}

func TestFileSize(t *testing.T) {
	for in, want := range map[string]cometchat.FileSize{
		`7`: 7, `"7"`: 7, `"350.2"`: 350.2, `" 8 "`: 8, `null`: 0, `""`: 0, `"NaN"`: 0, `"1e300"`: 0, `true`: 0, `{}`: 0,
	} {
		size := cometchat.FileSize(99)
		require.NoError(t, json.Unmarshal([]byte(in), &size), in)
		assert.InDelta(t, float64(want), float64(size), 0, in)
	}
	assert.JSONEq(t, `["7","350.2","4000000000"]`, testkit.JSON(t, []cometchat.FileSize{7, 350.2, 4e9}))
}
