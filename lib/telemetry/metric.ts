import { list, nearest, oneOf, refuse, required, text } from '../kubernetes/checks';
import { problemReport } from '../kubernetes/problems';
import { Instrument } from './instrument';
import { metricCatalogue } from './metric-catalogue';

/** A metric that no source of this library gives. */
export interface MetricProps {
  /** As it stands in `MetricName`, e.g. `http.server.request.duration`. */
  readonly name: string;
  /** What kind of numbers it holds. */
  readonly instrument: Instrument;
  /** In UCUM, e.g. `s`, `By`, `{request}`. */
  readonly unit: string;
  /**
   * Keys of its attributes.
   * @default - none
   */
  readonly attributes?: string[];
}

/** A metric, by the name that it is stored under. What is known of it decides which table is asked and how. */
export class Metric {
  /**
   * A metric that a source of this library gives, e.g. `k8s.node.cpu.usage`.
   * @throws if there is no such metric, with the nearest names
   */
  static named(name: string): Metric {
    const known = metricCatalogue()[name];
    if (!known) {
      throw new Error(
        problemReport('Metric.named', [
          {
            where: 'name',
            given: JSON.stringify(name),
            allowed: nearestMetric(name),
            fix: 'For a metric of your own: Metric.custom({ name, instrument, unit })',
          },
        ]),
      );
    }
    return new Metric(name, known.instrument, known.unit, [...known.attributes]);
  }

  /**
   * A metric of your own.
   * @throws if a property is wrong, with all that is wrong
   */
  static custom(props: MetricProps): Metric {
    refuse<MetricProps>('Metric.custom', props, {
      name: required(text()),
      instrument: required(oneOf(Instrument)),
      unit: required((value, where) =>
        typeof value === 'string' ? [] : [{ where, given: String(value), allowed: 'a unit, or an empty text' }],
      ),
      attributes: list(text()),
    });
    return new Metric(props.name, props.instrument, props.unit, props.attributes ?? []);
  }

  private constructor(
    /** As it stands in `MetricName`. */
    readonly name: string,
    /** What kind of numbers it holds. */
    readonly instrument: Instrument,
    /** In UCUM, e.g. `s`, `By`, `1`. */
    readonly unit: string,
    /** The attributes that tell its series apart. */
    readonly attributes: string[],
  ) {}
}

function nearestMetric(name: string): string {
  const names = Object.keys(metricCatalogue());
  const near = nearest(name, names);
  return near.startsWith('did you mean') ? near : `one of ${names.length} names that sources give`;
}
