import type { ObjectMeta } from '../../imports/kubernetes';

/** The custom resources that can be created, by API version and kind. Only the fields that are written: what else a resource can say, a patch says. */
export interface CustomResources {
  'cert-manager.io/v1/Certificate': Certificate;
}

/** @see https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.Certificate */
export interface Certificate {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
  spec: {
    secretName: string;
    issuerRef: { name: string; kind: string; group: string };
    dnsNames: string[];
    usages: string[];
    privateKey: { algorithm: string; rotationPolicy: string };
  };
}
