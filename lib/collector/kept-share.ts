import { number, refuse, required, struct } from '../kubernetes/checks';
import { type SignalName, signals } from './signal';

/** Shares of what goes in, from 0 to 1. */
export interface SignalShares {
  /**
   * Of log records.
   * @default 1
   */
  readonly logs?: number;
  /**
   * Of points of metrics, besides the metrics that are known to be dropped by name.
   * @default 1
   */
  readonly metrics?: number;
  /**
   * Of spans. Of several in turn the smallest share stays, as samplers go by the trace's id.
   * @default 1
   */
  readonly traces?: number;
}

/** How much of what goes in comes out again: for estimates, which name whatever does not say it. */
export class KeptShare {
  /** As much as goes in. */
  static everything(): KeptShare {
    return KeptShare.of({});
  }

  /**
   * So much of each signal.
   * @throws if a share is none
   */
  static of(shares: SignalShares): KeptShare {
    refuse('KeptShare.of', { shares }, { shares: required(struct<SignalShares>({ logs: share, metrics: share, traces: share })) });
    return new KeptShare({ ...everything, ...defined(shares) }, []);
  }

  /** @internal What comes out one after the other. */
  static _inTurn(...parts: KeptShare[]): KeptShare {
    const shares = eachSignal((signal) => {
      const each = parts.map(({ _shares }) => _shares[signal]);
      // Samplers of traces all go by the trace's id: what a smaller share keeps is among what a larger one kept.
      return signal === 'traces' ? Math.min(1, ...each) : each.reduce((product, share) => product * share, 1);
    });
    return new KeptShare(
      shares,
      parts.flatMap(({ _unknown }) => _unknown),
    );
  }

  private constructor(
    /** @internal */
    readonly _shares: Readonly<Record<SignalName, number>>,
    /** @internal What nobody knows the share of, or what it does besides. */
    readonly _unknown: readonly Unknown[],
  ) {}

  /** @internal The share of one signal, and what is not known of it. */
  _of(signal: SignalName): KeptShare {
    const only = eachSignal((other) => (other === signal ? this._shares[signal] : 1));
    return new KeptShare(
      only,
      this._unknown.filter((unknown) => unknown.signal === signal),
    );
  }

  /** @internal But for what nobody knows of some signals. */
  _but(what: string, of: readonly SignalName[]): KeptShare {
    return new KeptShare(this._shares, [...this._unknown, ...of.map((signal) => ({ signal, what }))]);
  }

  /** @internal In the words of who has it. */
  _in(collector: string): KeptShare {
    return new KeptShare(
      this._shares,
      this._unknown.map(({ signal, what }) => ({ signal, what: `${collector} / ${what}` })),
    );
  }
}

interface Unknown {
  readonly signal: SignalName;
  readonly what: string;
}

const share = number(0, 1);

const eachSignal = (of: (signal: SignalName) => number) =>
  Object.fromEntries(signals.map((signal) => [signal, of(signal)])) as Record<SignalName, number>;

const everything = eachSignal(() => 1);

const defined = (shares: SignalShares) => Object.fromEntries(Object.entries(shares).filter(([, value]) => value !== undefined));
