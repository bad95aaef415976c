package cometchat_test

import (
	"context"
	"fmt"
	"log"
	"time"
)

func ExampleMetricsService_Usage() {
	client, srv := demo()
	defer srv.Close()
	srv.SeedUsers(2)
	srv.SeedMessages(10, 1)

	end := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	usage, err := client.Metrics.Usage(context.Background(), end.AddDate(0, 0, -30), end)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(usage.Metrics.ActiveUsers, "users were active")
	// Output: 2 users were active
}
