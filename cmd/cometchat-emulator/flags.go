package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/console"
)

// prefix is the beginning of the names of the environment variables.
const prefix = "COMETCHAT_EMULATOR_"

// settings are the values of flags and environment variables.
type settings struct {
	listen, urlFile                      string
	allowRemote                          bool
	allowHosts                           []string
	apiKey, appID, region                string
	clientAPI                            bool
	corsOrigins                          []string
	seeds                                []string
	seedUsers, seedMessages              int
	snapshot                             string
	snapshotEvery                        time.Duration
	webhooks                             []string
	webhookID, webhookUser, webhookShape string
	webhookPassword                      string
	webhookTriggers                      []string
	webhookRetry                         bool
	clock                                time.Time
	clockStopped                         bool
	rateLimit, messageLimit, userQuota   int
	keepRequests, keepBytes              int
	page                                 bool
	logFormat                            string
	logLevel                             slog.Level
	shutdownTimeout                      time.Duration
}

// setting is a flag and its environment variable.
type setting struct {
	group, name, fallback, about, example string
	set                                   func(*settings, string) error
	// list settings may be repeated. Their variables are split at white space.
	list, boolean bool
}

func text(into func(*settings) *string) func(*settings, string) error {
	return func(s *settings, value string) error {
		*into(s) = value
		return nil
	}
}

func list(into func(*settings) *[]string) func(*settings, string) error {
	return func(s *settings, value string) error {
		*into(s) = append(*into(s), value)
		return nil
	}
}

func truth(into func(*settings) *bool) func(*settings, string) error {
	return func(s *settings, value string) error {
		b, err := strconv.ParseBool(value)
		if err != nil {
			return errors.New("it is true or false")
		}
		*into(s) = b
		return nil
	}
}

func number(into func(*settings) *int) func(*settings, string) error {
	return func(s *settings, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return errors.New("it is a number from 0")
		}
		*into(s) = n
		return nil
	}
}

func span(into func(*settings) *time.Duration) func(*settings, string) error {
	return func(s *settings, value string) error {
		d, err := time.ParseDuration(value)
		if value == "0" {
			d, err = 0, nil
		}
		if err != nil || d < 0 {
			return errors.New(`it is a duration such as "30s"`)
		}
		*into(s) = d
		return nil
	}
}

func word(into func(*settings) *string, words ...string) func(*settings, string) error {
	return func(s *settings, value string) error {
		if !slices.Contains(words, value) {
			return errors.New("it is one of " + strings.Join(words, ", "))
		}
		*into(s) = value
		return nil
	}
}

var sizes = map[string]int{"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}

func size(into func(*settings) *int) func(*settings, string) error {
	return func(s *settings, value string) error {
		digits := strings.TrimRight(value, "BKMGi ")
		n, err := strconv.Atoi(digits)
		unit, ok := sizes[strings.TrimSpace(value[len(digits):])]
		if err != nil || !ok || n < 0 || int64(n) > min(int64(1<<40), math.MaxInt)/int64(unit) {
			return errors.New(`it is a size such as "64MiB"`)
		}
		*into(s) = n * unit
		return nil
	}
}

func address(into func(*settings) *[]string) func(*settings, string) error {
	return func(s *settings, value string) error {
		u, err := url.Parse(value)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return errors.New("it is a URL of http or https")
		}
		*into(s) = append(*into(s), value)
		return nil
	}
}

