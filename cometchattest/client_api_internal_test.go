package cometchattest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestClientRoutesExist finds what is written wrong in the list: it would be
// closed to users without anybody noticing.
func TestClientRoutesExist(t *testing.T) {
	assert.Subset(t, Routes(), clientRoutes)
}
