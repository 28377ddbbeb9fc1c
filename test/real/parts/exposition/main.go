// A program with metrics as the client library of Prometheus writes them, native histograms among them, which no text format can hold.
//
//	exposition ADDRESS
//
// What was observed is the same at every start; expectations are written by hand.
package main

import (
	"log"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	registry := prometheus.NewRegistry()
	// Each bucket is twice as wide as the one before it.
	native := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "native_seconds", NativeHistogramBucketFactor: 2})
	both := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "both_seconds", Buckets: []float64{1, 10}, NativeHistogramBucketFactor: 2})
	classic := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "classic_seconds", Buckets: []float64{1, 10}})
	// A thousand buckets, of a program that nobody bounded.
	wide := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "wide_seconds", NativeHistogramBucketFactor: 1.01})
	registry.MustRegister(native, both, classic, wide)
	for _, value := range []float64{0, 1.5, 3, 3, 100} {
		native.Observe(value)
		both.Observe(value)
		classic.Observe(value)
	}
	for value := 1.0; value < 1e6; value *= 1.01 {
		wide.Observe(value)
	}
	log.Fatal(http.ListenAndServe(os.Args[1], promhttp.HandlerFor(registry, promhttp.HandlerOpts{})))
}