// table returns all flags in the order of the help.
func table() []setting {
	return []setting{
		{group: "Where it listens", name: "listen", fallback: "127.0.0.1:8789", example: "127.0.0.1:0", about: "the address; port 0 takes a free port. Without this flag, the variable PORT replaces the port", set: text(func(s *settings) *string { return &s.listen })},
		{name: "allow-remote", fallback: "false", example: "true", boolean: true, about: "allows an address that other machines can reach", set: truth(func(s *settings) *bool { return &s.allowRemote })},
		{name: "allow-host", list: true, example: ".svc.cluster.local", about: "another name that the header Host may have; a leading dot allows all names with this ending", set: list(func(s *settings) *[]string { return &s.allowHosts })},
		{name: "url-file", example: "emulator.url", about: "a file that contains the base URL while the emulator is ready", set: text(func(s *settings) *string { return &s.urlFile })},
		{group: "The app", name: "api-key", fallback: "emulator-key", example: "my-key", about: "the key of scope fullAccess", set: text(func(s *settings) *string { return &s.apiKey })},
		{name: "app-id", fallback: "emulator", example: "2748663902141719", about: "the id of the app; if it is set, the header appId must match it", set: text(func(s *settings) *string { return &s.appID })},
		{name: "region", fallback: "us", example: "eu", about: "the region in webhooks", set: text(func(s *settings) *string { return &s.region })},
		{name: "client-api", fallback: "true", example: "false", boolean: true, about: "also serves the calls of front-end SDKs", set: truth(func(s *settings) *bool { return &s.clientAPI })},
		{name: "cors-origin", list: true, example: "http://localhost:5173", about: "an origin that may use /v3 from a browser; * allows any", set: list(func(s *settings) *[]string { return &s.corsOrigins })},
		{group: "What it holds", name: "seed", list: true, example: "seed.json", about: "a seed file, or - for standard input", set: list(func(s *settings) *[]string { return &s.seeds })},
		{name: "seed-users", fallback: "0", example: "100", about: "how many made-up users to add", set: number(func(s *settings) *int { return &s.seedUsers })},
		{name: "seed-messages", fallback: "0", example: "1000", about: "how many made-up messages to add", set: number(func(s *settings) *int { return &s.seedMessages })},
		{name: "snapshot", example: "state.jsonl", about: "a file that is read at the start, if it exists, and written at the end", set: text(func(s *settings) *string { return &s.snapshot })},
		{name: "snapshot-every", fallback: "0s", example: "30s", about: "how often to write the snapshot besides, if anything has changed", set: span(func(s *settings) *time.Duration { return &s.snapshotEvery })},
		{group: "Webhooks", name: "webhook", list: true, example: "http://127.0.0.1:3000/hooks", about: "a URL to deliver events to; the password is only read from " + prefix + "WEBHOOK_PASSWORD", set: address(func(s *settings) *[]string { return &s.webhooks })},
		{name: "webhook-id", example: "rides", about: "the id of the endpoint", set: text(func(s *settings) *string { return &s.webhookID })},
		{name: "webhook-triggers", example: "message_sent,message_edited", about: "the only events to deliver", set: func(s *settings, value string) error {
			s.webhookTriggers = strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
			return cometchattest.CheckTriggers(s.webhookTriggers...)
		}},
		{name: "webhook-retry", fallback: "false", example: "true", boolean: true, about: "repeats failed deliveries, after 10 s and after 30 s", set: truth(func(s *settings) *bool { return &s.webhookRetry })},
		{name: "webhook-user", example: "cometchat", about: "the user of Basic authentication", set: text(func(s *settings) *string { return &s.webhookUser })},
		{name: "webhook-shapes", fallback: "documented", example: "seen", about: "documented, seen, or both in turns, for events whose shape is disputed", set: word(func(s *settings) *string { return &s.webhookShape }, "documented", "seen", "both")},
		{group: "Time and limits", name: "clock", example: "2026-11-25T14:00:00Z", about: "the time at which the clock starts", set: func(s *settings, value string) error {
			at, err := time.Parse(time.RFC3339, value)
			if err != nil {
				return errors.New("it is a time such as 2026-11-25T14:00:00Z")
			}
			s.clock = at
			return nil
		}},
		{name: "clock-stopped", fallback: "false", example: "true", boolean: true, about: "stops the clock", set: truth(func(s *settings) *bool { return &s.clockStopped })},
		{name: "rate-limit", fallback: "0", example: "100", about: "requests a minute; 0 means no limit", set: number(func(s *settings) *int { return &s.rateLimit })},
		{name: "message-limit", fallback: "0", example: "10", about: "messages a minute for each user; 0 means no limit", set: number(func(s *settings) *int { return &s.messageLimit })},
		{name: "user-quota", fallback: "0", example: "25", about: "how many users there can be; 0 means no limit", set: number(func(s *settings) *int { return &s.userQuota })},
		{name: "keep-requests", fallback: "1000", example: "50", about: "how many requests the log keeps", set: number(func(s *settings) *int { return &s.keepRequests })},
		{name: "keep-bytes", fallback: "64MiB", example: "8MiB", about: "the size limit of the log", set: size(func(s *settings) *int { return &s.keepBytes })},
		{group: "The program", name: "page", fallback: "true", example: "false", boolean: true, about: "serves the page; otherwise there is only the control API", set: truth(func(s *settings) *bool { return &s.page })},
		{name: "log", fallback: "text", example: "json", about: "text, json or off, to standard error; with json, the ready line is JSON, too", set: word(func(s *settings) *string { return &s.logFormat }, "text", "json", "off")},
		{name: "log-level", fallback: "info", example: "debug", about: "debug, info, warn or error", set: func(s *settings, value string) error {
			if s.logLevel.UnmarshalText([]byte(value)) != nil {
				return errors.New("it is one of debug, info, warn, error")
			}
			return nil
		}},
		{name: "shutdown-timeout", fallback: "5s", example: "30s", about: "how long requests in progress have at the end", set: span(func(s *settings) *time.Duration { return &s.shutdownTimeout })},
	}
}

