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
		n := boundServices(t, name, reflect.ValueOf(client).Elem(), &client.core)
		assert.GreaterOrEqual(t, n, 17)
	}
}

// boundServices checks the exported fields of a client, or of a group of
// services in one, and returns how many services there are.
func boundServices(t *testing.T, name string, v reflect.Value, own *core) (n int) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		name := name + "." + field.Name
		if field.Type.Kind() == reflect.Struct {
			n += boundServices(t, name, v.Field(i), own)
			continue
		}
		require.False(t, v.Field(i).IsNil(), name)
		s, ok := v.Field(i).Interface(), field.Type.ConvertibleTo(reflect.TypeFor[*service]())
		require.True(t, ok, "%s is no service: %T", name, s)
		assert.Same(t, own, v.Field(i).Convert(reflect.TypeFor[*service]()).Interface().(*service).core, name)
		n++
	}
	return n
}
