import { LogParser } from '../../../lib/collector/logs/log-parser';
import { Multiline } from '../../../lib/collector/logs/multiline';
import { Placement } from '../../../lib/collector/placement';
import type { Source } from '../../../lib/collector/source';
import { ContainerLogs } from '../../../lib/collector/sources/container-logs';
import { Journald, JournalPriority } from '../../../lib/collector/sources/journald';
import { LogFiles, type LogFilesProps } from '../../../lib/collector/sources/log-files';
import { withSources } from '../synthesized';

const onNodes = (sources: Source[]) => withSources(sources, { placement: Placement.daemonSet() });
const files = (props: Partial<LogFilesProps> = {}) =>
  onNodes([new LogFiles({ paths: ['/var/log/audit/audit.log'], serviceName: 'auditd', ...props })]);
const mounts = (pod: any) => pod.volumes.flatMap(({ hostPath }: any) => (hostPath ? [hostPath.path] : [])).sort();

describe('LogFiles', () => {
  test.each([
    ['/var/log/audit/audit.log', '/var/log/audit'],
    ['/var/log/nginx/*.log', '/var/log/nginx'],
    ['/opt/app-?/logs/x.log', '/opt'],
    ['/srv/{a,b}/x.log', '/srv'],
    ['/srv/a[bc]/x.log', '/srv'],
    ['/srv/a/**/x.log', '/srv/a'],
  ])('%s: %s is mounted, read-only, where it is on the node', (path, folder) => {
    const { config, pod } = files({ paths: [path] });
    expect(config.receivers['file_log/auditd'].include).toEqual([path]);
    const { name } = pod.volumes.find(({ hostPath }: any) => hostPath?.path === folder);
    expect(pod.containers[0].volumeMounts).toContainEqual({ name, mountPath: folder, readOnly: true });
  });

  test('folders of several paths are mounted once each; whose logs they are is said; checkpoints are those of container logs', () => {
    const paths = ['/var/log/nginx/access.log', '/var/log/nginx/error.log', '/opt/a.log'];
    const { config, pod } = onNodes([new ContainerLogs(), new LogFiles({ paths, serviceName: 'nginx' })]);
    expect(mounts(pod).filter((path: string) => !path.startsWith('/var/lib'))).toEqual(['/opt', '/var/log/nginx', '/var/log/pods']);
    expect(config.receivers['file_log/nginx']).toMatchObject({
      resource: { 'service.name': 'nginx' },
      storage: 'file_storage/checkpoints',
    });
    expect(pod.securityContext.runAsUser).toBe(0);
  });

  test.each<[Partial<LogFilesProps>, string]>([
    [{ paths: undefined }, 'paths: given nothing'],
    [{ paths: [] }, 'paths: given a list of 0; allowed: a list of at least one absolute path'],
    [{ paths: ['audit.log'] }, 'paths[0]: given "audit.log"; allowed: an absolute path'],
    [{ paths: ['/a.log'] }, 'paths[0]: given "/a.log"; allowed: files in a folder that can be mounted'],
    [{ paths: ['/*/a.log'] }, 'paths[0]: given "/*/a.log"; allowed: files in a folder'],
    [{ paths: ['/etc/x/a.log'] }, 'paths[0]: given "/etc/x/a.log"'],
    [{ paths: ['/var/log/'] }, 'paths[0]: given "/var/log/"'],
    [{ paths: ['/var/../a/b.log'] }, 'paths[0]: given "/var/../a/b.log"'],
    [
      { paths: ['/var/log/containers/*.log'] },
      'paths[0]: given "/var/log/containers/*.log"; allowed: files that are no container’s: these are read by ContainerLogs, whose `include` selects',
    ],
    [{ paths: ['/var/log/pods/shop_*/*/*.log'] }, 'read by ContainerLogs'],
    [{ exclude: ['debug.log'] }, 'exclude[0]: given "debug.log"; allowed: an absolute path'],
    [{ serviceName: 'Audit D' }, 'serviceName: given "Audit D"'],
    [{ parse: LogParser.json({ namespaces: ['a'] }) }, 'parse: given one that names containers'],
    [{ multiline: Multiline.startsWith('a', { pods: ['a'] }) }, 'multiline: given one that names containers'],
    [{ parse: [LogParser.json()] as never }, 'parse: given a list of 1'],
  ])('bad input %#: one clear error', (props, message) => {
    expect(() => files(props)).toThrow(message);
  });

  test('two of one service are two receivers of one name: a refusal says so', () => {
    const other = new LogFiles({ paths: ['/opt/a.log'], serviceName: 'auditd' });
    expect(() => onNodes([new LogFiles({ paths: ['/opt/b.log'], serviceName: 'auditd' }), other])).toThrow("'file_log/auditd'");
  });
});

describe('Journald', () => {
  test("the node's own journalctl reads, with the node's file system as its root", () => {
    const { config, pod, warnings } = onNodes([
      new Journald({ units: ['kubelet.service'], priority: JournalPriority.WARNING, journalctlPath: '/bin/journalctl' }),
    ]);
    expect(config.receivers.journald).toMatchObject({
      root_path: '/host',
      journalctl_path: '/bin/journalctl',
      units: ['kubelet.service'],
      priority: 'warning',
      start_at: 'end',
      storage: 'file_storage/checkpoints',
    });
    const { name } = pod.volumes.find(({ hostPath }: any) => hostPath?.path === '/');
    expect(pod.containers[0].volumeMounts).toContainEqual({ name, mountPath: '/host', readOnly: true });
    expect(pod.containers[0].securityContext.capabilities).toEqual({ drop: ['ALL'], add: ['SYS_CHROOT'] });
    expect(warnings).toEqual([]);
  });

  test('where journalctl is not known to be there, a warning says what to do', () => {
    expect(onNodes([new Journald()]).warnings).toEqual([expect.stringContaining('Give `journalctlPath`')]);
  });

  test.each<[object, string]>([
    [{ units: ['a b'] }, 'units[0]: given "a b"'],
    [{ units: [] }, 'units: given a list of 0; allowed: a list of at least one unit of systemd'],
    [{ priority: 'loud' }, 'priority: given "loud"'],
    [{ journalctlPath: 'journalctl' }, 'journalctlPath: given "journalctl"'],
    [{ startAt: 'middle', unit: [] }, 'Journald: 2 problems'],
  ])('bad input %#: one clear error', (props, message) => {
    expect(() => new Journald(props as never)).toThrow(message);
  });
});
