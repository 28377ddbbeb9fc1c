import fc from 'fast-check';

/** Any values in any of the properties: the construct is made, or refuses them in one error that names it and each property that was wrong. */
export function wrongProps(className: string, names: string[], make: (props: object) => unknown): void {
  const props = fc.record(Object.fromEntries(names.map((name) => [name, fc.anything()])), { requiredKeys: [] });
  let refused = 0;
  fc.assert(
    fc.property(props, (given) => {
      try {
        make(given);
      } catch (error) {
        refused += 1;
        const [first, ...lines] = (error as Error).message.split('\n');
        expect(first).toMatch(new RegExp(`^${className} test/${className}: \\d+ problems?$`));
        expect(lines.length).toBe(Number(first.match(/(\d+) problem/)?.[1]));
        expect(lines.every((line) => names.some((name) => line.startsWith(`  ${name}`)))).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
  expect(refused).toBeGreaterThan(100);
}
