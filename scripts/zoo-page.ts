import { existsSync, readFileSync, statSync } from 'node:fs';
import { inspect } from '../src/autodiff/index.ts';
import { readModel } from '../src/onnx/index.ts';
import { type LogLine, type Measured, parseRecipe, type Recipe, zooNames } from '../src/zoo/index.ts';

interface Network {
  name: string;
  recipe: Recipe;
  bytes: number;
  parameters: number;
  multiplyAdds: number;
  minutes: number | undefined;
  measured: Measured | undefined;
}

/** The page on the zoo, from what lies in its folder. */
export function zooPage(note: string): string {
  const networks = zooNames('zoo').flatMap(read);
  const columns = ['clean', ...['fgsm', 'pgd-20'].flatMap((a) => [2, 4, 8].map((l) => `${a} ${l}/255`))];
  const counted = networks.find((n) => n.measured !== undefined)?.measured?.images;
  return [
    '# Zoo',
    note,
    'Classifiers of `roadsigns` that ship with the package, each with its recipe. `advarena zoo list` and `show` print these figures; `advarena zoo train NAME` trains one from nothing; `advarena zoo measure NAME` measures it again. Time is what the training took on one core, beside other work; interruptions are not in it.',
    table(
      ['network', 'what it is', 'parameters', 'multiply-adds', 'kB', 'minutes'],
      networks.map((n) => [
        `\`${n.name}\``,
        n.recipe.title,
        n.parameters.toLocaleString('en-GB'),
        `${(n.multiplyAdds / 1e6).toFixed(1)} M`,
        String(Math.round(n.bytes / 1000)),
        n.minutes === undefined ? '–' : String(Math.round(n.minutes)),
      ]),
    ),
    '## Accuracy',
    counted === undefined
      ? 'Not measured yet.'
      : `In per cent of ${counted.count.toLocaleString('en-GB')} photographs of the part \`${counted.part}\`, seed \`${counted.seed}\`, on which nothing was trained or chosen. White box: the attack has the network itself. PGD starts at a random point, its step is 2.5 ε / 20.`,
    table(
      ['network', ...columns],
      networks.flatMap((n) =>
        n.measured === undefined ? [] : [[`\`${n.name}\``, ...columns.map((c) => share(n.measured, c))]],
      ),
    ),
    ...networks.flatMap(({ name, measured }) =>
      measured === undefined || measured.checks.length === 0
        ? []
        : [
            `## ${name}: what was checked`,
            table(
              ['claim', 'found', 'holds'],
              measured.checks.map((c) => [c.claim, c.found, c.held ? 'yes' : '**no**']),
            ),
          ],
    ),
  ].join('\n\n');
}

function read(name: string): Network[] {
  const folder = `zoo/${name}`;
  if (!existsSync(`${folder}/model.onnx`)) return [];
  const text = (file: string): string | undefined =>
    existsSync(`${folder}/${file}`) ? readFileSync(`${folder}/${file}`, 'utf8') : undefined;
  const last = text('training.jsonl')?.trimEnd().split('\n').at(-1);
  const measured = text('measured.json');
  const graph = readModel(readFileSync(`${folder}/model.onnx`));
  const { forward } = inspect(graph).cost;
  return [
    {
      name,
      recipe: parseRecipe(readFileSync(`${folder}/recipe.yaml`, 'utf8'), `${folder}/recipe.yaml`),
      bytes: statSync(`${folder}/model.onnx`).size,
      parameters: [...graph.initializers.values()].reduce(
        (sum, t) => sum + (t.dtype === 'float32' ? t.data.length : 0),
        0,
      ),
      multiplyAdds: forward?.multiplyAdds ?? Number.NaN,
      minutes: last === undefined ? undefined : (JSON.parse(last) as LogLine).seconds / 60,
      measured: measured === undefined ? undefined : (JSON.parse(measured) as Measured),
    },
  ];
}

function share(measured: Measured | undefined, name: string): string {
  const figure = measured?.figures.find((f) => f.name === name);
  return figure === undefined ? '–' : ((100 * figure.right) / figure.count).toFixed(1);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
