package contract

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

// TestWrongClaims holds the two guards to each other: what the schema refuses at the
// door, the function refuses too, both at the same field.
func TestWrongClaims(t *testing.T) {
	sixty := strings.Repeat("a", 60)
	cases := map[string]struct {
		reason string
		spec   object // Merged over that of a right claim; nil deletes.
		name   string
		field  string
	}{
		"DottedName":         {reason: "A dot in the claim's name would let indices of two claims meet.", name: "a.b", field: "metadata.name"},
		"NoService":          {reason: "A service is required.", spec: object{"service": nil}, field: "spec.service"},
		"NoEnvironment":      {reason: "An environment is required.", spec: object{"environment": nil}, field: "spec.environment"},
		"UpperService":       {reason: "A service is a DNS label.", spec: object{"service": "Checkout"}, field: "spec.service"},
		"LongService":        {reason: "A service has at most 40 letters.", spec: object{"service": sixty}, field: "spec.service"},
		"TrailingHyphen":     {reason: "A service ends with a letter or digit.", spec: object{"service": "a-"}, field: "spec.service"},
		"Hyphenated":         {reason: "An environment has no hyphen, so that names split in one way.", spec: object{"environment": "pre-prod"}, field: "spec.environment"},
		"QuotaExponent":      {reason: "A quantity is one that is read at once.", spec: object{"overrides": object{"quota": object{"pods": "1e99999999"}}}, field: "spec.overrides.quota"},
		"QuotaNegative":      {reason: "A quota is not negative.", spec: object{"overrides": object{"quota": object{"pods": "-1"}}}, field: "spec.overrides.quota"},
		"LongDescription":    {reason: "A description is a sentence.", spec: object{"description": strings.Repeat("x", 201)}, field: "spec.description"},
		"TagKey":             {reason: "A tag's key is that of a label.", spec: object{"tags": object{"cost center": "1"}}, field: "spec.tags"},
		"TagValue":           {reason: "A tag's value is that of a label.", spec: object{"tags": object{"cost": "a b"}}, field: "spec.tags"},
		"Member":             {reason: "A member is a name with @, or an object id.", spec: object{"access": object{"members": []any{"everybody"}}}, field: "spec.access.members[0]"},
		"MemberLookalike":    {reason: "No two members look alike.", spec: object{"access": object{"members": []any{"аna@example.com"}}}, field: "spec.access.members[0]"},
		"MemberInvisible":    {reason: "No member hides a letter.", spec: object{"access": object{"members": []any{"ana\u200b@example.com"}}}, field: "spec.access.members[0]"},
		"TagLookalike":       {reason: "No two tags look alike.", spec: object{"tags": object{"соst": "1"}}, field: "spec.tags"},
		"TagOfOthers":        {reason: "A tag poses as no label but one of ours for tags.", spec: object{"tags": object{"plumbline.dev/team": "other"}}, field: "spec.tags"},
		"ServiceLookalike":   {reason: "No two services look alike.", spec: object{"service": "сheckout"}, field: "spec.service"},
		"LifetimeDay":        {reason: "A lifetime ends on a day of the calendar.", spec: object{"lifetime": object{"expires": "2026-02-30"}}, field: "spec.lifetime.expires"},
		"LifetimeReview":     {reason: "A review is on a day too.", spec: object{"lifetime": object{"review": "soon"}}, field: "spec.lifetime.review"},
		"MemberTwice":        {reason: "Members are a set.", spec: object{"access": object{"members": []any{"a@example.com", "a@example.com"}}}, field: "spec.access.members[1]"},
		"RoleUnknown":        {reason: "A role is one that the Blueprint binds.", spec: grant("role", "Owner"), field: "spec.access.roles[0].role"},
		"RoleTwice":          {reason: "Roles are told apart by name.", spec: object{"access": object{"roles": []any{object{"role": "Admin"}, object{"role": "Admin"}}}}, field: "spec.access.roles[1]"},
		"SearchAccess":       {reason: "Access to indices is to read or to write.", spec: search("access", object{"access": "Admin"}), field: "spec.search.access[0].access"},
		"SearchTwice":        {reason: "Each access is given once.", spec: search("access", object{"access": "Reader"}, object{"access": "Reader"}), field: "spec.search.access[1]"},
		"SearchGroup":        {reason: "A group is an object id: its name is no proof.", spec: search("access", object{"access": "Reader", "groups": []any{"team"}}), field: "spec.search.access[0].groups[0]"},
		"SearchUser":         {reason: "A user is no pattern.", spec: search("access", object{"access": "Reader", "users": []any{"a*"}}), field: "spec.search.access[0].users[0]"},
		"KeyName":            {reason: "A key's name is part of a name.", spec: search("apiKeys", object{"name": "a.b", "access": "Reader"}), field: "spec.search.apiKeys[0].name"},
		"KeyTwice":           {reason: "Keys are told apart by name.", spec: search("apiKeys", object{"name": "a", "access": "Reader"}, object{"name": "a", "access": "Writer"}), field: "spec.search.apiKeys[1]"},
		"KeySecret":          {reason: "A Secret with a dot could be that of a certificate.", spec: search("apiKeys", object{"name": "a", "access": "Reader", "secretName": "a.b-tls"}), field: "spec.search.apiKeys[0].secretName"},
		"SystemUser":         {reason: "Kubernetes keeps names of the system to itself.", spec: grant("users", []any{"system:admin"}), field: "spec.access.roles[0].users[0]"},
		"SystemGroup":        {reason: "No claim lets in everybody.", spec: grant("groups", []any{"system:authenticated"}), field: "spec.access.roles[0].groups[0]"},
		"UserTwice":          {reason: "Users are a set.", spec: grant("users", []any{"a", "a"}), field: "spec.access.roles[0].users[1]"},
		"UserLookalike":      {reason: "No two names look alike.", spec: grant("users", []any{"аna@example.com"}), field: "spec.access.roles[0].users[0]"},
		"GroupNewline":       {reason: "A group's name is one line.", spec: grant("groups", []any{"a\nb"}), field: "spec.access.roles[0].groups[0]"},
		"AccountName":        {reason: "A service account has the name of one.", spec: grant("serviceAccounts", []any{object{"namespace": "ci", "name": "A"}}), field: "spec.access.roles[0].serviceAccounts[0].name"},
		"AccountNamespace":   {reason: "A service account lies in a namespace.", spec: grant("serviceAccounts", []any{object{"namespace": "", "name": "a"}}), field: "spec.access.roles[0].serviceAccounts[0].namespace"},
		"AccountTwice":       {reason: "Service accounts are told apart by namespace and name.", spec: grant("serviceAccounts", []any{object{"namespace": "ci", "name": "a"}, object{"namespace": "ci", "name": "a"}}), field: "spec.access.roles[0].serviceAccounts[1]"},
		"NoPeer":             {reason: "A peer is a service or a network.", spec: allow(object{"ports": []any{int64(80)}}), field: "spec.network.allowFrom[0]"},
		"TwoPeers":           {reason: "A peer is one of them.", spec: allow(object{"service": "a", "cidr": "10.0.0.0/8"}), field: "spec.network.allowFrom[0]"},
		"PeerEnvironment":    {reason: "A network is of no environment.", spec: allow(object{"environment": "prod", "cidr": "10.0.0.0/8"}), field: "spec.network.allowFrom[0]"},
		"PeerService":        {reason: "A service is a DNS label.", spec: allow(object{"service": "*"}), field: "spec.network.allowFrom[0].service"},
		"CIDRHostBits":       {reason: "A network has no host bits.", spec: allow(object{"cidr": "10.0.0.1/8"}), field: "spec.network.allowFrom[0].cidr"},
		"CIDRLongForm":       {reason: "A network is written in one way.", spec: allow(object{"cidr": "2001:DB8:0::/32"}), field: "spec.network.allowFrom[0].cidr"},
		"CIDRMapped":         {reason: "IPv4 is not hidden within IPv6.", spec: allow(object{"cidr": "::ffff:10.0.0.0/104"}), field: "spec.network.allowFrom[0].cidr"},
		"CIDRHost":           {reason: "A NetworkPolicy knows no hosts.", spec: allow(object{"cidr": "example.com"}), field: "spec.network.allowFrom[0].cidr"},
		"PeerPort":           {reason: "A port is one of TCP.", spec: allow(object{"service": "a", "ports": []any{int64(0)}}), field: "spec.network.allowFrom[0].ports[0]"},
		"PeerPortTwice":      {reason: "Ports are a set.", spec: allow(object{"service": "a", "ports": []any{int64(80), int64(80)}}), field: "spec.network.allowFrom[0].ports[1]"},
		"IndexName":          {reason: "An index has no dot, so that names split in one way.", spec: object{"search": object{"indices": []any{object{"name": "a.b"}}}}, field: "spec.search.indices[0].name"},
		"IndexWildcard":      {reason: "An index is no pattern.", spec: object{"search": object{"indices": []any{object{"name": "*"}}}}, field: "spec.search.indices[0].name"},
		"IndexTwice":         {reason: "Indices are told apart by name.", spec: object{"search": object{"indices": []any{object{"name": "a"}, object{"name": "a"}}}}, field: "spec.search.indices[1]"},
		"NoShards":           {reason: "An index has a shard.", spec: object{"search": object{"indices": []any{object{"name": "a", "shards": int64(0)}}}}, field: "spec.search.indices[0].shards"},
		"NegativeReplicas":   {reason: "Replicas are counted from none.", spec: object{"search": object{"indices": []any{object{"name": "a", "replicas": int64(-1)}}}}, field: "spec.search.indices[0].replicas"},
		"StreamName":         {reason: "A data stream has no dot, so that names split in one way.", spec: stream("name", "a.b"), field: "spec.search.streams[0].name"},
		"StreamTwice":        {reason: "Data streams are told apart by name.", spec: object{"search": object{"streams": []any{object{"name": "a"}, object{"name": "a"}}}}, field: "spec.search.streams[1]"},
		"StreamAndIndex":     {reason: "A name is that of one thing.", spec: object{"search": object{"indices": []any{object{"name": "a"}}, "streams": []any{object{"name": "a"}}}}, field: "spec.search"},
		"Retention":          {reason: "A retention is a number of days or hours.", spec: stream("retention", "forever"), field: "spec.search.streams[0].retention"},
		"RetentionNone":      {reason: "Nothing is kept for no time.", spec: stream("retention", "0d"), field: "spec.search.streams[0].retention"},
		"StreamShards":       {reason: "A data stream has a shard.", spec: stream("shards", int64(0)), field: "spec.search.streams[0].shards"},
		"MappingsList":       {reason: "A mapping is an object.", spec: stream("mappings", []any{}), field: "spec.search.streams[0].mappings"},
		"IndexMappings":      {reason: "So is that of an index.", spec: index("mappings", "x"), field: "spec.search.indices[0].mappings"},
		"EmptySetting":       {reason: "A setting says something.", spec: index("settings", object{"refresh_interval": ""}), field: "spec.search.indices[0].settings"},
		"AliasName":          {reason: "An alias is no pattern.", spec: index("aliases", []any{object{"name": "*"}}), field: "spec.search.indices[0].aliases[0].name"},
		"AliasTwice":         {reason: "Aliases of an index are told apart by name.", spec: index("aliases", []any{object{"name": "b"}, object{"name": "b"}}), field: "spec.search.indices[0].aliases[1]"},
		"AliasOfItself":      {reason: "An index has its name to itself.", spec: index("aliases", []any{object{"name": "a"}}), field: "spec.search"},
		"HostPattern":        {reason: "Only the first label of a host is a wildcard.", spec: route("host", "a.*.example.com"), field: "spec.routes[0].host"},
		"HostDot":            {reason: "A host has no dot at its end.", spec: route("host", "checkout.example.com."), field: "spec.routes[0].host"},
		"HostPort":           {reason: "A host has no port.", spec: route("host", "checkout.example.com:443"), field: "spec.routes[0].host"},
		"HostLookalike":      {reason: "A host is ASCII, so that no two look alike.", spec: route("host", "сheckout.example.com"), field: "spec.routes[0].host"},
		"HostLong":           {reason: "A host is a DNS name.", spec: route("host", strings.Repeat(sixty+".", 5)+"example.com"), field: "spec.routes[0].host"},
		"HostLabel":          {reason: "A host has two labels at least.", spec: route("host", "localhost"), field: "spec.routes[0].host"},
		"RelativePath":       {reason: "A path begins with /.", spec: route("path", "api"), field: "spec.routes[0].path"},
		"EmptySegment":       {reason: "A path has no empty segment: Kubernetes refuses it.", spec: route("path", "/a//b"), field: "spec.routes[0].path"},
		"PathType":           {reason: "A path is compared in one of three ways.", spec: route("pathType", "Suffix"), field: "spec.routes[0].pathType"},
		"PathSpace":          {reason: "No request's path has a space.", spec: route("path", "/a b"), field: "spec.routes[0].path"},
		"PathExpression":     {reason: "An expression is said to be one.", spec: route("path", "/v[0-9]+"), field: "spec.routes[0].path"},
		"RewriteExact":       {reason: "Only a prefix can be replaced.", spec: object{"routes": []any{object{"host": "checkout.example.com", "path": "/a", "pathType": "Exact", "rewrite": object{"prefix": "/"}, "service": "web", "port": int64(80)}}}, field: "spec.routes[0].rewrite"},
		"RewriteRelative":    {reason: "A path begins with /.", spec: route("rewrite", object{"prefix": "a"}), field: "spec.routes[0].rewrite.prefix"},
		"PluginTwice":        {reason: "Plugins are a set.", spec: route("plugins", []any{"cors", "cors"}), field: "spec.routes[0].plugins[1]"},
		"Timeout":            {reason: "A timeout is a time.", spec: route("timeouts", object{"request": "soon"}), field: "spec.routes[0].timeouts.request"},
		"Zone":               {reason: "A zone has a name.", spec: route("zone", "*"), field: "spec.routes[0].zone"},
		"RouteService":       {reason: "A route leads to a Service.", spec: route("service", "Web"), field: "spec.routes[0].service"},
		"Port":               {reason: "A port is one of TCP.", spec: route("port", int64(70000)), field: "spec.routes[0].port"},
		"ServiceAccountName": {reason: "A ServiceAccount has the name of a DNS label.", spec: object{"serviceAccountName": "My_App"}, field: "spec.serviceAccountName"},
		"ExtraName":          {reason: "An extra has the name of one.", spec: object{"extras": []any{object{"name": "A b"}}}, field: "spec.extras[0].name"},
		"ExtraTwice":         {reason: "An extra is asked for once.", spec: object{"extras": []any{object{"name": "a"}, object{"name": "a"}}}, field: "spec.extras[1]"},
		"DeletionPolicy":     {reason: "Data is kept or deleted.", spec: object{"deletion": object{"policy": "Maybe"}}, field: "spec.deletion.policy"},
	}
	claim, _ := crds(t)
	d := newDoor(t, claim)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := object{
				"apiVersion": "plumbline.dev/v1alpha1", "kind": "ServiceEnvironment",
				"metadata": object{"name": "checkout-prod", "namespace": "payments"},
				"spec":     object{"service": "checkout", "environment": "prod"},
			}
			if tc.name != "" {
				c["metadata"].(object)["name"] = tc.name
			}
			maps.Copy(c["spec"].(object), tc.spec)
			maps.DeleteFunc(c["spec"].(object), func(_ string, v any) bool { return v == nil })

			errs := d.Admit(t.Context(), clone(t, c), nil)
			if len(errs) == 0 || !strings.Contains(errs.ToAggregate().Error(), tc.field) {
				t.Errorf("\n%s\nThe door refuses it at %s, got: %v", tc.reason, tc.field, errs.ToAggregate())
			}
			typed := &v1alpha1.ServiceEnvironment{}
			data, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, typed); err != nil {
				t.Fatal(err)
			}
			_, err = rehearsal.Run(typed, nil, time.Now())
			refused := &rehearsal.RefusedError{}
			if !errors.As(err, &refused) || !strings.Contains(strings.Join(refused.Mistakes, "; "), tc.field) {
				t.Errorf("\n%s\nThe function refuses it at %s, got: %v %v", tc.reason, tc.field, err, refused.Mistakes)
			}
		})
	}
}

// route is a right route, but for one field.
func route(field string, value any) object {
	r := object{"host": "checkout.example.com", "path": "/", "service": "web", "port": int64(80)}
	r[field] = value
	return object{"routes": []any{r}}
}

// grant is a right grant of a role, but for one field.
func grant(field string, value any) object {
	g := object{"role": "Viewer"}
	g[field] = value
	return object{"access": object{"roles": []any{g}}}
}

// allow lets one peer in.
func allow(peer object) object {
	return object{"network": object{"allowFrom": []any{peer}}}
}

// index is a right index, but for one field.
func index(field string, value any) object {
	i := object{"name": "a"}
	i[field] = value
	return object{"search": object{"indices": []any{i}}}
}

// stream is a right data stream, but for one field.
func stream(field string, value any) object {
	s := object{"name": "a"}
	s[field] = value
	return object{"search": object{"streams": []any{s}}}
}

// search asks for an index, and for access to it.
func search(field string, items ...any) object {
	return object{"search": object{"indices": []any{object{"name": "orders"}}, field: items}}
}
