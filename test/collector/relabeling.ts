/**
 * What Prometheus does with relabel rules, as far as our rules go: see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config.
 * Rules are read from the collector's configuration, where a literal `$` is written twice.
 */
export type Labels = Record<string, string>;

interface Rule {
  source_labels?: string[];
  regex?: string;
  action?: string;
  target_label?: string;
  replacement?: string;
}

/** The labels of a target behind the rules, without those that Prometheus takes away; undefined if it is dropped. Sharding is left out. */
export function relabeled(target: Labels, rules: Rule[]): Labels | undefined {
  const labels = { ...target };
  for (const rule of rules) {
    const regex = new RegExp(`^(?:${(rule.regex ?? '(.*)').replaceAll('$$', '$')})$`);
    const replacement = (rule.replacement ?? '$1').replaceAll('$$', '$');
    const value = (rule.source_labels ?? []).map((name) => labels[name] ?? '').join(';');
    switch (rule.action) {
      case 'keep':
        if (!rule.source_labels?.includes('__tmp_hash') && !regex.test(value)) return undefined;
        break;
      case 'drop':
        if (regex.test(value)) return undefined;
        break;
      case 'replace':
        if (regex.test(value)) labels[rule.target_label as string] = value.replace(regex, replacement);
        break;
      case 'labelmap':
        for (const name of Object.keys(labels).filter((candidate) => regex.test(candidate))) {
          labels[name.replace(regex, replacement)] = labels[name];
        }
        break;
      case 'labeldrop':
        for (const name of Object.keys(labels).filter((candidate) => regex.test(candidate))) {
          delete labels[name];
        }
        break;
      case 'hashmod':
        break;
      default:
        throw new Error(`no such action: ${rule.action}`);
    }
  }
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith('__meta_') && !name.startsWith('__tmp_')));
}
