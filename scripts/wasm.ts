import { readFileSync, writeFileSync } from 'node:fs';
import openWabt from 'wabt';

/** The loops that are written in WebAssembly's text and shipped as its bytes. */
export const loops = [
  'src/tensor/exchange',
  'src/tensor/finite',
  'src/tensor/philox',
  'src/tensor/sign-step',
].map((name) => ({
  from: `${name}.wat`,
  to: name.replace(/[^/]+$/, 'generated/$&.ts'),
}));

/** The module that holds the bytes. */
export async function render({ from }: { from: string }): Promise<string> {
  const wabt = await openWabt();
  const parsed = wabt.parseWat(from, readFileSync(from, 'utf8'));
  const { buffer } = parsed.toBinary({});
  parsed.destroy();
  const text = Buffer.from(buffer).toString('base64');
  return `// Made from ${from} by \`npm run wasm\`. Do not edit.\nexport const bytes =\n  '${text}';\n`;
}

if (import.meta.main) for (const loop of loops) writeFileSync(loop.to, await render(loop));
