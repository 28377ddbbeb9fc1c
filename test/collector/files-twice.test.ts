import { Component } from '../../lib/collector/component';
import { ConfigValue } from '../../lib/collector/config-value';
import { Placement } from '../../lib/collector/placement';
import { Source, type SourceBinding } from '../../lib/collector/source';
import { ContainerLogs } from '../../lib/collector/sources/container-logs';
import { LogFiles } from '../../lib/collector/sources/log-files';
import { Volume } from '../../lib/kubernetes/volume';
import { withSources } from './synthesized';

/** Files as somebody writes them who knows the receiver. */
class Files extends Source {
  constructor(
    private readonly name: string,
    private readonly include: string | string[],
    private readonly exclude?: string[],
  ) {
    super();
  }

  bind(): SourceBinding {
    const folder = ConfigValue.directory(Volume.node('/var/log'));
    const path = (of: string) => ConfigValue.concat(folder, of.replace('/var/log', ''));
    const include = typeof this.include === 'string' ? path(this.include) : this.include.map(path);
    const config = { include, exclude: this.exclude?.map(path) };
    return { receivers: { logs: [Component.receiver({ componentType: 'file_log', name: this.name, config })] } };
  }
}

const files = (serviceName: string, ...paths: string[]) => new LogFiles({ serviceName, paths });
const made = (...sources: Source[]) => withSources(sources, { placement: Placement.daemonSet() });

test.each<[string, Source[], string]>([
  [
    'one path in two',
    [files('a', '/var/log/a/x.log', '/opt/y.log'), new ContainerLogs(), files('b', '/opt/y.log', '/opt/z.log')],
    "1 problem\n  sources[0] and sources[2]: given '/opt/y.log' in 'file_log/a' and in 'file_log/b'; allowed: each file in one of them, `exclude` for the other: its lines would be there twice",
  ],
  ['one pattern in two', [files('a', '/opt/*.log'), files('b', '/opt/*.log')], "given '/opt/*.log' in 'file_log/a' and in 'file_log/b'"],
  ['a file of a pattern', [files('a', '/opt/x.log'), files('b', '/opt/*.{log,txt}')], "given '/opt/x.log' in 'file_log/a'"],
  ['a file below', [files('a', '/opt/**/*.log'), files('b', '/opt/x/y/z.log', '/opt/x.log')], "given '/opt/x/y/z.log', '/opt/x.log' in"],
  [
    "a container's file",
    [new Files('mine', '/var/log/pods/shop_a-0_1/app/0.log'), new ContainerLogs()],
    "given '/var/log/pods/shop_a-0_1/app/0.log' in 'file_log/mine' and in 'file_log'",
  ],
])('%s is read twice: one error', (_, sources, message) => {
  expect(() => made(...sources)).toThrow(message);
});

test.each<[string, Source[]]>([
  ['neighbours', [files('a', '/opt/x.log'), files('b', '/opt/y.log')]],
  ['another folder', [files('a', '/opt/*.log'), files('b', '/opt/x/y.log')]],
  ['one character more', [files('a', '/opt/?.log'), files('b', '/opt/xy.log', '/opt/x.log.1')]],
  ['a dot is a dot', [files('a', '/opt/*.log'), files('b', '/opt/x-log')]],
  ['left out by the other', [new LogFiles({ serviceName: 'a', paths: ['/opt/*.log'], exclude: ['/opt/x.log'] }), files('b', '/opt/x.log')]],
  ['excluded there', [new Files('a', ['/var/log/*.log'], ['/var/log/x.*']), new Files('b', '/var/log/x.log')]],
  ['a pattern that is divided', [new Files('a', ['/var/log/*'], ['/var/log/x*']), new Files('b', ['/var/log/*'], ['/var/log/[!x]*'])]],
  ['a comma is a comma', [files('a', '/opt/a,b.log'), files('b', '/opt/a', '/opt/b.log')]],
  ['braces in disorder', [files('a', '/opt/}}x{{'), files('b', '/opt/x')]],
  ['what is not plain', [files('a', '/opt/[a-z].log', '/opt/{x.log'), files('b', '/opt/x.log')]],
])('%s is read once', (_, sources) => {
  expect(() => made(...sources)).not.toThrow();
});
