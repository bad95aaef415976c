package cometchat

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Region is where an app lives. Any region may be given; the constants are the
// ones documented.
type Region string

// The documented regions.
const (
	RegionUS Region = "us"
	RegionEU Region = "eu"
	RegionIN Region = "in"
)

// base returns the URL below which the API lies, and the error that keeps the
// key from going anywhere else.
func (c connection) base() (*url.URL, error) {
	if c.baseURL == "" && c.management {
		return &url.URL{Scheme: "https", Host: "apimgmt.cometchat.io"}, nil
	}
	if c.baseURL == "" {
		host := "api-" + string(c.region) + ".cometchat.io"
		if c.appID != "" {
			host = c.appID + "." + host
		}
		return &url.URL{Scheme: "https", Host: strings.ToLower(host), Path: "/v3"}, nil
	}
	u, err := url.Parse(c.baseURL)
	if err != nil {
		return nil, &ValidationError{Field: "baseURL", Size: len(c.baseURL), Reason: "is not a URL"}
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
		return nil, &ValidationError{Field: "baseURL", Size: len(c.baseURL), Reason: err.Error()}
	}
	u.Host = strings.ToLower(u.Host) // as net/http does not, to tell a loopback host that no proxy may see
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// dnsLabel makes sure that a part of the host name is just one label: anything
// else could point the key at another host.
func dnsLabel(field, s string) error {
	ok := len(s) > 0 && len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-'
	for i := 0; i < len(s); i++ {
		c := s[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-')
	}
	if !ok {
		return &ValidationError{Field: field, Limit: 63, Size: len(s),
			Reason: fmt.Sprintf("%d characters, must be 1 to 63 letters, digits and inner dashes", len(s))}
	}
	return nil
}
