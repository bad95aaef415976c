package cometchat

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryServiceIsBoundToItsOwnClient(t *testing.T) {
	base, err := NewClient(RegionUS, "key-of-the-app")
	require.NoError(t, err)
	for name, client := range map[string]*Client{"new": base, "derived": base.OnBehalfOf("ida")} {
		assert.NotZero(t, boundServices(t, name, reflect.ValueOf(client).Elem(), &client.core, map[uintptr]bool{}))
	}
}

// boundServices checks the exported fields of a client, or of a group of
// services in one, and returns how many services there are.
func boundServices(t *testing.T, name string, v reflect.Value, own *core, seen map[uintptr]bool) (n int) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		name := name + "." + field.Name
		if field.Type.Kind() == reflect.Struct {
			n += boundServices(t, name, v.Field(i), own, seen)
			continue
		}
		require.False(t, v.Field(i).IsNil(), name)
		held := v.Field(i).Elem().FieldByName("core")
		require.Equal(t, reflect.TypeFor[*core](), held.Type(), name)
		assert.Equal(t, reflect.ValueOf(own).Pointer(), held.Pointer(), name)
		if routes := v.Field(i).Elem().FieldByName("routes"); routes.IsValid() { // of a generic service
			assert.Falsef(t, seen[routes.Pointer()], "%s has the routes of another service", name)
			seen[routes.Pointer()] = true
		}
		n++
	}
	return n
}
