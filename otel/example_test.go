package cometchatotel_test

import (
	"context"
	"fmt"
	"log"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	cometchatotel "github.com/go-cometchat/cometchat/otel"
)

// The in-memory exporter stands for the exporter of a real program.
func ExampleNewTracer() {
	srv := cometchattest.NewServer()
	defer srv.Close()
	srv.AddUsers(cometchattest.User{UID: "lena"})

	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))

	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(),
		cometchat.WithBaseURL(srv.URL()),
		cometchat.WithTracer(cometchatotel.NewTracer(cometchatotel.WithTracerProvider(provider))))
	if err != nil {
		log.Fatal(err)
	}
	_, _ = client.Users.Get(context.Background(), "lena")
	_, _ = client.Users.Get(context.Background(), "nobody")

	for _, span := range exporter.GetSpans() {
		fmt.Println(span.Name)
		for _, a := range span.Attributes {
			if a.Key != "cometchat.waited" { // differs in each run
				fmt.Println("  ", a.Key, a.Value)
			}
		}
	}
	// Output:
	// GET /users/{uid}
	//    http.request.method GET
	//    url.template /users/{uid}
	//    cometchat.attempts 1
	//    http.response.status_code 200
	// GET /users/{uid}
	//    http.request.method GET
	//    url.template /users/{uid}
	//    cometchat.attempts 1
	//    http.response.status_code 404
	//    cometchat.error.code ERR_UID_NOT_FOUND
	//    error.type ERR_UID_NOT_FOUND
}
