package webhook_test

import (
	"context"
	"database/sql"
	"errors"
	"log"
	"time"

	"github.com/go-cometchat/cometchat/webhook"
)

// sqlStore keeps keys in a table, for handlers in several processes. The
// statements are those of PostgreSQL and SQLite:
//
//	CREATE TABLE webhook_keys (
//		key     text PRIMARY KEY,
//		done    boolean NOT NULL,
//		expires bigint NOT NULL -- milliseconds since 1970
//	)
//
// Delete rows that have expired from time to time.
type sqlStore struct {
	db *sql.DB
	// lease limits a claim: if a process dies while it handles an event, the
	// delivery that the API repeats 30 seconds later gets the key. It must be
	// longer than the slowest callback.
	lease time.Duration
}

func (s *sqlStore) Claim(ctx context.Context, key string, expiry time.Duration) (webhook.ClaimState, error) {
	now := time.Now()
	result, err := s.db.ExecContext(ctx, `
		INSERT INTO webhook_keys (key, done, expires) VALUES ($1, false, $2)
		ON CONFLICT (key) DO UPDATE SET done = false, expires = excluded.expires
		WHERE webhook_keys.expires <= $3`,
		key, now.Add(min(s.lease, expiry)).UnixMilli(), now.UnixMilli())
	if err != nil {
		return 0, err
	}
	if claimed, err := result.RowsAffected(); err != nil || claimed == 1 {
		return webhook.ClaimStateGranted, err
	}
	var done bool
	err = s.db.QueryRowContext(ctx, `SELECT done FROM webhook_keys WHERE key = $1`, key).Scan(&done)
	switch {
	case errors.Is(err, sql.ErrNoRows): // released meanwhile: the API will try again
		return webhook.ClaimStateInProgress, nil
	case err != nil:
		return 0, err
	case done:
		return webhook.ClaimStateDone, nil
	}
	return webhook.ClaimStateInProgress, nil
}

func (s *sqlStore) Done(ctx context.Context, key string, expiry time.Duration) error {
	_, err := s.db.ExecContext(ctx, `UPDATE webhook_keys SET done = true, expires = $2 WHERE key = $1`,
		key, time.Now().Add(expiry).UnixMilli())
	return err
}

func (s *sqlStore) Release(ctx context.Context, key string) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM webhook_keys WHERE key = $1 AND NOT done`, key)
	return err
}

// A store in a database serves several processes.
func ExampleStore() {
	db, err := sql.Open("postgres", "postgres://localhost/rides")
	if err != nil {
		log.Fatal(err)
	}
	h, err := webhook.NewHandler(
		webhook.BasicAuth("rides", "correct horse"),
		webhook.Deduplicate(&sqlStore{db: db, lease: 20 * time.Second}),
	)
	if err != nil {
		log.Fatal(err)
	}
	_ = h
}
