import fc from 'fast-check';
import { parse } from 'yaml';
import { EnvironmentReference, literal, literals } from '../../lib/grafana/files/interpolation';
import { provisioningFile } from '../../lib/grafana/files/provisioning-file';

/** What Grafana does to a text of a provisioning file, from its description: `$$` is a `$`; between those, `${X}`, `$__env{X}` and `$X` are values of the environment. */
function interpolated(text: string, environment: Record<string, string>): string {
  const expand = (part: string) =>
    part.replace(/\$(?:__env)?\{(\w+)\}/g, (_, name) => environment[name] ?? '').replace(/\$(\w+)/g, (_, name) => environment[name] ?? '');
  return text.split('$$').map(expand).join('$');
}

const awkward = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '$',
    '$$',
    '$$$',
    '${HOME}',
    '$__env{HOME}',
    '$HOME$',
    '{{ $labels.x }}',
    'a: b',
    '- x',
    'no',
    '24:00',
    '=',
    '~',
    "'",
    '"',
    '#',
    'line\nline',
    ' x ',
    '\ttab\n',
  ),
);

test('a literal text arrives as it is, through YAML and interpolation', () => {
  fc.assert(
    fc.property(awkward, (text) => {
      expect(interpolated(parse(provisioningFile({ value: literal(text) })).value, { HOME: 'gone' })).toBe(text);
    }),
  );
});

test('a reference arrives as the value of the environment, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const tree = literals({ settings: { password: new EnvironmentReference('SECRET_X') }, list: ['$5'] });
      const { settings, list } = parse(provisioningFile(tree as object));
      // Expanded once: a `$` within the value is not looked at again.
      expect(settings.password.replace('$SECRET_X', () => value)).toBe(value);
      expect(interpolated(list[0], {})).toBe('$5');
    }),
  );
});

test('what is not interpolated is written as it is', () => {
  fc.assert(
    fc.property(awkward, (text) => {
      expect(parse(provisioningFile({ rawSql: text })).rawSql).toBe(text);
    }),
  );
});

test('no line looks like a secret to a scanner', () => {
  const text = provisioningFile(
    literals({
      secureJsonData: { password: new EnvironmentReference('A') },
      settings: { apiKey: new EnvironmentReference('B'), token: new EnvironmentReference('C') },
    }) as object,
  );
  expect(text).not.toMatch(/(password|api_?key|token)["']?[ \t]*[:=]/i);
  expect(parse(text)).toEqual({ secureJsonData: { password: '$A' }, settings: { apiKey: '$B', token: '$C' } });
});
