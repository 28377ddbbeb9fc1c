import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  createCompilerHost,
  createProgram,
  flattenDiagnosticMessageText,
  getPreEmitDiagnostics,
  ModuleKind,
  parseJsonConfigFileContent,
  readConfigFile,
  ScriptTarget,
  sys,
  transpileModule,
} from 'typescript';
import * as library from '../../lib';
import * as otelcol from '../../lib/otelcol';
import { root, type SourceFile } from './source-files';

export interface Program {
  /** Where it stands: `README.md:12`. */
  readonly where: string;
  readonly text: string;
}

/** The TypeScript programs of a Markdown file: its blocks marked `ts`, each a whole program. */
export function programsOf(file: string, markdown: string): Program[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```/gms)].map((block) => ({
    where: `${file}:${markdown.slice(0, block.index).split('\n').length + 1}`,
    text: block[1],
  }));
}

/** The examples in docstrings, in which `app`, `chart`, `clickhouse`, `gateway` and `checkout`, a Deployment, are given. */
export function examplesOf({ path, text }: SourceFile, publicNames: readonly string[]): Program[] {
  const given = [
    `import { ApiObject, App, Chart, Duration, JsonPatch, Size } from 'cdk8s';`,
    `import { Cpu, Deployment } from 'cdk8s-plus-27';`,
    `import { ${publicNames.join(', ')} } from 'cdk8s-observability';`,
    `import { connector, exporter, extension, processor, receiver } from 'cdk8s-observability/otelcol';`,
    'declare const app: App, chart: Chart, clickhouse: ClickHouseCluster, gateway: CollectorGateway, checkout: Deployment;',
  ].join(' ');
  return [...text.matchAll(/^ *\* @example\n((?: *\* .*\n)+?) *\*(?:\/| @)/gm)].map((block) => ({
    where: `${path}:${text.slice(0, block.index).split('\n').length}`,
    text: `${given} {\n${block[1].replace(/^ *\* /gm, '')}}\n`,
  }));
}

/** What the compiler says of programs that import the package by its name, as users do: here it stands for the sources. */
export function compilerErrors(programs: readonly Program[]): string[] {
  const { config } = readConfigFile(join(root, 'tsconfig.test.json'), sys.readFile);
  const { options } = parseJsonConfigFileContent(
    { ...config, compilerOptions: { ...config.compilerOptions, noUnusedLocals: false } },
    sys,
    root,
  );
  const texts = new Map(programs.map(({ text }, index) => [join(root, `examples/program-${index}.ts`), text]));
  const host = createCompilerHost(options);
  const { fileExists, readFile } = host;
  Object.assign(host, {
    fileExists: (path: string) => texts.has(path) || fileExists(path),
    readFile: (path: string) => texts.get(path) ?? readFile(path),
  });
  const program = createProgram([...texts.keys()], options, host);
  return [...texts.keys()].flatMap((path, index) =>
    getPreEmitDiagnostics(program, program.getSourceFile(path)).map(({ messageText, start, file }) => {
      const line = file?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0;
      const [name, first] = programs[index].where.split(':');
      return `${name}:${Number(first) + line}: ${flattenDiagnosticMessageText(messageText, ' ')}`;
    }),
  );
}

const fromHere = createRequire(__filename);
const own: Record<string, unknown> = { 'cdk8s-observability': library, 'cdk8s-observability/otelcol': otelcol };

/** Runs a program as users do; what it writes goes to a folder. */
export function run({ where, text }: Program, folder: string): void {
  const { outputText } = transpileModule(text, { compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 } });
  const outdir = process.env.CDK8S_OUTDIR;
  process.env.CDK8S_OUTDIR = folder;
  try {
    new Function('require', 'exports', outputText)((name: string) => own[name] ?? fromHere(name), {});
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`);
  } finally {
    if (outdir === undefined) {
      delete process.env.CDK8S_OUTDIR;
    } else {
      process.env.CDK8S_OUTDIR = outdir;
    }
  }
}
