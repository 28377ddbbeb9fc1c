import { list, refuse, required, text } from '../../kubernetes/checks';
import { Component } from '../component';
import { KeptShare } from '../kept-share';
import { re2Pattern } from '../logs/pattern';
import { everySignal, Processor } from '../processor';
import { nameOf, patternOf } from './ottl';

/**
 * Masks what must not be stored: `****` stands in its place. It looks at resources, spans, their events, log records and metric points.
 *
 * @example
 * const processors = [Redact.attributes(['user.email']), Redact.values([Redact.CARD_NUMBER])];
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/redactionprocessor
 */
export class Redact {
  /** Numbers of payment cards: 13 to 16 digits as the large schemes give them, in groups or not. Check digits are not looked at. */
  static readonly CARD_NUMBER =
    '\\b(?:4\\d{3}|5[1-5]\\d{2}|2[2-7]\\d{2}|3[47]\\d{2}|6(?:011|5\\d{2}))[ -]?(?:\\d{4}[ -]?\\d{4}[ -]?\\d{1,4}|\\d{6}[ -]?\\d{5})\\b';
  /** Addresses of e-mail. */
  static readonly EMAIL = '\\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}\\b';

  /**
   * The whole value of attributes, whatever its type.
   * @param names of attributes; `*` stands for any characters and `?` for one
   * @throws if one is no name
   */
  static attributes(names: string[]): Processor {
    refuse('Redact.attributes', { names }, { names: required(list(text({ max: 255 }), { min: 1 })) });
    return masking({
      blocked_key_patterns: names.map((name) => `^${patternOf(name)}$`),
      redact_all_types: true,
    });
  }

  /**
   * The part of texts that matches: in attributes and in bodies of log records. Each pattern is tried on each text, so it costs.
   * @param patterns of RE2: `Redact.CARD_NUMBER`, `Redact.EMAIL`, or one of your own
   * @throws if one is not one of RE2
   */
  static values(patterns: string[]): Processor {
    refuse('Redact.values', { patterns }, { patterns: required(list(re2Pattern(), { min: 1 })) });
    return masking({ blocked_values: patterns });
  }

  private constructor() {}
}

/** Without the summary that upstream adds: it names what was found. */
function masking(what: Record<string, unknown>): Processor {
  const config = { allow_all_keys: true, summary: 'silent', ...what };
  const redaction = Component.processor({ componentType: 'redaction', name: nameOf('redact', config), config });
  return Processor._of({ processors: everySignal(redaction), keeps: KeptShare.everything() });
}
