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
	// maxPooled keeps one huge response from staying in memory until the next
	// garbage collection, maxKept from staying for the life of the process.
	maxPooled = 8 << 20
	maxKept   = 2 << 20
	// maxAhead bounds the memory that a response is given for what it claims to
	// be long, before any of it has come. Then it gets maxTimes as much as has.
	maxAhead = 100 << 10
	maxTimes = 8
)

// Buffers for bodies. A sync.Pool forgets them at a garbage collection, of which a
// walk over large pages has one every few pages, and one processor does not find
// what another has left. So the one that was used last is kept beside it.
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

// read takes the body into the call's buffer and leaves an empty one behind.
// With an error, the buffer has what could be read. The limit counts what comes
// out of a decompressor: a small gzip stream may hold gigabytes.
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

// fill reads r, which claims to be so long, into b.
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
