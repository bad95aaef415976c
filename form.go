package cometchat

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
)

// formRequest is a request that is sent as multipart/form-data.
type formRequest interface{ form(f *form) }

// form collects the parts of a multipart/form-data body in memory, so that it
// can be sent again.
type form struct {
	v     *validation
	parts []formPart
}

type formPart struct {
	header  textproto.MIMEHeader
	content []byte
}

// text adds a field; an empty one is left out.
func (f *form) text(name, value string) {
	if value != "" && f.v.utf8(name, value) {
		f.parts = append(f.parts, formPart{formHeader(`form-data; name="%s"`, name), []byte(value)})
	}
}

// csv adds a CSV file of at most limit bytes; a nil reader adds none.
func (f *form) csv(name string, r io.Reader, limit int) {
	if r == nil {
		return
	}
	content, err := io.ReadAll(io.LimitReader(r, int64(limit)+1)) // a refused file is not read to its end
	switch {
	case err != nil:
		f.v.errs = append(f.v.errs, fmt.Errorf("cometchat: %s: %w", name, err))
	case len(content) > limit:
		f.v.add(ValidationError{Field: name, Limit: limit, Size: len(content),
			Reason: fmt.Sprintf("%d bytes or more, at most %d allowed", len(content), limit)})
	case len(content) == 0:
		f.v.add(ValidationError{Field: name, Limit: limit, Reason: "is empty: a reader is good for one call"})
	}
	header := formHeader(`form-data; name="%s"; filename="%[1]s.csv"`, name)
	header.Set("Content-Type", "text/csv")
	f.parts = append(f.parts, formPart{header, content})
}

func formHeader(format string, name string) textproto.MIMEHeader {
	return textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(format, name)}}
}

// encodeForm returns the body and its content type. The boundary is a hash of the
// content, which therefore cannot contain it; equal requests have equal bodies.
func encodeForm(v *validation, req formRequest) (body []byte, contentType string) {
	f := &form{v: v}
	req.form(f)
	hash := sha256.New()
	for _, part := range f.parts {
		hash.Write(part.content)
	}
	var b bytes.Buffer // takes everything, so that no write fails
	w := multipart.NewWriter(&b)
	_ = w.SetBoundary("cometchat-" + hex.EncodeToString(hash.Sum(nil))[:32])
	for _, part := range f.parts {
		to, _ := w.CreatePart(part.header)
		_, _ = to.Write(part.content)
	}
	_ = w.Close()
	return b.Bytes(), w.FormDataContentType()
}
