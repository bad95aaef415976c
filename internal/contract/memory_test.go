package contract

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func heapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestKeptItemsKeepLittle walks 100 pages of 1,000 users and keeps one user, or
// one uid, of each page.
func TestKeptItemsKeepLittle(t *testing.T) {
	if testing.Short() {
		t.Skip("walks 200,000 users")
	}
	client := testkit.Client(t, benchServer(t, "million")+"/v3", "key-0001")
	const pages = 100
	walk := func(keep func(*cometchat.User)) int64 {
		before := heapInUse()
		n := 0
		for page, err := range client.Users.List(nil).Pages(t.Context()) {
			require.NoError(t, err)
			keep(page.Items[n%len(page.Items)])
			if n++; n == pages {
				break
			}
		}
		return (heapInUse() - before) / pages
	}
	walk(func(*cometchat.User) {}) // allocates what stays: buffers and plans

	var users []*cometchat.User
	perUser := walk(func(u *cometchat.User) { users = append(users, u) })
	runtime.KeepAlive(users)
	var uids []string
	perUID := walk(func(u *cometchat.User) { uids = append(uids, u.UID) })
	runtime.KeepAlive(uids)
	t.Logf("bytes kept of a page: %d by a user, %d by a uid", perUser, perUID)
	assert.Less(t, perUser, int64(2<<10))
	assert.Less(t, perUID, int64(1<<10))
}

func TestLiveHeapOfAMillionUsers(t *testing.T) {
	if testing.Short() {
		t.Skip("walks a million users")
	}
	client := testkit.Client(t, benchServer(t, "million")+"/v3", "key-0001")
	before := heapInUse()
	most := int64(liveHeap(t, client)) - before
	t.Logf("%.1f MB", float64(most)/1e6)
	assert.Less(t, most, int64(4e6))
}
