import { type Check, type Checks, checkProps, instance, integer, list, nearest, required, text } from '../kubernetes/checks';
import { type Endpoint, Reach } from '../kubernetes/endpoint';
import type { Problem } from '../kubernetes/problems';
import { type SecretKey, secretKey } from '../kubernetes/secret-key';
import { type ContactPoint, emailAddress } from './contact-point';
import { Match, Route } from './route';

/** The server that Grafana sends email through, by STARTTLS. */
export interface Smtp {
  /** Its name, without port. */
  readonly host: string;
  /**
   * The TCP port.
   * @default 587
   */
  readonly port?: number;
  /** The sender's address. */
  readonly from: string;
  /**
   * The name of the login.
   * @default - no login
   */
  readonly username?: string;
  /**
   * The password of the login.
   * @default - no login
   */
  readonly password?: SecretKey;
}

/** Who is told of alerts. */
export interface OnCall {
  /**
   * Who can be told, and how.
   * @default - nobody, with a warning: alerts are evaluated and seen in Grafana only
   */
  readonly contactPoints?: ContactPoint[];
  /**
   * Which alerts go where, in this order; the last one without condition. They replace all notification policies of Grafana.
   * @default - critical ones to the first contact point that wakes somebody (PagerDuty, Opsgenie, Better Stack), the others to the first that does not
   */
  readonly routes?: Route[];
  /**
   * A URL that is called each minute as long as alerting works: of a heartbeat monitor outside of the cluster, which tells you when the calls stop.
   * @default - none, with a warning: nobody notices that alerting itself is dead
   */
  readonly heartbeat?: SecretKey;
  /**
   * The server that email goes through.
   * @default - none: then there can be no email contact point
   */
  readonly smtp?: Smtp;
}

/** Routes for a user who named none. */
export function defaultRoutes(contactPoints: readonly ContactPoint[]): Route[] {
  const pager = contactPoints.find(({ _pages }) => _pages) ?? contactPoints[0];
  const chat = contactPoints.find(({ _pages }) => !_pages) ?? pager;
  return pager ? [Route.to(pager.name).when(Match.label('severity').is('critical')), Route.to(chat.name)] : [];
}

/** Where Grafana connects to in order to tell people. */
export function onCallEndpoints(onCall: OnCall): Endpoint[] {
  const heartbeat: Endpoint[] = onCall.heartbeat ? [{ host: 'any', port: 443, reach: Reach.anywhere() }] : [];
  const smtp: Endpoint[] = onCall.smtp ? [{ host: onCall.smtp.host, port: onCall.smtp.port ?? smtpPort, reach: Reach.anywhere() }] : [];
  return [...(onCall.contactPoints ?? []).flatMap(({ _endpoints }) => _endpoints), ...heartbeat, ...smtp];
}

/** What is not wrong and yet may surprise at night. */
export function onCallWarnings(onCall: OnCall | undefined): string[] {
  const contactPoints = onCall?.contactPoints ?? [];
  if (contactPoints.length === 0) {
    return ['nobody is told of alerts: they are evaluated and shown in Grafana only. Name somebody in `onCall.contactPoints`'];
  }
  const routes = onCall?.routes ?? defaultRoutes(contactPoints);
  const silent = contactPoints.filter(({ name }) => !routes.some(({ contactPoint }) => contactPoint === name));
  return [
    ...silent.map(({ name }) => `no route leads to the contact point '${name}': it is never told anything`),
    ...(onCall?.heartbeat
      ? []
      : ['nothing outside of the cluster notices when alerting itself is dead. Give the URL of a heartbeat monitor in `onCall.heartbeat`']),
    ...contactPoints.filter(({ _type }) => _type === 'opsgenie').map(({ name }) => `'${name}': Atlassian ends Opsgenie in April 2027`),
  ];
}

export const smtpPort = 587;

/** The contact point of the heartbeat: made by the library, and by nobody else. */
export const heartbeatName = 'heartbeat';

const host = text({ pattern: /^[A-Za-z0-9:.-]+$/, allowed: 'a DNS name or an address, without scheme and port' });

const smtpChecks: Checks<Smtp> = {
  host: required(host),
  port: integer(1, 65_535),
  from: required(emailAddress),
  username: text(),
  password: secretKey,
};

const onCallChecks: Checks<OnCall> = {
  contactPoints: list(
    instance('ContactPoint.pagerDuty(…), .opsgenie(…), .betterStack(…), .slack(…), .email(…) or .webhook(…)', '_type', '_settings'),
  ),
  routes: list(instance("Route.to('name') or Route.to('name').when(…)", 'contactPoint', '_matches')),
  heartbeat: secretKey,
  smtp: (value, where) => checkProps(value as Smtp, smtpChecks, where),
};

export const onCallCheck: Check = (value, where) => {
  const problems = checkProps(value as OnCall, onCallChecks, where);
  return problems.length > 0 ? problems : contradictions(value as OnCall, where);
};

function contradictions(onCall: OnCall, where: string): Problem[] {
  const names = [...(onCall.contactPoints ?? []).map(({ name }) => name), ...(onCall.heartbeat ? [heartbeatName] : [])];
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...[...new Set(twice)].map((name) => ({
      where: `${where}.contactPoints`,
      given: `two contact points named "${name}"`,
      allowed: 'a name of its own for each',
    })),
    ...routeProblems(onCall, `${where}.routes`),
    ...smtpProblems(onCall, where),
  ];
}

function routeProblems({ routes, contactPoints = [] }: OnCall, where: string): Problem[] {
  if (!routes) {
    return [];
  }
  const names = contactPoints.map(({ name }) => name);
  const nobody = routes.flatMap(({ contactPoint }, index) =>
    names.includes(contactPoint)
      ? []
      : [
          {
            where: `${where}[${index}]`,
            given: `a route to "${contactPoint}", which no contact point is called`,
            allowed: nearest(contactPoint, names),
          },
        ],
  );
  const unconditional = routes.flatMap(({ _matches }, index) => (_matches.length === 0 ? [index] : []));
  if (unconditional.length === 1 && unconditional[0] === routes.length - 1) {
    return nobody;
  }
  const given =
    unconditional.length === 0
      ? 'no route without a condition'
      : `routes without a condition at ${unconditional.join(', ')} of ${routes.length}`;
  return [
    ...nobody,
    {
      where,
      given,
      allowed: 'exactly one route without `when`, and it last: it takes what no other took',
      fix: "Add Route.to('name') at the end",
    },
  ];
}

function smtpProblems({ contactPoints = [], smtp }: OnCall, where: string): Problem[] {
  const email = contactPoints.find(({ _type }) => _type === 'email');
  return [
    ...(email && !smtp
      ? [{ where: `${where}.smtp`, given: 'nothing', allowed: `an SMTP server, since the contact point "${email.name}" sends email` }]
      : []),
    ...(smtp && (smtp.username === undefined) !== (smtp.password === undefined)
      ? [{ where: `${where}.smtp`, given: 'half of a login', allowed: '`username` and `password`, or neither' }]
      : []),
  ];
}
