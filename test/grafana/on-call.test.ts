import { ContactPoint } from '../../lib/grafana/contact-point';
import type { OnCall } from '../../lib/grafana/on-call';
import { Match, Route } from '../../lib/grafana/route';
import { Reach } from '../../lib/kubernetes/endpoint';
import { SecretKey } from '../../lib/kubernetes/secret-key';
import { warningsOf } from '../../lib/kubernetes/warnings';
import { environment, find, manifests, provisioned, stack } from './stack';

const secret = (name: string) => SecretKey.of(name, 'value');
const pager = ContactPoint.pagerDuty({ name: 'platform', integrationKey: secret('pagerduty') });
const chat = ContactPoint.slack({ name: 'team', url: secret('slack') });
const file = (onCall: OnCall) => provisioned(manifests(stack({ onCall })), 'on-call.yaml');
const warnings = (onCall?: OnCall) => warningsOf(stack({ onCall }).chart).map((warning) => warning.replace('test/Grafana: ', ''));

test('every kind of contact point, its secret by the environment', () => {
  const contactPoints = [
    pager,
    chat,
    ContactPoint.opsgenie({ name: 'ops', apiKey: secret('opsgenie'), europe: true }),
    ContactPoint.betterStack({ name: 'better', url: secret('better-stack') }),
    ContactPoint.email({ name: 'mail', addresses: ['a@acme.example', 'b@acme.example'] }),
    ContactPoint.webhook({ name: 'hook', url: secret('hook') }),
  ];
  const all = manifests(stack({ onCall: { contactPoints, smtp: { host: 'smtp.acme.example', from: 'grafana@acme.example' } } }));
  const receivers = provisioned(all, 'on-call.yaml').contactPoints.map(({ name, receivers: [{ type, settings }] }: any) => [
    name,
    type,
    settings,
  ]);
  expect(receivers).toEqual([
    ['platform', 'pagerduty', { integrationKey: '$SECRET_PAGERDUTY_VALUE', severity: '{{ .CommonLabels.severity }}' }],
    ['team', 'slack', { url: '$SECRET_SLACK_VALUE' }],
    ['ops', 'opsgenie', { apiKey: '$SECRET_OPSGENIE_VALUE', apiUrl: 'https://api.eu.opsgenie.com/v2/alerts', sendTagsAs: 'both' }],
    ['better', 'webhook', { url: '$SECRET_BETTER_STACK_VALUE', httpMethod: 'POST' }],
    ['mail', 'email', { addresses: 'a@acme.example;b@acme.example', singleEmail: true }],
    ['hook', 'webhook', { url: '$SECRET_HOOK_VALUE', httpMethod: 'POST' }],
  ]);
  expect(environment(all)).toMatchObject({ SECRET_PAGERDUTY_VALUE: 'pagerduty/value', SECRET_BETTER_STACK_VALUE: 'better-stack/value' });
});

describe('policies', () => {
  const tree = (onCall: OnCall) => {
    const { receiver, routes } = file(onCall).policies[0];
    return [
      receiver,
      ...routes.map(
        (route: any) =>
          `${route.object_matchers.map((match: string[]) => match.join('')).join()} -> ${route.receiver ?? (route.mute_time_intervals ? 'nobody' : 'the same')}`,
      ),
    ];
  };

  test('without routes: critical to who is woken, the rest to the other, info to nobody', () => {
    expect(tree({ contactPoints: [chat, pager] })).toEqual([
      'team',
      'severity=critical -> platform',
      'severity=info -> nobody',
      'severity=warning -> the same',
    ]);
    expect(tree({ contactPoints: [pager] })).toEqual([
      'platform',
      'severity=critical -> platform',
      'severity=info -> nobody',
      'severity=warning -> the same',
    ]);
  });

  test('own routes in their order, the last for everything else', () => {
    const routes = [
      Route.to('platform').when(Match.label('severity').is('critical'), Match.label('namespace').isNot('sandbox')),
      Route.to('team').when(Match.label('service').matches('shop-.*$')),
      Route.to('team'),
    ];
    expect(tree({ contactPoints: [pager, chat], routes })).toEqual([
      'team',
      'severity=critical,namespace!=sandbox -> platform',
      'service=~shop-.*$$ -> team',
      'severity=info -> nobody',
      'severity=warning -> the same',
    ]);
  });

  test('warnings of one rule are one message, wherever they go', () => {
    const [{ routes }] = file({ contactPoints: [pager, chat] }).policies;
    expect(routes[0].routes[0]).toMatchObject({ group_by: ['alertname', 'cluster'], repeat_interval: '72h' });
  });

  test('the heartbeat hears of the Watchdog each minute, and of nothing else', () => {
    const onCall = { contactPoints: [pager], heartbeat: secret('heartbeat') };
    const [{ routes }] = file(onCall).policies;
    expect(routes[0]).toMatchObject({
      receiver: 'heartbeat',
      object_matchers: [['alertname', '=', 'Watchdog']],
      group_interval: '1m',
      repeat_interval: '1m',
    });
    const { groups } = provisioned(manifests(stack({ onCall })), 'rules.yaml');
    const [watchdog] = groups.at(-1).rules;
    expect(watchdog).toMatchObject({ title: 'Watchdog', condition: 'A', for: '0s' });
    expect(watchdog.data.map(({ datasourceUid, model }: any) => [datasourceUid, model.type, model.expression])).toEqual([
      ['__expr__', 'math', '1 > 0'],
    ]);
  });

  test('a heartbeat and nobody else', () => {
    expect(tree({ heartbeat: secret('heartbeat') })).toEqual([
      'heartbeat',
      'alertname=Watchdog -> heartbeat',
      'alertname!=Watchdog -> nobody',
      'severity=warning -> the same',
    ]);
  });

  test('nobody: what an earlier version of the program said is taken back', () => {
    const { contactPoints, policies, resetPolicies } = file({});
    expect([contactPoints, policies, resetPolicies]).toEqual([undefined, undefined, [1]]);
    const { groups, deleteRules } = provisioned(manifests(stack()), 'rules.yaml');
    expect(groups.flatMap(({ rules }: any) => rules)).toHaveLength(9);
    expect(deleteRules[0].uid).toMatch(/^obs-watchdog-/);
  });
});

