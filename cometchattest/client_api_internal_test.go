package cometchattest

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestClientRoutesExist finds what is written wrong in the list: it would be
// closed to users without anybody noticing.
func TestClientRoutesExist(t *testing.T) {
	assert.Subset(t, Routes(), clientRoutes)
	assert.Subset(t, clientRoutes, slices.Collect(maps.Keys(clientHandlers)))
}
