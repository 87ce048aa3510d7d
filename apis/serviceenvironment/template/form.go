package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// A page of a form.
type page struct {
	Title      string         `json:"title"`
	Required   []string       `json:"required,omitempty"`
	Properties map[string]any `json:"properties"`
	Order      []string       `json:"ui:order"`
}

// A purpose of a form.
type purpose int

const (
	forNew purpose = iota
	// forChange asks for nothing, as what is left out stays as it is, and not for what
	// cannot change.
	forChange
)

// chapters are the pages of a form and their fields, in order. Every other field is on
// the last page, so that none can be forgotten.
func chapters() []page {
	return []page{
		{Title: "Environment", Order: []string{"service", "environment", "size", "description", "tags"}},
		{Title: "Access", Order: []string{"access"}},
		{Title: "Search", Order: []string{"search"}},
		{Title: "Routes", Order: []string{"routes"}},
		{Title: "More"},
	}
}

// pages are the whole form.
func pages(spec apiextensionsv1.JSONSchemaProps, why purpose) []page {
	out := chapters()
	last := &out[len(out)-1]
	for _, name := range slices.Sorted(maps.Keys(spec.Properties)) {
		if !slices.ContainsFunc(out, func(p page) bool { return slices.Contains(p.Order, name) }) {
			last.Order = append(last.Order, name)
		}
	}
	for i := range out {
		p := &out[i]
		p.Properties = map[string]any{}
		if why == forChange {
			p.Order = slices.DeleteFunc(p.Order, func(name string) bool { return fixed(spec.Properties[name]) })
		}
		for _, name := range p.Order {
			p.Properties[name] = question(spec.Properties[name])
			if why == forNew && slices.Contains(spec.Required, name) {
				p.Required = append(p.Required, name)
			}
		}
	}
	return out
}

// fixed says whether a field cannot change.
func fixed(field apiextensionsv1.JSONSchemaProps) bool {
	return slices.ContainsFunc(field.XValidations, func(r apiextensionsv1.ValidationRule) bool { return r.Rule == "self == oldSelf" })
}

// question is a field as a form asks for it: its schema without what only Kubernetes
// knows. Rules between fields it cannot hold; they are checked on the pull request.
func question(field apiextensionsv1.JSONSchemaProps) map[string]any {
	q := map[string]any{"type": field.Type}
	put := func(key string, value any, there bool) {
		if there {
			q[key] = value
		}
	}
	put("title", field.Title, field.Title != "")
	put("description", strings.Join(strings.Fields(field.Description), " "), field.Description != "" && field.Title != "")
	put("pattern", field.Pattern, field.Pattern != "")
	put("format", field.Format, field.Format == "date")
	put("minLength", field.MinLength, field.MinLength != nil)
	put("maxLength", field.MaxLength, field.MaxLength != nil)
	put("minimum", field.Minimum, field.Minimum != nil)
	put("maximum", field.Maximum, field.Maximum != nil)
	put("minItems", field.MinItems, field.MinItems != nil)
	put("maxItems", field.MaxItems, field.MaxItems != nil)
	put("maxProperties", field.MaxProperties, field.MaxProperties != nil)
	put("uniqueItems", true, field.XListType != nil && *field.XListType == "set")
	put("enum", values(field.Enum), len(field.Enum) > 0)
	if field.Default != nil {
		put("default", value(*field.Default), true)
	}
	if field.Example != nil && field.Type == "string" && len(field.Enum) == 0 {
		put("ui:placeholder", value(*field.Example), true)
	}
	if inner := field.AdditionalProperties; inner != nil && inner.Schema != nil {
		put("additionalProperties", question(*inner.Schema), true)
	}
	if field.Items != nil && field.Items.Schema != nil {
		put("items", question(*field.Items.Schema), true)
	}
	askWithin(q, field)
	return q
}

// askWithin asks for the fields of an object, those first that must be there.
func askWithin(q map[string]any, object apiextensionsv1.JSONSchemaProps) {
	if len(object.Properties) == 0 {
		return
	}
	properties := map[string]any{}
	for _, name := range inOrder(object) {
		properties[name] = question(object.Properties[name])
	}
	q["properties"], q["ui:order"] = properties, inOrder(object)
	if len(object.Required) > 0 {
		q["required"] = object.Required
	}
}

// inOrder are the fields of an object that a form can ask for, those first that must
// be there. It cannot ask for objects of any form, such as a mapping of Elasticsearch:
// those are written in the claim itself.
func inOrder(object apiextensionsv1.JSONSchemaProps) []string {
	var first, rest []string
	for _, name := range slices.Sorted(maps.Keys(object.Properties)) {
		field := object.Properties[name]
		switch {
		case field.XPreserveUnknownFields != nil && *field.XPreserveUnknownFields:
		case slices.Contains(object.Required, name):
			first = append(first, name)
		default:
			rest = append(rest, name)
		}
	}
	return append(first, rest...)
}

func values(list []apiextensionsv1.JSON) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = value(v)
	}
	return out
}

func value(v apiextensionsv1.JSON) any {
	var out any
	if json.Unmarshal(v.Raw, &out) != nil {
		return string(v.Raw)
	}
	return out
}