test('warnings', () => {
  expect(warnings()).toEqual([expect.stringContaining('nobody is told of alerts')]);
  expect(warnings({ contactPoints: [pager], heartbeat: secret('heartbeat') })).toEqual([]);
  expect(warnings({ contactPoints: [pager] })).toEqual([expect.stringContaining('nothing outside of the cluster notices')]);
  expect(warnings({ contactPoints: [pager, chat], routes: [Route.to('team')], heartbeat: secret('heartbeat') })).toEqual([
    expect.stringContaining("no route leads to the contact point 'platform'"),
  ]);
  expect(
    warnings({ contactPoints: [ContactPoint.opsgenie({ name: 'ops', apiKey: secret('o') })], heartbeat: secret('heartbeat') }),
  ).toEqual([expect.stringContaining('April 2027')]);
});

test('email needs a server, whose login is a file', () => {
  const mail = ContactPoint.email({ name: 'mail', addresses: ['a@acme.example'] });
  expect(() => stack({ onCall: { contactPoints: [mail] } })).toThrow(
    'onCall.smtp: given nothing; allowed: an SMTP server, since the contact point "mail" sends email',
  );
  const smtp = { host: 'smtp.acme.example', port: 2525, from: 'grafana@acme.example', username: 'grafana', password: secret('smtp') };
  const all = manifests(stack({ onCall: { contactPoints: [mail], smtp } }));
  expect(environment(all)).toMatchObject({
    GF_SMTP_ENABLED: 'true',
    GF_SMTP_HOST: 'smtp.acme.example:2525',
    GF_SMTP_FROM_ADDRESS: 'grafana@acme.example',
    GF_SMTP_USER: 'grafana',
    GF_SMTP_PASSWORD__FILE: '/etc/grafana/secrets/smtp/value',
  });
  expect(
    find(all, 'Deployment', 'grafana').spec.template.spec.volumes.some(({ secret: volume }: any) => volume?.secretName === 'smtp'),
  ).toBe(true);
  expect(() => stack({ onCall: { smtp: { ...smtp, password: undefined } } })).toThrow('half of a login');
});

test('a webhook within the cluster opens the network to it and to nothing else', () => {
  const hook = ContactPoint.webhook({
    name: 'hook',
    url: secret('hook'),
    endpoint: { host: 'hook.ops.svc', port: 8080, reach: Reach.cidrs('10.1.0.0/16') },
  });
  const { egress } = find(manifests(stack({ onCall: { contactPoints: [hook] } })), 'NetworkPolicy', 'grafana-to-outside').spec;
  expect(egress).toContainEqual({ to: [{ ipBlock: { cidr: '10.1.0.0/16' } }], ports: [{ port: 8080, protocol: 'TCP' }] });
});

describe('contradictions are one error', () => {
  const error = (onCall: unknown) => {
    try {
      stack({ onCall: onCall as OnCall });
    } catch (thrown) {
      return (thrown as Error).message;
    }
    return '';
  };

  test('two contact points of one name, the heartbeat among them', () => {
    expect(
      error({ contactPoints: [pager, pager, ContactPoint.slack({ name: 'heartbeat', url: secret('s') })], heartbeat: secret('heartbeat') }),
    ).toBe(
      `GrafanaStack test/Grafana: 2 problems
  onCall.contactPoints: given two contact points named "platform"; allowed: a name of its own for each
  onCall.contactPoints: given two contact points named "heartbeat"; allowed: a name of its own for each`,
    );
  });

  test('a route to nobody, and no route without a condition', () => {
    const message = error({ contactPoints: [pager], routes: [Route.to('platfrom').when(Match.label('severity').is('critical'))] });
    expect(message).toContain('onCall.routes[0]: given a route to "platfrom", which no contact point is called; did you mean `platform`?');
    expect(message).toContain('onCall.routes: given no route without a condition; allowed: exactly one route without `when`, and it last');
  });

  test('a route behind the one that takes everything', () => {
    expect(
      error({
        contactPoints: [pager, chat],
        routes: [Route.to('team'), Route.to('platform').when(Match.label('severity').is('critical'))],
      }),
    ).toContain('routes without a condition at 0 of 2');
  });

  test('Secrets that would share a variable', () => {
    const contactPoints = [
      ContactPoint.slack({ name: 'a', url: SecretKey.of('a-b', 'c') }),
      ContactPoint.slack({ name: 'b', url: SecretKey.of('a', 'b-c') }),
    ];
    expect(error({ contactPoints })).toContain('the Secrets a-b/c and a/b-c, which get the same environment variable SECRET_A_B_C');
  });

  test('texts in place of secrets, kinds of their own, routes as text', () => {
    const message = error({
      contactPoints: [{ name: 'x' }],
      routes: ['team'],
      heartbeat: 'https://heartbeat',
      smtp: { host: 'https://x', from: 'nobody' },
    });
    for (const where of [
      'onCall.contactPoints[0]',
      'onCall.routes[0]',
      'onCall.heartbeat: given a text (a secret is never text here)',
      'onCall.smtp.host',
      'onCall.smtp.from',
    ]) {
      expect(message).toContain(where);
    }
  });
});
