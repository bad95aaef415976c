package cometchattest

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestClientRoutesExist finds misspelled routes in the list. Such a route would
// silently be unavailable to users.
func TestClientRoutesExist(t *testing.T) {
	assert.Subset(t, Routes(), clientRoutes)
	assert.Subset(t, clientRoutes, slices.Collect(maps.Keys(clientHandlers)))
}
