package cometchat

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Region is where an app is hosted. Any region may be given; the constants are
// the documented ones.
type Region string

// The documented regions.
const (
	RegionUS Region = "us"
	RegionEU Region = "eu"
	RegionIN Region = "in"
)

// base returns the URL that all paths begin with, or an error that keeps the key
// from being sent anywhere else.
func (c connection) base() (*url.URL, error) {
	switch {
	case c.baseURL != "":
		return c.parse("baseURL", c.baseURL)
	case c.management:
		return &url.URL{Scheme: "https", Host: "apimgmt.cometchat.io"}, nil
	}
	return c.of("api-"), nil
}

// callsBase is base for calls, which have a host of their own unless a base URL
// is given.
func (c connection) callsBase() (*url.URL, error) {
	switch {
	case c.callsBaseURL != "":
		return c.parse("callsBaseURL", c.callsBaseURL)
	case c.baseURL != "" || c.management:
		return c.base()
	}
	return c.of("call-"), nil
}

// of is the URL of a product of the API in the region.
func (c connection) of(product string) *url.URL {
	host := product + string(c.region) + ".cometchat.io"
	if c.appID != "" {
		host = c.appID + "." + host
	}
	return &url.URL{Scheme: "https", Host: strings.ToLower(host), Path: "/v3"}
}

func (c connection) parse(field, base string) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, &ValidationError{Field: field, Size: len(base), Reason: "is not a URL"}
	}
	switch {
	case u.Host == "" || u.Hostname() == "":
		err = errors.New("must have a host, as in https://host/v3")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		err = errors.New("must be scheme, host and path only")
	case u.Scheme == "http" && !c.insecure && !loopback(u.Hostname()):
		err = errors.New("must be https, except for a loopback host or with WithInsecureHTTP")
	case u.Scheme != "http" && u.Scheme != "https":
		err = errors.New("must be https")
	}
	if err != nil {
		return nil, &ValidationError{Field: field, Size: len(base), Reason: err.Error()}
	}
	u.Host = strings.ToLower(u.Host) // as net/http does not, to tell a loopback host that no proxy may see
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// dnsLabel checks that a part of the host name is a single label: anything else
// could send the key to another host.
func dnsLabel(field, s string) error {
	ok := len(s) > 0 && len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-'
	for i := range len(s) {
		c := s[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-')
	}
	if !ok {
		return &ValidationError{Field: field, Limit: 63, Size: len(s),
			Reason: fmt.Sprintf("%d characters, must be 1 to 63 letters, digits and inner dashes", len(s))}
	}
	return nil
}
