// Program judge lets the components of the tested collector read configurations: many at once, each alone, without a pipeline around it.
//
//	judge <cases.yaml     a list of {kind, type, config}; prints a JSON list: what is wrong with each, or ""
//	judge fields          prints the fields of each component's configuration, as its Go types have them
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/otelcol"
)

func main() {
	factories, err := components()
	if err == nil && len(os.Args) > 1 {
		err = print(fields(factories))
	} else if err == nil {
		err = judge(factories)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func print(value any) error {
	return json.NewEncoder(os.Stdout).Encode(value)
}

func judge(factories otelcol.Factories) error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	retrieved, err := confmap.NewRetrievedFromYAML(text)
	if err != nil {
		return err
	}
	raw, err := retrieved.AsRaw()
	if err != nil {
		return err
	}
	verdicts := []string{}
	for _, given := range raw.([]any) {
		one := given.(map[string]any)
		verdicts = append(verdicts, verdict(factories, one["kind"].(string), one["type"].(string), one["config"]))
	}
	return print(verdicts)
}

// verdict is what a collector says of one component's configuration when it starts: it is read, then validated.
func verdict(factories otelcol.Factories, kind, name string, given any) (said string) {
	defer func() {
		if panicked := recover(); panicked != nil {
			said = fmt.Sprintf("panic: %v", panicked)
		}
	}()
	factory, ok := all(factories)[kind][component.MustNewType(name)]
	if !ok {
		return "unknown type"
	}
	config := factory.CreateDefaultConfig()
	settings, _ := given.(map[string]any)
	if err := confmap.NewFromStringMap(settings).Unmarshal(&config); err != nil {
		return "unmarshal: " + err.Error()
	}
	if err := confmap.Validate(config); err != nil {
		return "validate: " + err.Error()
	}
	return ""
}

// all has the factories of each kind.
func all(factories otelcol.Factories) map[string]map[component.Type]component.Factory {
	return map[string]map[component.Type]component.Factory{
		"receiver":  widened(factories.Receivers),
		"processor": widened(factories.Processors),
		"exporter":  widened(factories.Exporters),
		"connector": widened(factories.Connectors),
		"extension": widened(factories.Extensions),
	}
}

func widened[F component.Factory](factories map[component.Type]F) map[component.Type]component.Factory {
	wide := map[component.Type]component.Factory{}
	for name, factory := range factories {
		wide[name] = factory
	}
	return wide
}
