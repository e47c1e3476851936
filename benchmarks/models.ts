import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The networks of the shared folder where it lies beside the checkout, else those that `npm start` makes. */
export function defaultModels(): string[] {
  const shared = process.env['ADVARENA_SHARED'] ?? path.join('..', 'shared');
  const folders = ['small-models', 'imagenet-models'].map((f) => path.join(shared, 'data', f));
  const found = [...folders, path.join('runs', 'start', 'models')].find((f) => existsSync(f));
  if (found === undefined) return [];
  return (found.startsWith(shared) ? folders : [found]).flatMap((folder) =>
    readdirSync(folder)
      .filter((f) => f.endsWith('.onnx'))
      .map((f) => path.join(folder, f)),
  );
}
