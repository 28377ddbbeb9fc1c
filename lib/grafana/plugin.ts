import type { EnvVar } from '../../imports/kubernetes';
import { refuse, required, text } from '../kubernetes/checks';
import { type Endpoint, Reach } from '../kubernetes/endpoint';
import { imageReference } from '../kubernetes/images';

/** Grafana's data source for ClickHouse, in the version that the queries of this release were written for. */
export const clickHousePlugin = { id: 'grafana-clickhouse-datasource', version: '4.20.0' } as const;

/**
 * Where Grafana takes its ClickHouse data source from: the image does not hold it.
 * @see https://grafana.com/docs/grafana/latest/administration/plugin-management/
 */
export class Plugins {
  /** From grafana.com, at the first start; it lies on Grafana's claim from then on. */
  static fromGrafanaCom(): Plugins {
    return new Plugins(`${clickHousePlugin.id}@${clickHousePlugin.version}`, { host: 'grafana.com', port: 443, reach: Reach.anywhere() });
  }

  /**
   * From a mirror of your own, at the first start: the address of the plugin's archive.
   * @param url e.g. `https://mirror.acme.example/grafana-clickhouse-datasource-4.20.0.zip`
   * @throws if it is not the address of a zip archive by http or https, or carries a login
   */
  static fromUrl(url: string): Plugins {
    refuse('Plugins.fromUrl', { url }, { url: required(archiveUrl) });
    const { hostname, port, protocol } = new URL(url);
    const endpoint = { host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80), reach: Reach.anywhere() };
    return new Plugins(`${clickHousePlugin.id}@${clickHousePlugin.version}@${url}`, endpoint);
  }

  /**
   * In an image of Grafana of your own, in `/var/lib/grafana/plugins`: nothing is downloaded.
   * @param image with a tag or a digest
   * @throws if it is no image, or one that moves by itself
   */
  static inImage(image: string): Plugins {
    refuse('Plugins.inImage', { image }, { image: required(imageReference) });
    return new Plugins(undefined, undefined, image);
  }

  private constructor(
    private readonly preinstall?: string,
    /** @internal Where it is downloaded from. */
    readonly _endpoint?: Endpoint,
    /** @internal */
    readonly _image?: string,
  ) {}

  /** @internal Bundled plugins are never updated in the pod: that fails on a read-only root, and takes the working plugin away first. */
  _settings(claimPath: string): EnvVar[] {
    const shared = [{ name: 'GF_PLUGINS_PREINSTALL_AUTO_UPDATE', value: 'false' }];
    return this.preinstall === undefined
      ? [
          ...shared,
          { name: 'GF_PATHS_PLUGINS', value: '/var/lib/grafana/plugins' },
          { name: 'GF_PLUGINS_PREINSTALL_DISABLED', value: 'true' },
        ]
      : [
          ...shared,
          { name: 'GF_PATHS_PLUGINS', value: `${claimPath}/plugins` },
          { name: 'GF_PLUGINS_PREINSTALL_SYNC', value: this.preinstall },
        ];
  }
}

const archiveUrl = text({
  max: 2000,
  pattern: /^https?:\/\/[^\s@,;]+\.zip$/,
  allowed: 'the address of a zip archive by http or https, without login',
});
