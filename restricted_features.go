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

// RestrictedFeature is a feature that users with a role may not use.
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

// RestrictedFeatureListOptions are those of List. The API documents none so far.
//
// Deprecated: use Permissions.ListForRole.
type RestrictedFeatureListOptions struct{}

// RestrictedFeaturesService takes features away from users with a role.
//
// Deprecated: the vendor has replaced restricted features by permissions; see
// PermissionsService.
type RestrictedFeaturesService service

// Restrict takes features away from a role: one result for each, in the order
// given. The "u." that the API puts before a feature's key may be left out. The
// error joins the failures; the results are returned next to it.
//
// POST /roles/{role}/restrictedfeatures
//
// Deprecated: use Permissions.SetForRole.
func (s *RestrictedFeaturesService) Restrict(ctx context.Context, role string, features []string) (*Results[NoValue], error) {
	return bulkBy(ctx, s.core, restrictFeatures.at(role).body(&restrictFeaturesRequest{features}), features, featureKey, noValue)
}

// featureKey makes the spellings of a feature the same.
func featureKey(feature string) string { return strings.TrimPrefix(strings.ToLower(feature), "u.") }

// List lists the features a role is restricted from. opts may be nil.
//
// GET /roles/{role}/restrictedfeatures
//
// Deprecated: use Permissions.ListForRole.
func (s *RestrictedFeaturesService) List(role string, opts *RestrictedFeatureListOptions) *PageList[RestrictedFeature] {
	return pageList[RestrictedFeature](s.core, listRestrictedFeatures.at(role).query(opts))
}

// Allow gives features back to a role: one result for each, in the order given.
// The API answers for all of them at once, so that every result says the same.
// The error joins the failures.
//
// DELETE /roles/{role}/restrictedfeatures
//
// Deprecated: use Permissions.UnsetForRole.
func (s *RestrictedFeaturesService) Allow(ctx context.Context, role string, features []string) (*Results[NoValue], error) {
	return bulkBy(ctx, s.core, allowFeatures.at(role).body(&allowFeaturesRequest{Features: features}), features, featureKey, noValue)
}

// AllowAll gives all features back to a role.
//
// DELETE /roles/{role}/restrictedfeatures
//
// Deprecated: use Permissions.UnsetForRole.
func (s *RestrictedFeaturesService) AllowAll(ctx context.Context, role string) error {
	return acknowledge(ctx, s.core, allowFeatures.at(role).body(&allowFeaturesRequest{All: true}))
}
