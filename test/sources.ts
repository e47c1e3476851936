import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

/** The repository, wherever the tests are started. */
export const root = path.resolve(import.meta.dirname, '..');

/** At the top of the repository. */
const ignored = new Set(['node_modules', 'dist', '.git', '.tmp', 'runs', 'coverage']);

/** Paths, relative to the repository, of all its files; what is made or installed is left out. */
export function filesUnder(folder = ''): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter((entry) => (folder !== '' || !ignored.has(entry.name)) && !entry.name.endsWith('.tgz'))
    .flatMap((entry) => {
      const name = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) return filesUnder(name);
      return entry.isFile() ? [name] : [];
    })
    .toSorted();
}

export function readText(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/**
 * What a module refers to: imports (types too, dynamic ones, re-exports) and files named by
 * `new URL('./x.ts', import.meta.url)`. Where an expression decides, the text before it stands for all of it.
 */
export function references(file: string, source: string): string[] {
  const { module, program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const found = [
    ...module.staticImports.map((i) => i.moduleRequest.value),
    ...module.staticExports.flatMap((e) => e.entries.flatMap((n) => n.moduleRequest?.value ?? [])),
  ];
  const add = (node: unknown): void => {
    const text = textOf(node);
    if (text !== undefined) found.push(text);
  };
  new Visitor({
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    NewExpression(node) {
      const [what, base] = node.arguments;
      if (
        node.callee.type === 'Identifier' &&
        node.callee.name === 'URL' &&
        base?.type === 'MemberExpression'
      )
        add(what);
    },
  }).visit(program);
  return found;
}

function textOf(node: unknown): string | undefined {
  const { type, value, quasis } = node as {
    type: string;
    value?: unknown;
    quasis?: { value: { cooked: string } }[];
  };
  if (type === 'TemplateLiteral') return quasis?.[0]?.value.cooked;
  return type === 'Literal' && typeof value === 'string' ? value : undefined;
}
