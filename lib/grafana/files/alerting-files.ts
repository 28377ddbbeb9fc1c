import { type PlacedRule, ruleModel, ruleUid, watchdogModel, watchdogName } from '../alert-rule';
import type { ContactPoint } from '../contact-point';
import { defaultRoutes, heartbeatName, type OnCall } from '../on-call';
import type { Route } from '../route';
import type { SecretVariables } from '../secret-variables';
import { literals } from './interpolation';

/** The folder of alert rules. Not that of dashboards: two providers of one folder make two of them. */
const folder = 'Observability alerts';

/** Rules are always evaluated once a minute, as collectors measure. */
const interval = '1m';

export interface Rules {
  readonly rules: readonly PlacedRule[];
  readonly watchdog: boolean;
  readonly watchdogRunbook: string;
  /** Names of rules that may have been provisioned before: Grafana keeps what a file no longer names. */
  readonly removed: readonly string[];
}

export function rulesFile({ rules, watchdog, watchdogRunbook, removed }: Rules): object {
  const groups = [...new Set(rules.map(({ group }) => group))];
  const gone = [...removed, ...(watchdog ? [] : [watchdogName])];
  return {
    apiVersion: 1,
    groups: [
      ...groups.map((name) => groupModel(name, rules.filter(({ group }) => group === name).map(ruleModel))),
      ...(watchdog ? [groupModel('watchdog', [watchdogModel(watchdogRunbook)])] : []),
    ],
    ...(gone.length > 0 ? { deleteRules: gone.map((name) => ({ orgId: 1, uid: ruleUid(name) })) } : {}),
  };
}

const groupModel = (name: string, rules: Record<string, unknown>[]) => ({
  orgId: 1,
  name: literals(name),
  folder,
  interval,
  rules: rules.map((rule) => ({ ...rule, title: literals(rule.title) })),
});

/** Contact points, policies and the mute timing that policies need, in one file: Grafana applies them in the right order. */
export function onCallFile(onCall: OnCall, secrets: SecretVariables): object {
  const contactPoints = [
    ...(onCall.contactPoints ?? []).map((contactPoint) => contactPointModel(contactPoint, secrets)),
    ...heartbeatModel(onCall, secrets),
  ];
  return {
    apiVersion: 1,
    ...(contactPoints.length > 0 ? { contactPoints } : {}),
    muteTimes: [{ orgId: 1, name: always, time_intervals: [{ times: [{ start_time: '00:00', end_time: '24:00' }] }] }],
    // Without anybody to tell, the policies of an earlier version of this file must not stay.
    ...(contactPoints.length > 0 ? { policies: [literals(policyModel(onCall))] } : { resetPolicies: [1] }),
  };
}

const contactPointModel = ({ name, _type, _settings }: ContactPoint, secrets: SecretVariables) => ({
  orgId: 1,
  name: literals(name),
  receivers: [{ uid: ruleUid(name), type: _type, disableResolveMessage: false, settings: literals(secrets.referring(_settings)) }],
});

const heartbeatModel = ({ heartbeat }: OnCall, secrets: SecretVariables): object[] =>
  heartbeat
    ? [
        {
          orgId: 1,
          name: heartbeatName,
          receivers: [
            {
              uid: ruleUid(heartbeatName),
              type: 'webhook',
              disableResolveMessage: true,
              settings: literals(secrets.referring({ url: heartbeat, httpMethod: 'POST' })),
            },
          ],
        },
      ]
    : [];

/** The mute timing of what nobody is told. */
const always = 'always';

/** A critical alert for another subject is another message; warnings of one rule are one. */
const criticalTiming = {
  group_by: ['alertname', 'cluster', 'namespace', 'service', 'node'],
  group_wait: '30s',
  group_interval: '5m',
  repeat_interval: '4h',
};
const warningRoute = {
  object_matchers: [['severity', '=', 'warning']],
  group_by: ['alertname', 'cluster'],
  group_wait: '2m',
  group_interval: '10m',
  repeat_interval: '72h',
};

/** The whole tree: Grafana has one, and a file replaces all of it. */
function policyModel(onCall: OnCall): object {
  const routes = onCall.routes ?? defaultRoutes(onCall.contactPoints ?? []);
  const last = routes[routes.length - 1];
  const watchdog = {
    receiver: heartbeatName,
    object_matchers: [['alertname', '=', watchdogName]],
    group_by: ['alertname'],
    group_wait: '0s',
    group_interval: '1m',
    repeat_interval: '1m',
  };
  const unheard = {
    object_matchers: last ? [['severity', '=', 'info']] : [['alertname', '!=', watchdogName]],
    mute_time_intervals: [always],
  };
  return {
    orgId: 1,
    receiver: last?.contactPoint ?? heartbeatName,
    ...criticalTiming,
    routes: [...(onCall.heartbeat ? [watchdog] : []), ...routes.slice(0, -1).map(routeModel), unheard, warningRoute],
  };
}

const routeModel = ({ contactPoint, _matches }: Route) => ({
  receiver: contactPoint,
  object_matchers: _matches.map(({ _matcher }) => _matcher),
  routes: [warningRoute],
});
