package cometchat

// NewCursorList is a cursor list at a path of its own, for testing the walk
// apart from any resource.
func NewCursorList[T any](c *Client, limit int) *CursorList[T] {
	opts := &struct {
		Limit int `url:"limit,omitempty"`
	}{limit}
	return cursorList[T](c, (&route{
		Route: Route{"GET", "/cursor"}, operation: "GET /cursor", parts: []string{"/cursor"},
	}).at().query(opts))
}
