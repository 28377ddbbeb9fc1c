import type { Component, ComponentKind } from './component';

/**
 * Addresses and paths that stand in a configuration as plain text, where a ConfigValue would open or mount something. They may be meant: the port may be opened,
 * the folder mounted by a patch. `ConfigValue.concat('…')` says so.
 */
export const plainTextWarnings = (components: readonly Component[]): string[] =>
  components.flatMap(({ id, _kind, _config }) => textsOf(_config, id, _kind));

/** ConfigValue.listen opens ports of TCP. */
const overUdp = ['udp', 'thrift_compact', 'thrift_binary'];

function textsOf(config: object, at: string, kind: ComponentKind, ofServer = false): string[] {
  const serves = ofServer || 'endpoint' in config;
  return Object.entries(config).flatMap(([field, value]) => {
    if (overUdp.includes(field)) {
      return [];
    }
    const where = `${at}.${field}`;
    const items = Array.isArray(value) ? value.map((item, index) => [`${where}[${index}]`, item]) : [[where, value]];
    return items.flatMap(([place, item]) => {
      if (typeof item === 'string') {
        // Beside an endpoint, and below it, it is the path of a URL.
        return field === 'path' && serves ? [] : warningOf(field, item, place, kind);
      }
      return isPlain(item) ? textsOf(item, place, kind, serves) : [];
    });
  });
}

function warningOf(field: string, text: string, where: string, kind: ComponentKind): string[] {
  const port = /^endpoint$|^listen_address$/.test(field) && /^(?:0\.0\.0\.0|\[::\])?:(\d+)$/.exec(text)?.[1];
  if (port) {
    return [`${where} listens on '${text}' as plain text: nobody is let in there. Write ConfigValue.listen('name-of-port', ${port})`];
  }
  const path = /^(include|root_path|directory|path)$/.test(field) ? text : /^unix:\/\/(\/.*)/.exec(text)?.[1];
  if (!path?.startsWith('/')) {
    return [];
  }
  const folder = (/^[^*?[{]*/.exec(path) as RegExpExecArray)[0].replace(/(?<=.)\/[^/]*$/, '');
  // Receivers read what the node has; where others write is not for the library to say.
  const volume = kind === 'receiver' ? `Volume.node('${/^(root_path|directory)$/.test(field) ? path : folder}')` : 'volume';
  return [
    `${where} is '${text}' as plain text: nothing is mounted there. Write ConfigValue.directory(${volume}), with ConfigValue.concat for what stands behind it`,
  ];
}

/** Neither a ConfigValue nor an extension: those are known by their members. */
const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !('_render' in value) && !('_kind' in value);
