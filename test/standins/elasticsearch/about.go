package elasticsearch

const clusterName = "standin"

// about is what clients ask first.
func (s *Server) about(*request) (answer, error) {
	wire, kept := "7.17.0", "7.0.0"
	if s.major() != "8" {
		wire, kept = "8.19.0", "8.0.0"
	}
	return ok(object{
		"name": "standin-0", "cluster_name": clusterName, "cluster_uuid": "c3RhbmRpbi1jbHVzdGVyLXU",
		"version": object{
			"number": s.options.Version, "build_flavor": "default", "build_type": "docker",
			"build_hash": "0000000000000000000000000000000000000000", "build_date": "2026-01-01T00:00:00.000000000Z",
			"build_snapshot": false, "lucene_version": "10.0.0",
			"minimum_wire_compatibility_version": wire, "minimum_index_compatibility_version": kept,
		},
		"tagline": "You Know, for Search",
	}), nil
}
