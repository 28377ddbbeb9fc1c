import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

export const root = resolve(__dirname, '../..');

export interface SourceFile {
  /** From the root of the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every hand-written program text below the given folders: what imports/ holds as .ts is generated. */
export function sourceFiles(...folders: string[]): SourceFile[] {
  return folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => /\.(ts|mjs|cjs|sh|go)$/.test(path) && !/^imports\/.*\.ts$|node_modules/.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** The program without its comments, which may speak of what the code must not do. */
export function withoutComments(text: string): string {
  return transpileModule(text, { compilerOptions: { removeComments: true, target: ScriptTarget.ES2022, module: ModuleKind.ESNext } })
    .outputText;
}
