import { type Endpoint, Reach } from '../kubernetes/endpoint';
import type { CollectorProps } from './collector';
import { Component } from './component';
import { ConfigValue } from './config-value';
import { Source, type SourceBinding } from './source';

const loopback = { name: 'own-telemetry', port: 4319 };

/**
 * The metrics of the collector itself, taken in by its own pipelines. What exports them knows neither the name in a certificate nor a token:
 * sinks do, and they wait where it would drop.
 */
class OwnTelemetryReceiver extends Source {
  bind(): SourceBinding {
    const otlp = Component.receiver({
      componentType: 'otlp',
      name: 'own',
      config: { protocols: { http: { endpoint: ConfigValue._listenLocally(loopback.name, loopback.port) } } },
    });
    // Counted as what it is.
    return { receivers: { metrics: [otlp] }, rows: [] };
  }
}

/** How a role's own metrics go where everything goes: straight to an address that takes plain text from anybody, else through the role's own pipelines. */
export function routeOwnTelemetry(
  sources: Source[],
  to: Endpoint | undefined,
  secured: boolean,
): Pick<CollectorProps, 'sources' | 'ownTelemetry'> {
  return secured
    ? {
        sources: [...sources, new OwnTelemetryReceiver()],
        ownTelemetry: { host: 'localhost', port: loopback.port, reach: Reach.anywhere() },
      }
    : { sources, ownTelemetry: to };
}
