package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// upload returns a seed or a snapshot: the body, or the file of a form.
func (v *visit) upload() (io.Reader, error) {
	v.withoutDeadlines()
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxUpload)
	if v.mediaType() != "multipart/form-data" {
		return v.r.Body, nil
	}
	parts, err := v.r.MultipartReader()
	if err != nil {
		return nil, badField("BAD_FIELD", "file", "the form cannot be read")
	}
	part, err := parts.NextPart()
	if err != nil || part.FormName() != "file" {
		return nil, badField("BAD_FIELD", "file", "the form has no file")
	}
	return part, nil
}

// withoutDeadlines lets a request take longer than the server allows others.
func (v *visit) withoutDeadlines() {
	control := http.NewResponseController(v.w)
	// A deadline that cannot be set is not there.
	_ = control.SetReadDeadline(time.Time{})
	_ = control.SetWriteDeadline(time.Time{})
}

func (v *visit) addSeed() (any, error) {
	file, err := v.upload()
	if err != nil {
		return nil, err
	}
	if v.opt.FixedEndpoints {
		text, err := io.ReadAll(file)
		if err != nil {
			return nil, err
		}
		var seed struct{ Webhooks []json.RawMessage }
		if json.Unmarshal(text, &seed) == nil && len(seed.Webhooks) > 0 {
			return nil, errFixedEndpoints
		}
		file = bytes.NewReader(text)
	}
	return v.load(file)
}

func (v *visit) load(file io.Reader) (any, error) {
	added, err := v.srv.Load(file)
	var wrong *cometchattest.SeedError
	switch {
	case errors.As(err, &wrong):
		return nil, badField("BAD_SEED", wrong.Field, err.Error())
	case err != nil:
		return nil, err
	}
	return map[string]any{"added": added}, nil
}

// addSome adds some users and messages to an empty app.
func (v *visit) addSome() (any, error) {
	v.srv.SeedUsers(10)
	v.srv.SeedMessages(12, 1)
	return nil, nil
}

func (v *visit) getSnapshot() error {
	v.withoutDeadlines()
	h := v.w.Header()
	h.Set("Content-Type", "application/x-ndjson")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", `attachment; filename="cometchat-emulator.jsonl"`)
	write := v.srv.SnapshotWithoutSecrets
	if v.r.URL.Query().Get("secrets") == "true" {
		write = v.srv.Snapshot
	}
	if err := write(v.w); err != nil {
		v.opt.Log.Warn("a snapshot was not sent whole", "error", err.Error())
	}
	return nil
}

func (v *visit) putSnapshot() (any, error) {
	file, err := v.upload()
	if err != nil {
		return nil, err
	}
	if err := v.srv.Restore(file); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, err
		}
		return nil, badField("BAD_SEED", "", err.Error())
	}
	return nil, nil
}

func (v *visit) saveSnapshot() (any, error) {
	if v.opt.Save == nil {
		return nil, conflict("the emulator was started without --snapshot")
	}
	if err := v.opt.Save(); err != nil {
		return nil, fmt.Errorf("the snapshot was not written: %w", err)
	}
	return map[string]string{"snapshot": v.opt.Snapshot}, nil
}
