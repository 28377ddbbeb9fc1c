import { addressOf, hostAndPort, hostWithPort, httpsUrl, url, urlWithoutPath } from '../../lib/kubernetes/url';

test.each([1, 80, 9999, 10_000, 59_999, 60_000, 64_999, 65_000, 65_499, 65_500, 65_529, 65_530, 65_535])('a port: %d', (port) => {
  const given = `https://a.example:${port}`;
  expect([url, urlWithoutPath, httpsUrl].flatMap((check) => check(given, 'x'))).toEqual([]);
  expect(hostWithPort(`a:${port}`, 'x')).toEqual([]);
  expect([addressOf(given, {}).endpoint.port, hostAndPort(`a:${port}`).port]).toEqual([port, port]);
});

test.each(['0', '080', '65536', '66000', '70000', '99999', '100000'])('no port: %s', (port) => {
  const problems = [
    ...[url, urlWithoutPath, httpsUrl].map((check) => check(`https://a.example:${port}`, 'x')),
    hostWithPort(`a:${port}`, 'x'),
  ];
  expect(problems.map((found) => found.length)).toEqual([1, 1, 1, 1]);
  expect(problems.flat().every(({ allowed }) => allowed.includes('1 to 65535'))).toBe(true);
});

test('what a URL leads to', () => {
  expect(addressOf('http://a.example/b//', {})).toMatchObject({
    scheme: 'http',
    path: '/b',
    endpoint: { host: 'a.example', port: 80, tls: false },
  });
  expect(addressOf('https://a.example', {})).toMatchObject({ scheme: 'https', path: '', endpoint: { port: 443, tls: true } });
  expect(httpsUrl('http://a.example', 'x')).toHaveLength(1);
});
