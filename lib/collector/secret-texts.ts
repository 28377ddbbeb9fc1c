import type { Problem } from '../kubernetes/problems';

/** Fields whose value is a secret, in components of every kind. */
const always =
  /^((\w+_)?password|bearer_token|(api_|auth_|access_|application_)?token|api_key|(client|consumer|application|application_credential)_secret|secret_access_key|(secret|consumer|application)_key)$/;

/** And those of discoveries of Prometheus, whose names mean something else elsewhere. */
const ofDiscoveries = /^(credentials|(service|client_certificate)_key|key|secrets)$/;

/** Secrets that are given as text: they would stand in a ConfigMap. */
export function secretTexts(value: unknown, where: string, discovery = false): Problem[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => secretTexts(item, `${where}[${index}]`, discovery));
  }
  if (!isPlain(value)) {
    return [];
  }
  const secret = (name: string) => always.test(name) || (discovery && ofDiscoveries.test(name));
  return Object.entries(value).flatMap(([name, item]) =>
    secret(name) && [item].flat().some((one) => typeof one === 'string' && one !== '')
      ? [{ where: `${where}.${name}`, given: 'a text (a secret is never text here)', allowed: 'ConfigValue.secret(SecretKey.of(…))' }]
      : secretTexts(item, `${where}.${name}`, discovery),
  );
}

const isPlain = (value: unknown): value is object =>
  Object.prototype.toString.call(value) === '[object Object]' && !('_render' in (value as object)) && !('_kind' in (value as object));
