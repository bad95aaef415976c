package cometchat_test

import (
	"context"
	"fmt"
	"iter"
	"log"

	"github.com/go-cometchat/cometchat"
)

// An item that exists already fails with a code of its own, which a repeated call
// can leave out of the error.
func ExampleDataImportService_Users() {
	client, srv := demo()
	defer srv.Close()

	users := []*cometchat.ImportUser{
		{UID: "oana", Name: "Oana Pop", CreatedAt: 1735725600},
		{UID: "piet", Name: "Piet de Vries", CreatedAt: 1735725660, DeactivatedAt: 1751277600},
	}
	results, err := client.DataImport.Users(context.Background(), users)
	if err := results.Err(cometchat.CodeUIDAlreadyExists); err != nil {
		log.Fatal(err)
	}
	fmt.Println(results.Items[1].Value.UID, results.Items[1].Value.DeactivatedAt, err)
	// Output: piet 2025-06-30T10:00:00Z <nil>
}

// The lines of a file, or the rows of a database, are imported as they are read.
func ExampleDataImportService_Run() {
	client, srv := demo()
	defer srv.Close()

	rows := func(yield func(*cometchat.ImportUser, error) bool) {
		for i := range 3 {
			if !yield(&cometchat.ImportUser{UID: fmt.Sprintf("row-%d", i), Name: fmt.Sprintf("Row %d", i)}, nil) {
				return
			}
		}
	}
	source := cometchat.ImportSource{
		Users:  iter.Seq2[*cometchat.ImportUser, error](rows),
		Groups: list(&cometchat.ImportGroup{GUID: "rows", Name: "Rows", Type: cometchat.GroupTypePublic, Owner: "row-0"}),
		Messages: list(&cometchat.ImportMessage{
			MUID: "first", Sender: "row-1", ReceiverType: cometchat.ReceiverTypeGroup, Receiver: "rows",
			Type: cometchat.MessageTypeText, Data: cometchat.ImportMessageData{Text: "Here we are"}, SentAt: 1735725600,
		}),
	}
	for problem, err := range client.DataImport.Check(source) {
		log.Fatal(problem, err)
	}
	for r, err := range client.DataImport.Run(context.Background(), source, &cometchat.ImportOptions{SkipExisting: true}) {
		if err != nil {
			log.Fatal(err) // call Run again to go on
		}
		fmt.Println(r.Kind, r.ID, r.OK())
	}
	// Output:
	// user row-0 true
	// user row-1 true
	// user row-2 true
	// group rows true
	// message first true
}

// list yields its arguments.
func list[T any](items ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}
