import { text } from './checks';
import { problemReport } from './problems';

/** One image that the stack runs: a name and a tag. */
export interface ImageReference {
  readonly repository: string;
  readonly tag: string;
}

/**
 * The images of this release. One version of each program a release: the one that was proven.
 * @see https://github.com/open-telemetry/opentelemetry-collector-releases
 */
export const shippedImages = {
  collector: { repository: 'ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib', tag: '0.161.0' },
  targetAllocator: { repository: 'ghcr.io/open-telemetry/opentelemetry-operator/target-allocator', tag: '0.158.0' },
  clickhouse: { repository: 'docker.io/clickhouse/clickhouse-server', tag: '26.8' },
  grafana: { repository: 'docker.io/grafana/grafana', tag: '13.2.3' },
} as const satisfies Record<string, ImageReference>;

export type ImageName = keyof typeof shippedImages;

/** Where images come from. */
export class Images {
  /** The public registries. */
  static upstream(): Images {
    return new Images();
  }

  /**
   * A registry of your own that mirrors the public ones under their full paths: `docker.io/grafana/grafana` is expected at `registry.acme.example/grafana/grafana`.
   * `chart.images` lists what has to be there.
   * @throws if `registry` is not a host with an optional port and path
   */
  static mirror(registry: string): Images {
    if (typeof registry !== 'string' || !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(registry)) {
      throw new Error(
        problemReport('Images.mirror', [
          {
            where: 'registry',
            given: JSON.stringify(registry),
            allowed: 'a host with an optional port and path, without scheme and final slash: registry.acme.example/mirror',
          },
        ]),
      );
    }
    return new Images(registry);
  }

  private constructor(
    /** @internal */
    readonly _registry?: string,
  ) {}

  /** @internal */
  _reference(name: ImageName): string {
    const { repository, tag } = shippedImages[name];
    return `${this._registry ? `${this._registry}/${repository.slice(repository.indexOf('/') + 1)}` : repository}:${tag}`;
  }
}

/** An image of a user's own: with a tag or a digest, as one that moves by itself is no version. */
export const imageReference = text({
  max: 255,
  pattern:
    /^[a-z0-9][a-z0-9._/:-]*[a-z0-9]((:(?!latest(@|$))[A-Za-z0-9_][A-Za-z0-9._-]{0,127})(@sha256:[a-f0-9]{64})?|@sha256:[a-f0-9]{64})$/,
  allowed: 'an image with a tag other than `latest`, or with a digest',
});
