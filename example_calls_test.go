package cometchat_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

func ExampleCallsService_List() {
	client, srv := demo()
	defer srv.Close()
	srv.AddUsers(cometchattest.User{UID: "oana"}, cometchattest.User{UID: "piet"})
	srv.AddCalls(cometchattest.Call{SessionID: "monday", Initiator: "oana", Receiver: "piet", Type: "video", Duration: 150 * time.Second})

	calls := client.Calls.List(&cometchat.CallListOptions{UID: "piet", Status: cometchat.CallStatusEnded})
	for call, err := range calls.All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(call.SessionID, call.Type, call.TotalDuration.Duration())
	}
	// Output: monday video 2m30s
}
