import { readFileSync, writeFileSync } from 'node:fs';
import openWabt from 'wabt';

/** A loop that is written in WebAssembly's text and shipped as its bytes. */
export const compiled = { from: 'src/attacks/sign-step.wat', to: 'src/attacks/generated/sign-step.ts' };

/** The module that holds the bytes. */
export async function render({ from }: typeof compiled = compiled): Promise<string> {
  const wabt = await openWabt();
  const parsed = wabt.parseWat(from, readFileSync(from, 'utf8'));
  const { buffer } = parsed.toBinary({});
  parsed.destroy();
  const text = Buffer.from(buffer).toString('base64');
  return `// Made from ${from} by \`npm run wasm\`. Do not edit.\nexport const bytes =\n  '${text}';\n`;
}

if (import.meta.main) writeFileSync(compiled.to, await render());
