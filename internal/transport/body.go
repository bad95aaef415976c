package transport

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// ErrTooLarge reports a response above the limit of Settings.MaxResponseBytes.
var ErrTooLarge = errors.New("the response is too large")

const (
	// maxPooled keeps a huge response from staying in memory until the next
	// garbage collection, and maxKept from staying for the life of the process.
	// Both are in bytes.
	maxPooled = 8 << 20
	maxKept   = 2 << 20
	// maxAhead bounds the memory, in bytes, that a response gets for its claimed
	// length before any of it has arrived. After that it gets maxTimes the memory
	// of what has arrived.
	maxAhead = 100 << 10
	maxTimes = 8
)

// Buffers for bodies. A sync.Pool drops its buffers at a garbage collection, and
// a walk over large pages causes one every few pages. Also, one processor does
// not find the buffers of another. So the last buffer used is kept beside the
// pool.
var (
	lastBuffer atomic.Pointer[bytes.Buffer]
	buffers    = sync.Pool{New: func() any { return new(bytes.Buffer) }}
)

func getBuffer() *bytes.Buffer {
	b := lastBuffer.Swap(nil)
	if b == nil {
		b = buffers.Get().(*bytes.Buffer)
	}
	b.Reset()
	return b
}

func putBuffer(b *bytes.Buffer) {
	switch {
	case b.Cap() <= maxKept && lastBuffer.CompareAndSwap(nil, b):
	case b.Cap() <= maxPooled:
		buffers.Put(b)
	}
}

// read reads the body into the call's buffer and replaces the body with an empty
// one. If it returns an error, the buffer holds what could be read. The limit
// counts decompressed bytes, since a small gzip stream may hold gigabytes.
func (c *call) read(resp *http.Response) error {
	body := resp.Body
	defer body.Close()
	resp.Body = http.NoBody
	if c.buf == nil {
		c.buf = getBuffer()
	}
	c.buf.Reset()

	var r io.Reader = body
	var notGzip error
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") && !resp.Uncompressed {
		packed := bufio.NewReader(body)
		if _, err := packed.Peek(1); err == io.EOF {
			return nil
		}
		r = packed
		if magic, _ := packed.Peek(2); string(magic) == "\x1f\x8b" {
			z, err := gzip.NewReader(packed)
			if err != nil {
				return fmt.Errorf("read the response: %w", err)
			}
			r = z
		} else {
			notGzip = fmt.Errorf("read the response: %w", gzip.ErrHeader)
		}
	}
	limit := c.s.MaxResponseBytes
	err := fill(c.buf, io.LimitReader(r, min(limit, math.MaxInt64-1)+1), min(resp.ContentLength, limit))
	switch {
	case int64(c.buf.Len()) > limit:
		c.buf.Truncate(int(limit))
		return fmt.Errorf("%w: over %d bytes", ErrTooLarge, limit)
	case err != nil:
		return fmt.Errorf("read the response: %w", err)
	}
	return notGzip
}

// fill reads r, which claims to have this length, into b.
func fill(b *bytes.Buffer, r io.Reader, claimed int64) error {
	for ahead := int64(maxAhead); ; ahead = maxTimes * int64(b.Len()) {
		rest := max(claimed-int64(b.Len()), 0)
		b.Grow(int(min(rest, ahead)) + bytes.MinRead)
		n, err := b.ReadFrom(io.LimitReader(r, ahead))
		if err != nil || n < ahead {
			return err
		}
	}
}
