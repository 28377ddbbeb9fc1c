import type { SecretKey } from '../../kubernetes/secret-key';
import { ConfigValue } from '../config-value';
import type { Platform } from '../platform';
import { platformFacts } from '../platform-facts';
import { serviceAccountFolder } from './scraping';

/** How the kubelet's certificate is checked. */
export class KubeletTls {
  /** By the cluster's own authority, which every pod has. Right where kubelets get their certificates from the cluster (`serverTLSBootstrap`): then `kubectl get csr` shows them. */
  static clusterAuthority(): KubeletTls {
    return new KubeletTls({ insecure_skip_verify: false });
  }

  /** By an authority of your own, a PEM file in a Secret of the agent's namespace. */
  static authority(certificate: SecretKey): KubeletTls {
    return new KubeletTls({ ca_file: ConfigValue.secretFile(certificate) });
  }

  /** Not at all. The connection does not leave the node; whoever takes the kubelet's port there would be sent the agent's token. */
  static unverified(): KubeletTls {
    return new KubeletTls(
      { insecure_skip_verify: true },
      "the kubelet's certificate is not verified: where the cluster signs kubelets' certificates, give `kubeletTls: KubeletTls.clusterAuthority()` to the NodeAgent, or `tls` to KubeletMetrics and CAdvisorMetrics of your own",
    );
  }

  /** @internal What a platform's kubelets allow by default. */
  static _of(platform: Platform): KubeletTls {
    return platformFacts[platform].signsKubelets ? KubeletTls.clusterAuthority() : KubeletTls.unverified();
  }

  /** @internal The same, as a scrape of the kubelet is told. */
  get _scrapeConfig(): Record<string, unknown> {
    return this._config.insecure_skip_verify === false ? { ca_file: `${serviceAccountFolder}/ca.crt` } : this._config;
  }

  private constructor(
    /** @internal */
    readonly _config: Record<string, unknown>,
    /** @internal */
    readonly _warning?: string,
  ) {}
}
