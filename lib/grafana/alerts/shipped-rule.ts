import type { AlertRuleProps } from '../alert-rule';

/** A rule of the library. Its runbook is a page of the documentation that is called like it. */
export interface ShippedRule {
  readonly props: Omit<AlertRuleProps, 'runbook'>;
  readonly group: string;
  readonly shownOn: { readonly dashboard: string; readonly panel: number };
}
