import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './source-files';

const pages = [root, join(root, 'docs'), join(root, 'docs/guides'), join(root, 'docs/runbooks')].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

test.each(pages)('what %s links to is there', (page) => {
  const text = readFileSync(page, 'utf8').replace(/```.*?```/gs, '');
  const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)/g)].map(([, target]) => target);
  expect(targets.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([]);
});
