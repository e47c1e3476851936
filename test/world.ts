import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodePng } from '../src/data/index.ts';
import { int64, rows, tensor, toFloat, writeNpy } from '../src/tensor/index.ts';
import { buildNetwork, recipes, saveNetwork } from './shape-networks.ts';
import { drawShapes, shapeNames, shapeSize } from './shapes.ts';

/**
 * Makes `folder` anew with what the README speaks of: two networks, images and labels, and the arrays of a gradient.
 * @param count of images to attack
 */
export async function makeWorld(folder: string, count: number): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'images'), { recursive: true });
  const train = drawShapes(600, 1, 'train');
  for (const [i, name] of ['model', 'other'].entries()) {
    const recipe = recipes[i] as (typeof recipes)[number];
    const file = saveNetwork(folder, recipe, await buildNetwork(recipe, train));
    renameSync(file, path.join(folder, `${name}.onnx`));
    renameSync(file.replace(/onnx$/, 'json'), path.join(folder, `${name}.json`));
  }
  const { ids, images, labels } = drawShapes(count, 1, 'dev');
  const pixels = shapeSize ** 2;
  for (const [i, id] of ids.entries()) {
    const { data } = rows(images, i, i + 1);
    const image = data.map((_, j) => data[(j % 3) * pixels + Math.floor(j / 3)] as number);
    const png = await encodePng({ height: shapeSize, width: shapeSize, channels: 3, data: image });
    writeFileSync(path.join(folder, 'images', `${id}.png`), png);
  }
  const lines = ids.map((id, i) => `${id},${labels[i]}`);
  writeFileSync(path.join(folder, 'labels.csv'), `id,label\n${lines.join('\n')}\n`);
  writeFileSync(path.join(folder, 'x.npy'), writeNpy(toFloat(rows(images, 0, 2))));
  writeFileSync(path.join(folder, 'y.npy'), writeNpy(int64(labels.slice(0, 2))));
  const cotangent = new Float32Array(2 * shapeNames.length).fill(1);
  writeFileSync(path.join(folder, 'c.npy'), writeNpy(tensor(cotangent, [2, shapeNames.length])));
}
