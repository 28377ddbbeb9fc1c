import { componentTables, distributions, perhapsDistributed } from '../../imports/otelcol';
import { nearest } from '../kubernetes/checks';
import { shippedImages } from '../kubernetes/images';
import type { Problem } from '../kubernetes/problems';
import type { Component } from './component';

/**
 * Components that the image does not hold: a collector would not start with them. Official images are known by their names, wherever they are mirrored; others are
 * their owner's.
 */
export function undistributed(image: string, components: readonly Component[]): Problem[] {
  const [, name, tag] = /(?:^|\/)(opentelemetry-collector(?:-[a-z0-9]+)?)(?::([^@]+))?(?:@.*)?$/.exec(image) ?? [];
  return name !== undefined && distributions[name]
    ? components
        .flatMap((component) => [component, ...started(component)])
        .flatMap((component) => missing(component, name, tag === shippedImages.collector.tag))
    : [];
}

type Part = Pick<Component, '_kind' | 'id'>;

/** Receivers that a receiver starts, for what it finds. */
const started = ({ id, _config: { receivers } }: Component): Part[] =>
  id.split('/')[0] === 'receiver_creator' ? Object.keys(receivers ?? {}).map((started) => ({ _kind: 'receiver', id: started })) : [];

/** `proven`: whether the image is of the version that the lists are of; others may hold what no list names. */
function missing({ _kind: kind, id }: Part, image: string, proven: boolean): Problem[] {
  const [type] = id.split('/');
  const named = (ids = '') => ids.split(' ').includes(type.replaceAll('_', ''));
  const others = Object.keys(distributions).filter((other) => named(distributions[other][kind]));
  if (others.includes(image) || named(perhapsDistributed[kind]) || (others.length === 0 && !proven)) {
    return [];
  }
  const allowed =
    others.length > 0
      ? others.map((other) => `\`${other}\``).join(' or ')
      : `no official image has it: ${near(type, kind)}an image of your own that has it is \`image\` of a Collector`;
  return [{ where: 'image', given: `\`${image}\`, which lacks the ${kind} \`${type}\``, allowed }];
}

function near(type: string, kind: Component['_kind']): string {
  const answer = nearest(type, Object.keys(componentTables[kind]));
  if (answer.startsWith('did you mean')) {
    return `${answer} Or `;
  }
  const modules = new Set(Object.values(distributions).flatMap((of) => of[kind].split(' ')));
  const ofModules = nearest(type.replaceAll('_', ''), [...modules]);
  return ofModules.startsWith('did you mean') ? `${ofModules} So its module is called, and its type perhaps has a \`_\`. Or ` : '';
}
