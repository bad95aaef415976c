package cometchat

import (
	"context"
	"strings"
)

var (
	restrictFeatures       = post("/roles/{role}/restrictedfeatures")
	listRestrictedFeatures = get("/roles/{role}/restrictedfeatures").withoutPages()
	allowFeatures          = del("/roles/{role}/restrictedfeatures")
)

// RestrictedFeature is a feature that users with a role must not use.
//
// Deprecated: the vendor has replaced restricted features by permissions; see
// PermissionsService.
type RestrictedFeature struct {
	// Key names the feature, such as "u.listUsers".
	Key         string   `json:"key"`
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Path        string   `json:"path,omitempty"`
	CreatedAt   UnixTime `json:"createdAt,omitempty"`
}

type restrictFeaturesRequest struct {
	Features []string `json:"featuresToRestrict"`
}

func (r *restrictFeaturesRequest) validate(v *validation) {
	v.ids("featuresToRestrict", r.Features, 0)
}

type allowFeaturesRequest struct {
	Features []string `json:"featuresToAllow,omitempty"`
	All      bool     `json:"allowAll,omitempty"`
}

func (r *allowFeaturesRequest) validate(v *validation) {
	if !r.All {
		v.ids("featuresToAllow", r.Features, 0)
	}
}

// RestrictedFeatureListOptions are the options of List. The API documents none so
// far.
//
// Deprecated: use Permissions.ListForRole.
type RestrictedFeatureListOptions struct{}

// RestrictedFeaturesService restricts users with a role from features.
//
// Deprecated: the vendor has replaced restricted features by permissions; see
// PermissionsService.
type RestrictedFeaturesService service

// Restrict restricts a role from features. It returns one result for each, in the
// order given. The prefix "u." of a feature's key may be left out. The error
// joins the failures; the results are returned next to it.
//
// POST /roles/{role}/restrictedfeatures
//
// Deprecated: use Permissions.SetForRole.
func (s *RestrictedFeaturesService) Restrict(ctx context.Context, role string, features []string) (*Results[NoValue], error) {
	return bulkFeatures(ctx, s.core, restrictFeatures.at(role).body(&restrictFeaturesRequest{featureKeys(features)}), features)
}

// featureKeys returns the API's spellings of features, whose "u." may be left
// out.
func featureKeys(features []string) []string {
	keys := make([]string, len(features))
	for i, feature := range features {
		if keys[i] = feature; feature != "" && !strings.HasPrefix(strings.ToLower(feature), "u.") {
			keys[i] = "u." + feature
		}
	}
	return keys
}

// bulkFeatures is like bulk, for features, which the results name as the caller
// does.
func bulkFeatures(ctx context.Context, c *core, o op, features []string) (*Results[NoValue], error) {
	results, err := bulk(ctx, c, o, featureKeys(features), noValue)
	if results == nil {
		return nil, err
	}
	for i := range results.Items {
		results.Items[i].ID = features[i]
	}
	return results, results.Err()
}

// List lists the features that a role is restricted from. opts may be nil.
//
// GET /roles/{role}/restrictedfeatures
//
// Deprecated: use Permissions.ListForRole.
func (s *RestrictedFeaturesService) List(role string, opts *RestrictedFeatureListOptions) *PageList[RestrictedFeature] {
	return pageList[RestrictedFeature](s.core, listRestrictedFeatures.at(role).query(opts))
}

// Allow lifts the restriction of a role from features. It returns one result
// for each, in the order given. The API returns one outcome for all of them, so
// all results are the same. The error joins the failures.
//
// DELETE /roles/{role}/restrictedfeatures
//
// Deprecated: use Permissions.UnsetForRole.
func (s *RestrictedFeaturesService) Allow(ctx context.Context, role string, features []string) (*Results[NoValue], error) {
	return bulkFeatures(ctx, s.core, allowFeatures.at(role).body(&allowFeaturesRequest{Features: featureKeys(features)}), features)
}

// AllowAll lifts all restrictions of a role. It fails with CodeRoleNotFound
// (ErrNotFound) if there is no such role.
//
// DELETE /roles/{role}/restrictedfeatures
//
// Deprecated: use Permissions.UnsetForRole.
func (s *RestrictedFeaturesService) AllowAll(ctx context.Context, role string) error {
	return acknowledge(ctx, s.core, allowFeatures.at(role).body(&allowFeaturesRequest{All: true}))
}
