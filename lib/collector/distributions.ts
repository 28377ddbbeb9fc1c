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
    ? components.flatMap((component) => missing(component, name, tag === shippedImages.collector.tag))
    : [];
}

/** `proven`: whether the image is of the version that the lists are of; others may hold what no list names. */
function missing({ _kind: kind, id }: Component, image: string, proven: boolean): Problem[] {
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
  return answer.startsWith('did you mean') ? `${answer} Or ` : '';
}
