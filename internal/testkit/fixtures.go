package testkit

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/fixture"
)

// Fixture is one operation in testdata/<Name>.http, and its result.
type Fixture struct {
	Name string
	As   string // the acting user; empty for none
	Call func(ctx context.Context, client *cometchat.Client) (any, error)
	Want any
}

// RunFixtures makes each call and compares its result. With -record, it records
// the calls and prints the results that differ from Want as Go literals.
func RunFixtures(t *testing.T, seed func(*cometchattest.Server), fixtures []Fixture) {
	t.Helper()
	for _, tt := range fixtures {
		t.Run(tt.Name, func(t *testing.T) {
			client := Replayed(t, tt.Name, seed)
			if tt.As != "" {
				client = client.OnBehalfOf(tt.As)
			}
			got, err := tt.Call(t.Context(), client)
			require.NoError(t, err)
			switch {
			case !fixture.Recording():
				assert.Equal(t, tt.Want, got)
			case !assert.ObjectsAreEqual(tt.Want, got):
				t.Logf("Want: %s", Literal(got))
			}
		})
	}
}

// FirstPage returns the items of the first page of a list.
func FirstPage[T any](ctx context.Context, list *cometchat.PageList[T]) (any, error) {
	page, err := list.First(ctx)
	if err != nil {
		return nil, err
	}
	return page.Items, nil
}
