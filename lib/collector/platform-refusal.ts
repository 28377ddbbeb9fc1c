import type { Platform } from './platform';

/** A source that cannot be had on a platform: what was given and what to do instead. Whoever binds sources makes a problem of it. */
export class PlatformRefusal extends Error {
  readonly given: string;
  readonly allowed: string;

  constructor(platform: Platform, source: string, because: string) {
    super(`${source} on ${platform}: ${because}`);
    this.given = `${source} on ${platform}`;
    this.allowed = `sources without it: ${because}`;
  }
}
