import type { EnvVar } from '../../imports/kubernetes';
import { goMemoryLimit } from '../collector/fixed-components';
import type { Resources } from '../kubernetes/resources';
import { type OnCall, smtpPort } from './on-call';
import type { Plugins } from './plugin';

/** Where things lie in Grafana's pod. */
export const paths = {
  /** The claim: database and downloaded plugins. */
  data: '/var/lib/grafana/data',
  provisioning: '/etc/grafana/provisioning',
  dashboards: '/etc/grafana/dashboards',
  secrets: '/etc/grafana/secrets',
} as const;

export const grafanaPort = 3000;

export interface SettingsInput {
  readonly url?: string;
  readonly plugins: Plugins;
  readonly onCall?: OnCall;
  readonly resources: Resources;
  /** Files with the administrator's password and the key that the database is encrypted with. */
  readonly adminPasswordFile: string;
  readonly secretKeyFile: string;
  readonly smtpPasswordFile?: string;
  /** The dashboard that everybody sees first. */
  readonly homeFile: string;
}

/**
 * Grafana's settings, as its environment: no default password, nobody unknown, nothing sent to anybody, nothing loaded while it runs.
 * @see https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/
 */
export function settings(input: SettingsInput): EnvVar[] {
  const variables = [
    ...of('ANALYTICS', {
      CHECK_FOR_PLUGIN_UPDATES: false,
      CHECK_FOR_UPDATES: false,
      FEEDBACK_LINKS_ENABLED: false,
      REPORTING_ENABLED: false,
    }),
    ...of('AUTH_ANONYMOUS', { ENABLED: false }),
    ...of('DASHBOARDS', { DEFAULT_HOME_DASHBOARD_PATH: input.homeFile }),
    ...of('LOG', { MODE: 'console' }),
    ...of('LOG_CONSOLE', { FORMAT: 'json' }),
    ...of('NEWS', { NEWS_FEED_ENABLED: false }),
    ...of('PATHS', { DATA: paths.data, PROVISIONING: paths.provisioning }),
    ...of('PLUGINS', { PLUGIN_ADMIN_ENABLED: false }),
    ...input.plugins._settings(paths.data),
    ...of('SECURITY', {
      ADMIN_PASSWORD__FILE: input.adminPasswordFile,
      ADMIN_USER: 'admin',
      COOKIE_SAMESITE: 'lax',
      DISABLE_GRAVATAR: true,
      SECRET_KEY__FILE: input.secretKeyFile,
    }),
    ...address(input.url),
    ...smtp(input),
    ...of('SNAPSHOTS', { EXTERNAL_ENABLED: false }),
    // A query that fails because data is late is no accident that a second try would mend.
    ...of('UNIFIED_ALERTING', { MAX_ATTEMPTS: 1 }),
    ...of('USERS', { ALLOW_SIGN_UP: false }),
    { name: 'GOMEMLIMIT', value: goMemoryLimit(input.resources.memory) },
  ];
  return variables.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const of = (section: string, values: Record<string, string | number | boolean>): EnvVar[] =>
  Object.entries(values).map(([key, value]) => ({ name: `GF_${section}_${key}`, value: String(value) }));

/** Cookies for https only, where it is https: a browser would not send them through a port-forward. */
function address(url: string | undefined): EnvVar[] {
  if (url === undefined) {
    return [];
  }
  const encrypted = url.startsWith('https:');
  return [
    ...of('SERVER', { ROOT_URL: url }),
    ...(encrypted ? of('SECURITY', { COOKIE_SECURE: true, STRICT_TRANSPORT_SECURITY: true }) : []),
  ];
}

function smtp({ onCall, smtpPasswordFile }: SettingsInput): EnvVar[] {
  if (!onCall?.smtp) {
    return [];
  }
  const { host, port, from, username } = onCall.smtp;
  return of('SMTP', {
    ENABLED: true,
    HOST: `${host.includes(':') ? `[${host}]` : host}:${port ?? smtpPort}`,
    FROM_ADDRESS: from,
    STARTTLS_POLICY: 'MandatoryStartTLS',
    ...(username === undefined ? {} : { USER: username }),
    ...(smtpPasswordFile === undefined ? {} : { PASSWORD__FILE: smtpPasswordFile }),
  });
}
