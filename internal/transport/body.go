package transport

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// ErrTooLarge reports an answer above the limit of Settings.MaxResponseBytes.
var ErrTooLarge = errors.New("the answer is too large")

// maxPooled keeps one huge answer from staying in memory for the life of the
// process.
const maxPooled = 8 << 20

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func getBuffer() *bytes.Buffer {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	return b
}

func putBuffer(b *bytes.Buffer) {
	if b.Cap() <= maxPooled {
		buffers.Put(b)
	}
}

// read takes the whole body into the call's buffer and leaves an empty one
// behind. The limit counts what comes out of a decompressor: a small gzip
// stream may hold gigabytes.
func (c *call) read(resp *http.Response) error {
	body := resp.Body
	defer body.Close()
	resp.Body = http.NoBody
	if c.buf == nil {
		c.buf = getBuffer()
	}
	c.buf.Reset()

	var r io.Reader = body
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") && !resp.Uncompressed {
		z, err := gzip.NewReader(body)
		if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		r = z
	}
	limit := c.s.MaxResponseBytes
	if n := resp.ContentLength; n > 0 && n <= limit {
		c.buf.Grow(int(n) + bytes.MinRead)
	}
	n, err := c.buf.ReadFrom(io.LimitReader(r, limit+1))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if n > limit {
		return fmt.Errorf("%w: over %d bytes", ErrTooLarge, limit)
	}
	return nil
}
