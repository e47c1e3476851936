import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { norms } from '../src/tensor/index.ts';
import { camel } from './camel.ts';

/** Folder of the presets: one YAML file each, of which `npm run catalog` makes attacks. */
export const presetFolder = 'src/attacks/presets';

const options = z.record(z.string(), z.unknown());
const presetSchema = z.strictObject({
  title: z.string().min(1),
  paper: z.string().min(1),
  heldTo: z.string().min(1),
  through: z.array(z.strictObject({ name: z.string(), options: options.optional() })).optional(),
  parts: z
    .array(
      z.strictObject({
        attack: z.string(),
        options: options.optional(),
        inNorm: z.partialRecord(z.enum(norms), options).optional(),
        queries: z.union([z.int().min(1), z.record(z.string(), z.int().min(1))]).optional(),
        on: z.enum(['all', 'standing']).optional(),
      }),
    )
    .min(1),
});

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Text of the folder's `index.ts`: data, so that nothing reads YAML where attacks run. */
export function renderPresets(folder = presetFolder): string {
  const presets = readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .map((file) => {
      const parsed = presetSchema.safeParse(parse(utf8.decode(readFileSync(path.join(folder, file)))));
      if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
      return { name: path.basename(file, '.yaml'), ...parsed.data };
    });
  const used = [...new Set(presets.flatMap((p) => p.parts.map((part) => part.attack)))].toSorted();
  const lines = ['// Generated from the files of this folder by `npm run catalog`. Do not edit.'];
  lines.push("import { type Catalog, catalogOf } from '../../catalog/index.ts';");
  for (const attack of used) lines.push(`import { ${camel(attack)} } from '../${attack}.ts';`);
  lines.push(
    "import type { Attack } from '../define.ts';",
    "import { presetAttack } from '../preset.ts';",
    '',
  );
  for (const { parts, ...head } of presets) {
    const written = parts.map(
      ({ attack, ...rest }) => `{ attack: ${camel(attack)}, ${JSON.stringify(rest).slice(1)}`,
    );
    const text = JSON.stringify(head).replace(/\}$/, `, parts: [${written.join(', ')}] }`);
    lines.push(`export const ${camel(head.name)} = presetAttack(${text});`, '');
  }
  const names = presets.map((p) => camel(p.name)).join(', ');
  lines.push(`export const presets: Catalog<Attack> = catalogOf('preset', [${names}]);`);
  return `${lines.join('\n')}\n`;
}
