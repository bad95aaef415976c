package cometchattest

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestClientRoutesExist finds what is written wrong in the list: it would be
// closed to users without anybody noticing.
func TestClientRoutesExist(t *testing.T) {
	assert.Subset(t, Routes(), clientRoutes)
}

func FuzzQuoteNumber(f *testing.F) {
	for _, body := range []string{
		`{"id":12,"x":{"id":3}}`, `{"id":"12"}`, `{"id":null}`, `{"id":1.5e3}`, `{"id":[1]}`, `{"x":1}`, `{"id":1`, `[1]`, `null`, ``,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var before, after map[string]any
		if json.Unmarshal([]byte(body), &before) != nil {
			assert.Equal(t, body, string(quoteNumber([]byte(body), "id")))
			return
		}
		assert.NoError(t, json.Unmarshal(quoteNumber([]byte(body), "id"), &after))
		if number, ok := before["id"].(float64); ok {
			text, isText := after["id"].(string)
			assert.True(t, isText)
			var again float64
			assert.NoError(t, json.Unmarshal([]byte(text), &again))
			assert.Equal(t, number, again)
			delete(before, "id")
			delete(after, "id")
		}
		assert.Equal(t, before, after)
	})
}
