import { existsSync, globSync } from 'node:fs';
import path from 'node:path';

/** The networks of the shared folder where it lies beside the checkout, else those of the zoo. */
export function defaultModels(): string[] {
  const shared = path.join(process.env['ADVARENA_SHARED'] ?? path.join('..', 'shared'), 'data');
  const folders = ['small-models', 'imagenet-models'].map((f) => path.join(shared, f));
  return globSync(
    folders.some((f) => existsSync(f)) ? folders.map((f) => path.join(f, '*.onnx')) : 'zoo/*/model.onnx',
  ).toSorted();
}
