import { Component, ConfigValue, SecretKey } from '../../lib';
import { secretTexts } from '../../lib/collector/secret-texts';

const redis = (password: unknown) => () => Component.receiver({ componentType: 'redis', config: { endpoint: 'a:6379', password } });

test('a password as text would stand in a ConfigMap: it is refused, with its place', () => {
  expect(redis('hunter2')).toThrow(
    'redis.password: given a text (a secret is never text here); allowed: ConfigValue.secret(SecretKey.of(…))',
  );
  expect(redis(ConfigValue.secret(SecretKey.of('redis', 'password')))).not.toThrow();
  expect(redis('')).not.toThrow();
});

test('so it is where the fields are left to the collector, and within', () => {
  const config = { of_tomorrow: [{ client_secret: 'x', client_id: 'y' }], password_file: '/a', token: '' };
  expect(() => Component.exporter({ componentType: 'vendor', config, checkFields: false })).toThrow(
    'Component.exporter: 1 problem\n  vendor.of_tomorrow[0].client_secret: given a text',
  );
});

test('what is called alike and is no secret stays', () => {
  expect(
    secretTexts({ attributes: [{ key: 'k8s.cluster.name', value: 'a' }], token_ttl: '1h', secret_name: 'b', keys: ['c'] }, 'resource'),
  ).toEqual([]);
  expect(secretTexts({ http_sd_configs: [{ authorization: { credentials: 'a' } }] }, 'job', true)).toHaveLength(1);
});