func (f setting) variable() string {
	return prefix + strings.ToUpper(strings.ReplaceAll(f.name, "-", "_"))
}

// given adapts a setting to package flag, and collects its values.
type given struct {
	setting
	values *[]string
}

func (g given) String() string   { return "" }
func (g given) IsBoolFlag() bool { return g.boolean }
func (g given) Set(value string) error {
	*g.values = append(*g.values, value)
	return nil
}

// read reads the flags, then the environment, and then uses the defaults.
func (s *settings) read(args []string, getenv func(string) string) (help bool, err error) {
	flags := flag.NewFlagSet("cometchat-emulator", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	values := map[string]*[]string{}
	for _, f := range table() {
		values[f.name] = &[]string{}
		flags.Var(given{f, values[f.name]}, f.name, f.about)
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return true, nil
		}
		return false, fmt.Errorf("%w; --help lists the flags", err)
	}
	if flags.NArg() > 0 {
		return false, fmt.Errorf("there is no argument %q; --help lists the flags", flags.Arg(0))
	}
	for _, f := range table() {
		if err := s.apply(f, *values[f.name], getenv); err != nil {
			return false, err
		}
	}
	s.webhookPassword = getenv(prefix + "WEBHOOK_PASSWORD")
	if port := getenv("PORT"); port != "" && len(*values["listen"]) == 0 && getenv(prefix+"LISTEN") == "" {
		if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
			return false, fmt.Errorf("PORT: %q is no port", port)
		}
		s.listen = net.JoinHostPort("127.0.0.1", port)
	}
	return false, s.check()
}

// apply sets one flag from the first source that has it.
func (s *settings) apply(f setting, flags []string, getenv func(string) string) error {
	source, values := "--"+f.name, flags
	if env := getenv(f.variable()); len(values) == 0 && env != "" {
		source, values = f.variable(), []string{env}
		if f.list {
			values = strings.Fields(env)
		}
	}
	if len(values) == 0 {
		if f.fallback == "" || f.name == "app-id" {
			return nil
		}
		values = []string{f.fallback}
	}
	if !f.list {
		values = values[len(values)-1:]
	}
	for _, value := range values {
		if err := f.set(s, value); err != nil {
			return fmt.Errorf("%s: %q: %w", source, value, err)
		}
	}
	return nil
}

