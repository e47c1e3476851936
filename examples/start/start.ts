import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodePng } from 'advarena/data';
import { rows } from 'advarena/tensor';
import { runWithProgress, tell } from '../../src/cli/tournament.ts';
import { buildNetwork, recipes, saveNetwork } from './networks.ts';
import { drawShapes, type Shapes, shapeSize } from './shapes.ts';

/** `npm start`: a small tournament on images and networks that are made here, in seconds. */
const folder = path.join(import.meta.dirname, '..', '..', 'runs', 'start');
const seed = 1;
const size = { train: 3000, dev: 100 };

await prepare();
const result = await runWithProgress(path.join(folder, 'tournament.yaml'), path.join(folder, 'run'), false);
await tell(result, path.join(folder, 'run'), {});
process.stdout.write(`
What next:
  attack one network   npm run -s advarena -- attack runs/start/models/broad.onnx --images runs/start/shapes --labels runs/start/labels.csv --attack pgd --epsilon 8/255
  look into a network  npm run -s advarena -- inspect runs/start/models/broad.onnx
  change the rules     edit examples/start/tournament.yaml and start again
`);

/** Draws, builds and writes what is not there yet; a world made by another version is made anew. */
async function prepare(): Promise<void> {
  const source = ['start.ts', 'shapes.ts', 'networks.ts'].map((f) =>
    readFileSync(path.join(import.meta.dirname, f), 'utf8'),
  );
  const stamp = path.join(folder, 'made-by.txt');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== source.join('\n')) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(path.join(folder, 'shapes'), { recursive: true });
    process.stderr.write(`Drawing ${size.train} images to learn from and ${size.dev} to attack ...\n`);
    await saveImages(drawShapes(size.dev, seed, 'dev'));
    const train = drawShapes(size.train, seed, 'train');
    for (const recipe of recipes) {
      process.stderr.write(`Building the network "${recipe.name}" ...\n`);
      saveNetwork(path.join(folder, 'models'), recipe, await buildNetwork(recipe, train));
    }
    writeFileSync(stamp, source.join('\n'));
  }
  const rules = readFileSync(path.join(import.meta.dirname, 'tournament.yaml'), 'utf8');
  const copy = path.join(folder, 'tournament.yaml');
  if (!existsSync(copy) || readFileSync(copy, 'utf8') !== rules) {
    // Other rules are another run; images and networks stay.
    rmSync(path.join(folder, 'run'), { recursive: true, force: true });
    writeFileSync(copy, rules);
  }
}

async function saveImages(shapes: Shapes): Promise<void> {
  const lines = ['id,label,target'];
  for (const [i, id] of shapes.ids.entries()) {
    const { data } = rows(shapes.images, i, i + 1);
    const pixels = shapeSize * shapeSize;
    const image = Uint8Array.from(
      { length: data.length },
      (_, j) => data[(j % 3) * pixels + Math.floor(j / 3)] as number,
    );
    writeFileSync(
      path.join(folder, 'shapes', `${id}.png`),
      await encodePng({ height: shapeSize, width: shapeSize, channels: 3, data: image }),
    );
    lines.push(`${id},${shapes.labels[i]},${shapes.targets[i]}`);
  }
  writeFileSync(path.join(folder, 'labels.csv'), `${lines.join('\n')}\n`);
}
