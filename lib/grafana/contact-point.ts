import { boolean, type Check, list, refuse, required, text } from '../kubernetes/checks';
import { type Endpoint, endpointCheck, Reach } from '../kubernetes/endpoint';
import { type SecretKey, secretKey } from '../kubernetes/secret-key';

/** Properties of a PagerDuty contact point. */
export interface PagerDutyProps {
  /** What routes call it. */
  readonly name: string;
  /** The integration key of an "Events API v2" integration. */
  readonly integrationKey: SecretKey;
}

/** Properties of an Opsgenie contact point. */
export interface OpsgenieProps {
  /** What routes call it. */
  readonly name: string;
  /** The key of an "API" integration. */
  readonly apiKey: SecretKey;
  /**
   * Whether the account lies in Opsgenie's European region, which has another address.
   * @default false
   */
  readonly europe?: boolean;
}

/** Properties of a contact point that is one secret URL: Better Stack, Slack. */
export interface SecretUrlProps {
  /** What routes call it. */
  readonly name: string;
  /** The URL. Whoever has it can send in your name, so it is a secret. */
  readonly url: SecretKey;
}

/** Properties of a contact point that calls any URL. */
export interface WebhookProps extends SecretUrlProps {
  /**
   * Who answers at the URL, so that the network is opened to it and to nothing else.
   * @default - any address, port 443
   */
  readonly endpoint?: Endpoint;
}

/** Properties of an email contact point. It needs `OnCall.smtp`. */
export interface EmailProps {
  /** What routes call it. */
  readonly name: string;
  /** All of them get each message. */
  readonly addresses: string[];
}

/**
 * Somebody who is told of alerts, and how. Secrets are references: they reach Grafana through the environment of its pod.
 * @see https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/
 */
export class ContactPoint {
  /**
   * A PagerDuty service: an incident with the rule's severity, resolved when the alert ends.
   * @throws if a property is wrong, with all that is wrong
   */
  static pagerDuty(props: PagerDutyProps): ContactPoint {
    refuse('ContactPoint.pagerDuty', props, { name, integrationKey: required(secretKey) });
    return new ContactPoint(
      props.name,
      'pagerduty',
      { integrationKey: props.integrationKey, severity: '{{ .CommonLabels.severity }}' },
      true,
    );
  }

  /**
   * An Opsgenie integration. Atlassian ends Opsgenie in April 2027.
   * @throws if a property is wrong, with all that is wrong
   */
  static opsgenie(props: OpsgenieProps): ContactPoint {
    refuse('ContactPoint.opsgenie', props, { name, apiKey: required(secretKey), europe: boolean });
    const apiUrl = `https://${props.europe ? 'api.eu.opsgenie.com' : 'api.opsgenie.com'}/v2/alerts`;
    return new ContactPoint(props.name, 'opsgenie', { apiKey: props.apiKey, apiUrl, sendTagsAs: 'both' }, true);
  }

  /**
   * A Better Stack integration of kind "Grafana".
   * @throws if a property is wrong, with all that is wrong
   */
  static betterStack(props: SecretUrlProps): ContactPoint {
    refuse('ContactPoint.betterStack', props, { name, url: required(secretKey) });
    return new ContactPoint(props.name, 'webhook', { url: props.url, httpMethod: 'POST' }, true);
  }

  /**
   * A Slack channel, by its incoming webhook.
   * @throws if a property is wrong, with all that is wrong
   */
  static slack(props: SecretUrlProps): ContactPoint {
    refuse('ContactPoint.slack', props, { name, url: required(secretKey) });
    return new ContactPoint(props.name, 'slack', { url: props.url });
  }

  /**
   * Email addresses.
   * @throws if a property is wrong, with all that is wrong
   */
  static email(props: EmailProps): ContactPoint {
    refuse('ContactPoint.email', props, { name, addresses: required(list(emailAddress, { min: 1 })) });
    return new ContactPoint(props.name, 'email', { addresses: props.addresses.join(';'), singleEmail: true });
  }

  /**
   * Any URL: Grafana's own JSON, by POST.
   * @throws if a property is wrong, with all that is wrong
   */
  static webhook(props: WebhookProps): ContactPoint {
    refuse('ContactPoint.webhook', props, { name, url: required(secretKey), endpoint: endpointCheck });
    return new ContactPoint(props.name, 'webhook', { url: props.url, httpMethod: 'POST' }, false, props.endpoint);
  }

  private constructor(
    /** What routes call it. */
    readonly name: string,
    /** @internal Grafana's name for the kind. */
    readonly _type: string,
    /** @internal */
    readonly _settings: Record<string, unknown>,
    /** @internal Whether it wakes somebody. */
    readonly _pages = false,
    private readonly endpoint?: Endpoint,
  ) {}

  /** @internal Where Grafana connects to; email goes by the SMTP server. */
  get _endpoints(): Endpoint[] {
    return this._type === 'email' ? [] : [this.endpoint ?? { host: 'any', port: 443, reach: Reach.anywhere() }];
  }
}

export const contactPointName = text({ max: 100 });
const name = required(contactPointName);

export const emailAddress: Check = text({
  max: 254,
  pattern: /^[^\s@;,<>]+@[^\s@;,<>]+$/,
  allowed: 'an email address: somebody@acme.example',
});
