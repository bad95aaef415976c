package cometchattest

import "strings"

// restrictedFeature is a feature that a role may not use, as stored and as sent.
type restrictedFeature struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Key         string `json:"key"`
	Path        string `json:"path"`
	CreatedAt   int64  `json:"createdAt"`
}

func restrictedFeaturesResource() resource {
	return resource{routes: []route{
		{pattern: "POST /roles/{role}/restrictedfeatures", handle: withBody((*call).pathRole, restrictFeatures)},
		{pattern: "GET /roles/{role}/restrictedfeatures", handle: with((*call).pathRole, listRestrictedFeatures)},
		{pattern: "DELETE /roles/{role}/restrictedfeatures", handle: withBody((*call).pathRole, allowFeatures)},
	}}
}

// featureKey returns a feature's key with the prefix used in responses.
func featureKey(sent string) string { return "u." + strings.TrimPrefix(sent, "u.") }

// features reads the list of features in a body.
func (c *call) features(f *fields, name string) ([]string, error) {
	sent, ok := f.texts(name, 0, 0)
	if (!ok || len(sent) == 0) && f.err() == nil {
		f.fail(name, "The field %s is required.", name)
	}
	return sent, f.err()
}

func restrictFeatures(c *call, r *role, f *fields) (any, error) {
	sent, err := c.features(f, "featuresToRestrict")
	if err != nil {
		return nil, err
	}
	results := outcomes{}
	for _, feature := range sent {
		key := featureKey(feature)
		if _, ok := r.restricted.get(key); !ok {
			name := strings.TrimPrefix(key, "u.")
			r.restricted.add(key, c.unix(), &restrictedFeature{
				Title: name, Description: "Lets a user do " + name + ".", Key: key, Path: "/v3/" + name, CreatedAt: c.unix(),
			})
		}
		results[key] = outcome{Success: true, Message: "The feature " + key + " is restricted."}
	}
	return results, nil
}

func listRestrictedFeatures(c *call, r *role) (any, error) {
	return pageList[*restrictedFeature]{
		rows: r.restricted, view: func(f *restrictedFeature) any { return f },
	}.page(c)
}

func allowFeatures(c *call, r *role, f *fields) (any, error) {
	if all, _ := f.boolean("allowAll"); all {
		r.restricted = newTable[*restrictedFeature]()
		return acknowledge("All features are allowed.")
	}
	sent, err := c.features(f, "featuresToAllow")
	if err != nil {
		return nil, err
	}
	for _, feature := range sent {
		r.restricted.delete(featureKey(feature))
	}
	return acknowledge("The features are allowed.")
}