// isLoopback reports whether only this machine can reach an address.
func isLoopback(address string) bool {
	host, _, _ := net.SplitHostPort(address) // check refuses an address without a port
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// check checks settings that depend on each other.
func (s *settings) check() error {
	if _, _, err := net.SplitHostPort(s.listen); err != nil {
		return fmt.Errorf("--listen: %q is no address such as 127.0.0.1:8789", s.listen)
	}
	if !isLoopback(s.listen) && !s.allowRemote {
		return fmt.Errorf("--listen: other machines could reach %s, and everything in the emulator with it; add --allow-remote if that is wanted", s.listen)
	}
	switch {
	case s.snapshotEvery > 0 && s.snapshot == "":
		return errors.New("--snapshot-every needs --snapshot")
	case s.apiKey == "":
		return errors.New("--api-key must not be empty")
	case s.webhookUser == "" && s.webhookPassword != "":
		return errors.New(prefix + "WEBHOOK_PASSWORD needs --webhook-user")
	}
	return nil
}

// sources returns the names of the sources that the app is filled from.
func (s *settings) sources() []string {
	sources := slices.Clone(s.seeds)
	if s.seedUsers > 0 {
		sources = append(sources, "--seed-users")
	}
	if s.seedMessages > 0 {
		sources = append(sources, "--seed-messages")
	}
	return sources
}

// options returns the options of the server.
func (s *settings) options() []cometchattest.Option {
	opts := []cometchattest.Option{
		cometchattest.WithAPIKey(s.apiKey), cometchattest.WithRegion(s.region),
		cometchattest.WithRateLimit(s.rateLimit), cometchattest.WithMessageLimit(s.messageLimit),
		cometchattest.WithRequestLog(s.keepRequests, s.keepBytes),
		cometchattest.WithWebhookShapes(cometchattest.Shapes(s.webhookShape)),
	}
	if s.appID != "" {
		opts = append(opts, cometchattest.WithAppID(s.appID))
	}
	if s.userQuota > 0 {
		opts = append(opts, cometchattest.WithUserQuota(s.userQuota))
	}
	if s.clientAPI {
		opts = append(opts, cometchattest.WithClientAPI())
	}
	return opts
}

func (s *settings) deliveryOptions() []cometchattest.DeliveryOption {
	opts := []cometchattest.DeliveryOption{cometchattest.WithTriggers(s.webhookTriggers...)}
	if s.webhookRetry {
		opts = append(opts, cometchattest.WithRetries())
	}
	if s.webhookUser != "" {
		opts = append(opts, cometchattest.WithBasicAuth(s.webhookUser, s.webhookPassword))
	}
	return opts
}

func (e *emulator) consoleOptions() console.Options {
	opt := console.Options{
		Version: version(), Region: e.region, URL: e.base + "/v3", Seeds: e.sources(), Snapshot: e.snapshot,
		NoPage: !e.page, AllowHosts: e.allowHosts, CORSOrigins: e.corsOrigins, FixedEndpoints: e.allowRemote, Log: e.log,
		Clock: e.clock, ClockStopped: e.clockStopped,
	}
	if e.snapshot != "" {
		opt.Save = e.save
	}
	return opt
}

func (s *settings) logger(stderr io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.logLevel}
	switch s.logFormat {
	case "off":
		return slog.New(slog.DiscardHandler)
	case "json":
		return slog.New(slog.NewJSONHandler(stderr, options))
	}
	return slog.New(slog.NewTextHandler(stderr, options))
}

// usage writes the help.
func usage(w io.Writer) {
	fmt.Fprint(w, `Usage: cometchat-emulator [flags]
       cometchat-emulator ready [--wait 30s] [--url http://127.0.0.1:8789]
       cometchat-emulator version

Serves the CometChat API on this machine, for tests and demonstrations. Each flag
has an environment variable; the flag takes precedence.
`)
	for _, f := range table() {
		if f.group != "" {
			fmt.Fprintf(w, "\n%s:\n", f.group)
		}
		fallback := ""
		if f.fallback != "" {
			fallback = " (default " + f.fallback + ")"
		}
		repeated := ""
		if f.list {
			repeated = ", repeatable"
		}
		fmt.Fprintf(w, "  --%s=%s\n        %s%s%s\n        %s\n", f.name, f.example, f.about, repeated, fallback, f.variable())
	}
	fmt.Fprint(w, `
Exit codes: 0 ended by a signal, 1 failed, 2 wrong usage, 3 a seed or snapshot
cannot be read, 4 the address is in use.
`)
}
