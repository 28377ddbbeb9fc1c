import { asLabel } from './pod-targets';
import type { RelabelRule } from './scraping';

/**
 * What annotations say of a target, as rules. Several prefixes are read as one: what more than one of them says, the first in the list says.
 * A value that cannot be meant is as if it were not there: it would take the target away, or others with it.
 */
export class Annotations {
  constructor(
    private readonly kind: 'pod' | 'service',
    private readonly prefixes: readonly string[],
  ) {}

  /** What wants to be scraped, by any of the prefixes. */
  get wanted(): Pick<RelabelRule, 'source_labels' | 'regex'> {
    const alternatives = this.prefixes.map((_, one) => this.prefixes.map((__, index) => (index === one ? 'true' : '.*')).join(';'));
    return { source_labels: this.prefixes.map((prefix) => this.label(prefix, 'scrape')), regex: alternatives.join('|') };
  }

  /** Rules for the label that holds an annotation. A later rule wins, so the first prefix comes last. */
  each(name: string, rules: (label: string) => RelabelRule[]): RelabelRule[] {
    return [...this.prefixes].reverse().flatMap((prefix) => rules(this.label(prefix, name)));
  }

  /** How a target is asked, but for its port. */
  asked(timeoutSeconds: number): RelabelRule[] {
    return [
      ...this.replaced('scheme', '(https?)', '__scheme__'),
      ...this.replaced('path', '(.+)', '__metrics_path__'),
      ...this.each('param', (label) => [{ regex: `${label}_(.+)`, replacement: '__param_$1', action: 'labelmap' }]),
      ...this.replaced('interval', '([1-9]\\d{0,4}[smh])', '__scrape_interval__'),
      // Nobody waits for an answer longer than until the next question: such a target would be none.
      {
        source_labels: ['__scrape_interval__'],
        regex: `((?:${secondsTo(timeoutSeconds)})s)`,
        target_label: '__scrape_timeout__',
        action: 'replace',
      },
    ];
  }

  private replaced(name: string, regex: string, target: string): RelabelRule[] {
    return this.each(name, (label) => [{ source_labels: [label], regex, target_label: target, action: 'replace' }]);
  }

  private label(prefix: string, name: string): string {
    return `__meta_kubernetes_${this.kind}_annotation_${asLabel(prefix)}_${name}`;
  }
}

const secondsTo = (timeout: number) => Array.from({ length: Math.floor(timeout) }, (_, index) => index + 1).join('|');
