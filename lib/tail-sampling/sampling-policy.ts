import { Duration } from 'cdk8s';
import { KeptShare } from '../collector/kept-share';
import { duration, instance, integer, list, number, refuse, required, text } from '../kubernetes/checks';

/** Which traces are kept. A trace that one policy keeps is kept whole. */
export class SamplingPolicy {
  /** Traces with a span that failed. */
  static errors(): SamplingPolicy {
    return new SamplingPolicy('errors', { type: 'status_code', status_code: { status_codes: ['ERROR'] } });
  }

  /**
   * Traces that took longer, from the begin of their first span to the end of their last.
   * @throws if it is none from a millisecond to a day
   */
  static slowerThan(threshold: Duration): SamplingPolicy {
    refuse('SamplingPolicy.slowerThan', { threshold }, { threshold: required(duration(Duration.millis(1), Duration.days(1))) });
    const milliseconds = threshold.toMilliseconds();
    return new SamplingPolicy(`slower-than-${milliseconds}ms`, { type: 'latency', latency: { threshold_ms: milliseconds } });
  }

  /**
   * A share of all traces.
   * @param share above 0 and up to 1
   * @throws if it is none
   */
  static ratio(share: number): SamplingPolicy {
    refuse('SamplingPolicy.ratio', { share }, { share: required(number(0.0001, 1)) });
    const percentage = Number((share * 100).toPrecision(6));
    return new SamplingPolicy(
      `ratio-${percentage}-percent`,
      { type: 'probabilistic', probabilistic: { sampling_percentage: percentage } },
      share,
    );
  }

  /**
   * Traces with a span, or the resource of one, whose attribute has one of the values.
   * @throws if there is no name or no value
   */
  static attribute(name: string, values: string[]): SamplingPolicy {
    refuse(
      'SamplingPolicy.attribute',
      { name, values },
      { name: required(text()), values: required(list(text({ max: 1024 }), { min: 1 })) },
    );
    return new SamplingPolicy(`attribute-${name}-${values.join('-or-')}`, {
      type: 'string_attribute',
      string_attribute: { key: name, values },
    });
  }

  /**
   * Traces as long as fewer spans than these are kept a second, in each pod.
   * @throws if it is none
   */
  static spansPerSecond(spans: number): SamplingPolicy {
    refuse('SamplingPolicy.spansPerSecond', { spans }, { spans: required(integer(1, 10_000_000)) });
    return new SamplingPolicy(`${spans}-spans-per-second`, { type: 'rate_limiting', rate_limiting: { spans_per_second: spans } });
  }

  /**
   * Traces that all of the policies keep: a share of a service's, `SamplingPolicy.all(SamplingPolicy.attribute('service.name', ['chatty']), SamplingPolicy.ratio(0.01))`.
   * @throws if there are fewer than two
   */
  static all(...policies: SamplingPolicy[]): SamplingPolicy {
    refuse('SamplingPolicy.all', { policies }, { policies: required(list(samplingPolicy, { min: 2 })) });
    const parts = policies.map(({ _name, _config }) => ({ name: _name, ..._config }));
    return new SamplingPolicy(policies.map(({ _name }) => _name).join('-and-'), { type: 'and', and: { and_sub_policy: parts } });
  }

  private constructor(
    /** @internal */
    readonly _name: string,
    /** @internal */
    readonly _config: Readonly<Record<string, unknown>>,
    /** @internal Of all traces, where that is known. */
    readonly _share?: number,
  ) {}

  /** @internal For estimates: of all traces it keeps next to none. */
  _ofFew(): SamplingPolicy {
    return new SamplingPolicy(this._name, this._config, 0);
  }
}

/** What all policies keep together: shares are of the same numbers of traces, so that a smaller one lies within a larger one. */
export function keptByPolicies(policies: readonly SamplingPolicy[]): KeptShare {
  const known = policies.flatMap(({ _share }) => (_share ? [_share] : []));
  const share = known.length > 0 ? Math.max(...known) : 1;
  const others = policies.filter(({ _share }) => _share === undefined).map(({ _name }) => _name);
  const kept = KeptShare.of({ traces: share });
  if (others.length === 0 || (share === 1 && known.length > 0)) {
    return kept;
  }
  const what = known.length > 0 ? `what ${others.join(', ')} keep of traces besides` : `what ${others.join(', ')} do not keep of traces`;
  return kept._but(`tail_sampling: ${what}`, ['traces']);
}

export const samplingPolicy = instance('SamplingPolicy.errors(), .slowerThan(…), .ratio(…) or another one', '_config');
