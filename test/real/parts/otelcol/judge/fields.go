package main

import (
	"encoding"
	"reflect"
	"strings"
	"time"

	"go.opentelemetry.io/collector/otelcol"
)

// field is one field, or what a list or a map holds. An object that is met within itself has no fields the second time.
type field struct {
	Holds  string           `json:"holds"`
	Of     *field           `json:"of,omitempty"`
	Fields map[string]field `json:"fields,omitempty"`
}

func fields(factories otelcol.Factories) map[string]map[string]field {
	found := map[string]map[string]field{}
	for kind, named := range all(factories) {
		found[kind] = map[string]field{}
		for name, factory := range named {
			found[kind][name.String()] = fieldOf(reflect.TypeOf(factory.CreateDefaultConfig()), map[reflect.Type]bool{})
		}
	}
	return found
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

func fieldOf(of reflect.Type, above map[reflect.Type]bool) field {
	if of == nil {
		return field{Holds: "object"}
	}
	of = bare(of)
	if of == reflect.TypeFor[time.Duration]() {
		return field{Holds: "duration"}
	}
	if reflect.PointerTo(of).Implements(textUnmarshaler) {
		return field{Holds: "text"}
	}
	switch of.Kind() {
	case reflect.Bool:
		return field{Holds: "boolean"}
	case reflect.String:
		return field{Holds: "text"}
	case reflect.Float32, reflect.Float64:
		return field{Holds: "number"}
	case reflect.Slice, reflect.Array:
		of := fieldOf(of.Elem(), above)
		return field{Holds: "list", Of: &of}
	case reflect.Map:
		of := fieldOf(of.Elem(), above)
		return field{Holds: "map", Of: &of}
	case reflect.Interface:
		return field{Holds: "any"}
	case reflect.Struct:
		if above[of] {
			return field{Holds: "object"}
		}
		above[of] = true
		defer delete(above, of)
		found := field{Holds: "object", Fields: map[string]field{}}
		collect(of, found.Fields, above)
		return found
	default:
		return field{Holds: "integer"}
	}
}

// bare is a type without pointers and without configoptional.Optional around it.
func bare(of reflect.Type) reflect.Type {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if strings.HasPrefix(of.Name(), "Optional[") {
		value, _ := of.FieldByName("value")
		return bare(value.Type)
	}
	return of
}

// collect adds the fields of a struct, and of those that are squashed into it.
func collect(of reflect.Type, found map[string]field, above map[reflect.Type]bool) {
	for index := range of.NumField() {
		member := of.Field(index)
		name, options, _ := strings.Cut(member.Tag.Get("mapstructure"), ",")
		switch {
		case options == "squash":
			collect(bare(member.Type), found, above)
		case name != "" && name != "-":
			found[name] = fieldOf(member.Type, above)
		}
	}
}
