import { judgeRe2 } from '../../lib/collector/re2';
import { accepted, refused } from './re2-patterns';

test.each(accepted)('%j is taken', (pattern) => {
  expect(judgeRe2(pattern).problem).toBeUndefined();
});

test.each(refused)('%j is refused: %s', (pattern, problem) => {
  expect(judgeRe2(pattern)).toEqual({ problem: expect.stringContaining(problem), groups: [] });
});

test('names of groups, in order', () => {
  expect(judgeRe2('(a)(?P<time>b(?<level>c))|(?:d)(?P<_x1>e)').groups).toEqual(['time', 'level', '_x1']);
});
