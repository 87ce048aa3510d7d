package elasticsearch

import (
	"maps"
	"regexp"
	"slices"
)

// retention is a time for which data is kept: a time unit of Elasticsearch, above 0.
var retention = regexp.MustCompile(`^[1-9]\d*(nanos|micros|ms|s|m|h|d)$`)

// parseLifecycle brings a data stream lifecycle into the form that is kept.
func parseLifecycle(in object) (object, error) {
	out := object{"enabled": true}
	for _, k := range slices.Sorted(maps.Keys(in)) {
		switch v := in[k]; k {
		case "enabled":
			if _, is := v.(bool); !is {
				return nil, illegal("Failed to parse value [%v] as only [true] or [false] are allowed.", v)
			}
			out[k] = v
		case "data_retention":
			if text, is := v.(string); v != nil && (!is || !retention.MatchString(text)) {
				return nil, illegal("failed to parse setting [data_retention] with value [%v] as a time value", v)
			}
			if v != nil {
				out[k] = v
			}
		case "downsampling":
			out[k] = v
		default:
			return nil, unknownField("lifecycle", k)
		}
	}
	return out, nil
}

// effective is a lifecycle as it is shown: no limit of the cluster's stands above it.
func effective(lifecycle object) object {
	out := maps.Clone(lifecycle)
	if keeps := lifecycle["data_retention"]; keeps != nil {
		out["effective_retention"], out["retention_determined_by"] = keeps, "data_stream_configuration"
	}
	return out
}

func (s *Server) getLifecycles(r *request) (answer, error) {
	found, err := s.streamsOf(r)
	if err != nil {
		return answer{}, err
	}
	out := []any{}
	for _, d := range found {
		shown := object{"name": d.name}
		if d.lifecycle != nil {
			shown["lifecycle"] = effective(d.lifecycle)
		}
		out = append(out, shown)
	}
	return ok(object{"data_streams": out, "global_retention": object{}}), nil
}

func (s *Server) putLifecycle(r *request) (answer, error) {
	body, err := r.object()
	if err != nil {
		return answer{}, err
	}
	lifecycle, err := parseLifecycle(body)
	if err != nil {
		return answer{}, err
	}
	return s.setLifecycles(r, lifecycle)
}

func (s *Server) deleteLifecycle(r *request) (answer, error) { return s.setLifecycles(r, nil) }

func (s *Server) setLifecycles(r *request, lifecycle object) (answer, error) {
	found, err := s.streamsOf(r)
	if err != nil {
		return answer{}, err
	}
	for _, d := range found {
		d.lifecycle = maps.Clone(lifecycle)
	}
	return acknowledged(), nil
}
