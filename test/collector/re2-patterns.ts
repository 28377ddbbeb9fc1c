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

/** Patterns that it refuses, most of which JavaScript takes, and what is said of them. */
export const refused: readonly (readonly [string, string])[] = [
  ['(?=error)', 'RE2 has no lookaround'],
  ['^(?!debug)', 'RE2 has no lookaround'],
  ['(?<=level=)\\w+', 'RE2 has no lookaround'],
  ['(?<!no )error', 'RE2 has no lookaround'],
  ['(a)\\1', 'RE2 has no backreferences'],
  ['(?P<q>["\'])x\\k<q>', 'RE2 has no backreferences'],
  ['(?>a+)', 'RE2 has no such group'],
  ['(?P<a-b>x)', 'RE2 has no such group'],
  ['a++', 'no possessive quantifiers'],
  ['\\Z', 'RE2 has no such escape'],
  ['\\u0041', 'RE2 has no such escape'],
  ['[\\b]', 'RE2 has no such escape'],
  ['a{1001}', 'RE2 counts to 1000'],
  ['(a{100}){100}', 'nested counts multiplied'],
  ['a{3,2}', 'the first number is the larger one'],
  ['*a', 'repeats nothing'],
  ['(a', 'is not closed'],
  ['a)', 'closes nothing'],
  ['[a', 'is not closed'],
  ['[z-a]', 'stands before its beginning'],
  ['[[:foo:]]', 'no such class'],
  ['\\p{Elvish}', 'no such class'],
  ['a\\', 'stands last'],
];
