import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { camel } from './camel.ts';
import { presetFolder, renderPresets } from './presets.ts';

/** A folder whose `index.ts` is generated: one entry per file, exported under the file's own camel-case name. */
interface Catalog {
  folder: string;
  /** What one entry is and where its type comes from. */
  type: string;
  from: string;
  /** Name of what is exported. */
  list: string;
  /** What is exported: a list, a Map keyed by an expression of `e`, or a catalog of entries of a kind. */
  as: 'list' | { key: string } | { kind: string; door: string };
  /** Exports every entry by name as well: for folders that are a public door. */
  named: boolean;
  /** Lines that the index carries beside the catalog. */
  extra?: string[];
  /** Entries from elsewhere that the catalog has too: an expression, imported by the line before. */
  more?: { import: string; entries: string };
}

export const catalogs: Catalog[] = [
  {
    folder: 'src/onnx/ops',
    type: 'OpDefinition',
    from: '../op.ts',
    list: 'operators',
    as: { key: "e.domain === '' ? e.op : `${e.domain}.${e.op}`" },
    named: false,
  },
  {
    folder: 'src/autodiff/rules',
    type: 'Rule',
    from: '../rule.ts',
    list: 'rules',
    as: { key: "e.domain === '' ? e.op : `${e.domain}.${e.op}`" },
    named: false,
  },
  {
    folder: 'src/attacks',
    type: 'Attack',
    from: './define.ts',
    list: 'attacks',
    as: { kind: 'attack', door: '../catalog/index.ts' },
    named: true,
    extra: ["export * from './door.ts';"],
    more: { import: "import { presets } from './presets/index.ts';", entries: '...presets.all' },
  },
  {
    folder: 'src/attacks/views',
    type: 'View',
    from: '../view.ts',
    list: 'views',
    as: { kind: 'view', door: '../../catalog/index.ts' },
    named: true,
  },
  {
    folder: 'src/defenses',
    type: 'Defense',
    from: './define.ts',
    list: 'defenses',
    as: { kind: 'defense', door: '../catalog/index.ts' },
    named: true,
    extra: ["export * from './door.ts';"],
  },
  {
    folder: 'src/defenses/training',
    type: 'TrainingDefense',
    from: './define.ts',
    list: 'trainingDefenses',
    as: { kind: 'training defense', door: '../../catalog/index.ts' },
    named: true,
  },
  {
    folder: 'src/cli/commands',
    type: 'CommandDefinition',
    from: '../command.ts',
    list: 'commands',
    as: 'list',
    named: false,
  },
];

/** Files that are a room's machinery rather than entries say so by exporting no constant of the file's name. */
function entries(folder: string): { file: string; name: string }[] {
  return filesOf(folder).filter(({ file, name }) => has(folder, file, `^export const ${name}\\b`));
}

function filesOf(folder: string): { file: string; name: string }[] {
  return readdirSync(folder)
    .filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts') && f !== 'index.ts')
    .map((file) => ({ file, name: camel(path.basename(file, '.ts')) }))
    .toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

function has(folder: string, file: string, pattern: string): boolean {
  return new RegExp(pattern, 'm').test(readFileSync(path.join(folder, file), 'utf8'));
}

/** Entries that stand over all others say so by exporting a function of these, `others`, under the file's name. */
function entriesOver({ folder, type }: Catalog): { file: string; name: string }[] {
  return filesOf(folder).filter(({ file, name }) =>
    has(folder, file, `^export function ${name}\\(others: readonly ${type}\\[\\]\\)`),
  );
}

/** Text of the folder's `index.ts`. */
export function render(catalog: Catalog): string {
  const found = entries(catalog.folder);
  const lines = ['// Generated from the files of this folder by `npm run catalog`. Do not edit.'];
  const { as, more } = catalog;
  const over = as !== 'list' && 'kind' in as ? entriesOver(catalog) : [];
  for (const { file, name } of [...found, ...over]) lines.push(`import { ${name} } from './${file}';`);
  lines.push(`import type { ${catalog.type} } from '${catalog.from}';`);
  if (more) lines.push(more.import);
  if (as !== 'list' && 'kind' in as) lines.push(`import { type Catalog, catalogOf } from '${as.door}';`);
  lines.push('');
  if (catalog.extra) lines.push(...catalog.extra, '');
  if (catalog.named && found.length > 0) lines.push(`export { ${found.map((f) => f.name).join(', ')} };`, '');
  const all = [...found.map((f) => f.name), ...(more ? [more.entries] : [])].join(', ');
  if (over.length > 0) lines.push(`const single: readonly ${catalog.type}[] = [${all}];`, '');
  const array =
    over.length === 0 ? `[${all}]` : `[...single, ${over.map((f) => `${f.name}(single)`).join(', ')}]`;
  if (as === 'list') lines.push(`export const ${catalog.list}: readonly ${catalog.type}[] = ${array};`);
  else if ('key' in as)
    lines.push(
      `export const ${catalog.list}: ReadonlyMap<string, ${catalog.type}> = new Map(`,
      `(${array} as readonly ${catalog.type}[]).map((e) => [${as.key}, e]));`,
    );
  else
    lines.push(`export const ${catalog.list}: Catalog<${catalog.type}> = catalogOf('${as.kind}', ${array});`);
  return `${lines.join('\n')}\n`;
}

if (import.meta.main) {
  for (const catalog of catalogs) {
    writeFileSync(path.join(catalog.folder, 'index.ts'), render(catalog));
  }
  const folders = [...catalogs.map((c) => c.folder), presetFolder];
  writeFileSync(path.join(presetFolder, 'index.ts'), renderPresets());
  const { spawnSync } = await import('node:child_process');
  spawnSync('biome', ['check', '--write', ...folders.map((folder) => path.join(folder, 'index.ts'))], {
    stdio: 'inherit',
  });
}
