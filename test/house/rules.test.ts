import { breaks, lineLimit, namelessIn, rules, tooLong, unfinishedIn } from './rules';
import { sourceFiles } from './source-files';

const lib = sourceFiles('lib');
const handWritten = sourceFiles('lib', 'examples', 'test', 'imports', 'docs');

describe.each(Object.entries(rules))('%s', (_, rule) => {
  test('holds', () => {
    expect(breaks(rule, lib)).toEqual([]);
  });

  test.each(rule.bad)('rejects: %s', (text) => {
    const path = `${rule.in ?? 'lib'}/anywhere.ts`;
    expect(breaks(rule, [{ path, text }])).toEqual([path]);
    expect(breaks(rule, [{ path, text: `// never: ${text}` }])).toEqual([]);
  });

  test('gives no permission that nobody needs', () => {
    const permitted = Object.keys(rule.only ?? {});
    expect(
      breaks(
        { ...rule, only: undefined },
        lib.filter(({ path }) => permitted.includes(path)),
      ),
    ).toEqual(permitted.sort());
  });
});

describe('every file', () => {
  test(`has ${lineLimit} lines at most`, () => {
    expect(tooLong(handWritten)).toEqual([]);
    expect(tooLong([{ path: 'lib/long.ts', text: 'x\n'.repeat(401) }])).toEqual(['lib/long.ts: 401 lines']);
    expect(tooLong([{ path: 'lib/full.ts', text: 'x\n'.repeat(400) }])).toEqual([]);
  });

  test('is finished, on any machine', () => {
    expect(unfinishedIn(handWritten)).toEqual([]);
    const bad = ['// TO', 'DO: later\n', 'x(); // FIX', "ME\nimport a from '/wo", "rk/main/lib';\n"].join('');
    expect(unfinishedIn([{ path: 'lib/bad.ts', text: bad }])).toHaveLength(3);
  });

  test('is called by what it does', () => {
    expect(namelessIn(handWritten)).toEqual([]);
    expect(
      namelessIn(['lib/utils.ts', 'lib/common/x.ts', 'lib/queue-helpers.ts', 'lib/uncommon.ts'].map((path) => ({ path, text: '' }))),
    ).toHaveLength(3);
  });
});
