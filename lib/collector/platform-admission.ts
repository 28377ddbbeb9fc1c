import type { Construct } from 'constructs';
import type { WorkloadIdentity } from '../kubernetes/labels';
import type { Problem } from '../kubernetes/problems';
import { nodeConstraints } from '../kubernetes/security-context-constraints';
import type { Volume } from '../kubernetes/volume';
import { warn } from '../kubernetes/warnings';
import { userOf } from './collector-objects';
import { isLostWithPod } from './node-state';
import type { Placement } from './placement';
import type { Platform } from './platform';
import { platformFacts } from './platform-facts';
import type { Rendering } from './rendering';

/** What a collector needs and its platform lets no pod have. */
export function refusedByPlatform(platform: Platform, placement: Placement, { needs, access }: Rendering): Problem[] {
  const { refuses } = platformFacts[platform];
  if (!refuses) {
    return [];
  }
  const problem = (given: string, allowed: string): Problem => ({
    where: 'platform',
    given: `${platform}, and ${given}`,
    allowed,
    fix: refuses.instead,
  });
  if (refuses.daemonSets && placement._kind === 'DaemonSet') {
    return [problem('a DaemonSet', `a Deployment or a StatefulSet: ${refuses.daemonSets}`)];
  }
  const folders = refuses.nodeFoldersBut ?? [];
  const allowedFolders = folders.length > 0 ? `folders below ${folders.join(', ')}, to be read` : 'no folder of the node';
  const host = [
    ...(access.hostNetwork ? ["the node's network"] : []),
    ...(access.hostPid ? ["the node's processes"] : []),
    ...access.capabilities.map((capability) => `the capability ${capability}`),
  ];
  return [
    ...[...needs.volumes.values()]
      .filter((volume) => volume._kind === 'node' && !isBelow(volume, folders))
      .map((volume) => problem(`a source that ${volume._writable ? 'writes to' : 'reads'} the node's ${volume._nodePath}`, allowedFolders)),
    ...(refuses.hostAccess ? host.map((what) => problem(`a source that needs ${what}`, 'sources that do without')) : []),
  ];
}

const isBelow = ({ _nodePath, _writable }: Volume, folders: readonly string[]) =>
  !_writable && !_nodePath.split('/').includes('..') && folders.some((folder) => `${_nodePath}/`.startsWith(`${folder}/`));

/** What a platform has to be told before it starts a collector, and what it costs there. */
export function admitToPlatform(scope: Construct, workload: WorkloadIdentity, platform: Platform, rendering: Rendering): void {
  const { needs, access } = rendering;
  const volumes = [...needs.volumes.values()];
  const user = userOf(rendering);
  if (platformFacts[platform].securityContextConstraints && (user === 0 || volumes.some(({ _kind }) => _kind === 'node'))) {
    nodeConstraints(scope, workload, {
      user,
      capabilities: access.capabilities,
      hostNetwork: access.hostNetwork,
      hostPid: access.hostPid,
      volumes: [...new Set(['configMap', 'projected', 'secret', ...volumes.map(({ _kind }) => constrained[_kind])])],
    });
  }
  const claims = platformFacts[platform].refuses?.claims;
  if (claims && volumes.some(({ _kind }) => _kind === 'persistent')) {
    warn(scope, claims);
  }
  if (volumes.some(isLostWithPod)) {
    warn(
      scope,
      `${platform} lets no pod write to its node: how far logs were read, and what the gateway did not take yet, goes with each pod of the agent. What is written while a new one starts is not read`,
    );
  }
}

/** Kinds of volumes, as constraints call them. */
const constrained: Record<Volume['_kind'], string> = {
  node: 'hostPath',
  ephemeral: 'emptyDir',
  memory: 'emptyDir',
  persistent: 'persistentVolumeClaim',
};
