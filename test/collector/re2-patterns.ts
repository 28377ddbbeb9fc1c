/** Patterns that the collector takes. test/real/log-parsing.test.ts gives them to a real one. */
export const accepted: readonly string[] = [
  '^\\d{4}-\\d{2}-\\d{2}T',
  '(?P<time>\\S+) (?<level>[A-Z]+) (?P<message>.*)',
  '(?i)error|(?s:a.b)|(?-m)x',
  '[[:alpha:]_][^\\]\\w-]+[]a-z-]*',
  '\\Qa.b(\\E\\.\\x41\\x{1F600}\\p{Greek}\\PL\\pN\\012\\12',
  'a{1000}?(?:b{,3}){2,}c{x}',
  'costs \\$\\d+ “ä” 😀',
  '\\A\\bno end\\B\\z',
  '',
];

/** Patterns that it refuses, most of which JavaScript takes, and what is said of them: it is what the collector logs. */
export const refused: readonly (readonly [string, string])[] = [
  ['(?=error)', 'invalid or unsupported Perl syntax: `(?=`'],
  ['^(?!debug)', 'invalid or unsupported Perl syntax: `(?!`'],
  ['(?<=level=)\\w+', 'invalid named capture: `(?<=level=)\\w+`'],
  ['(?<!no )error', 'invalid named capture: `(?<!no )error`'],
  ['(a)\\1', 'invalid escape sequence: `\\1`'],
  ['(?P<q>["\'])x\\k<q>', 'invalid escape sequence: `\\k`'],
  ['(?>a+)', 'invalid or unsupported Perl syntax: `(?>`'],
  ['(?P<a-b>x)', 'invalid named capture: `(?P<a-b>`'],
  ['a++', 'invalid nested repetition operator: `++`'],
  ['\\Z', 'invalid escape sequence: `\\Z`'],
  ['\\u0041', 'invalid escape sequence: `\\u`'],
  ['[\\b]', 'invalid escape sequence: `\\b`'],
  ['a{1001}', 'invalid repeat count: `{1001}`'],
  ['(a{100}){100}', 'invalid repeat count: `{100}`'],
  ['a{3,2}', 'invalid repeat count: `{3,2}`'],
  ['*a', 'missing argument to repetition operator: `*`'],
  ['(a', 'missing closing ): `(a`'],
  ['a)', 'unexpected ): `a)`'],
  ['[a', 'missing closing ]: `[a`'],
  ['[z-a]', 'invalid character class range: `z-a`'],
  ['[[:foo:]]', 'invalid character class range: `[:foo:]`'],
  ['\\p{Elvish}', 'invalid character class range: `\\p{Elvish}`'],
  ['a\\', 'trailing backslash at end of expression'],
];
