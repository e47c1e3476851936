import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Tensor as Fed, InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphBuilder, onnxType, readModel, writeModel } from '../src/onnx/index.ts';
import { createSession } from '../src/runtime/index.ts';
import { numbers, readNpy, type Tensor, tensor } from '../src/tensor/index.ts';
import { openWorld, withoutCatalog } from './cli-world.ts';
import { caseNames, caseTensor, gradientCases, readCase, relativeError } from './fixtures.ts';

/** The command line from outside: what it prints, what it writes, how it ends. Bad input: cli-errors.test.ts. */

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld({ keepHosts: true });
});
afterAll(() => world.close());

const pgd = '--attack pgd --steps 8 --epsilon 16/255 --hosts 1';
const noop = '--attack noop --epsilon 1/255 --hosts 1 --json';

interface Printed {
  model: string;
  options: Record<string, unknown>;
  cleanAccuracy: number;
  robustAccuracy: number;
  asked: Record<'decisions' | 'scores' | 'gradients', number>;
  flags: { code: string }[];
  data: object;
  files: object[];
  versions: object;
  samples: { id: string; label: number; target?: number; clean: number; adversarial: number }[];
}

async function results(lines: readonly string[]): Promise<Printed[]> {
  return (await world.all(lines)).map(({ out, err, code }) => {
    expect({ err, code }).toEqual({ err: '', code: 0 });
    return JSON.parse(out) as Printed;
  });
}

describe('attack', () => {
  test('prints a table, and writes images and a report', async () => {
    const line = `attack quad.onnx --images images --labels labels.csv ${pgd} --save saved --report report.html`;
    const { out, err, code } = await world.run(...line.split(' '));
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(out).toMatchInlineSnapshot(`
      "pgd against quad
      untargeted, linf 16/255, 8-bit pixels
      steps 8, restarts 1, randomStart true, loss cross-entropy, sparsity 0.99

      clean accuracy   91.7 % (64.6–98.5), 11 of 12 images
      robust accuracy  66.7 % (39.1–86.2), 8 of 12 images
      fooled           27.3 %, 3 of 11 right when clean
      cost             (seconds), 96 gradients, 12 answers with scores

      per image                  smallest  median  largest
      ────────────────────────────────────────────────────
      change, linf in 1/255          16.0    16.0     16.0
      change, l2                    0.869   0.869    0.869
      largest less second logit      0.04    0.17     1.01
      questions                         9       9        9
      "
    `);
    expect(readdirSync(path.join(world.folder, 'saved'))).toEqual(
      readdirSync(path.join(world.folder, 'images')),
    );
    expect(readFileSync(path.join(world.folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  });

  test('--json is one object, the same with one host and two', async () => {
    const line = `attack quad.onnx --images images --labels labels.csv ${pgd} --json`;
    const [one, two] = [
      await world.run(...line.split(' ')),
      await world.run(...line.replace('--hosts 1', '--hosts 2').split(' ')),
    ];
    expect(two).toEqual(one);
    // These follow from the files' bytes, and from the release.
    const { samples, data, files, versions, ...rest } = JSON.parse(one.out) as Printed;
    expect([data, files, versions].map((each) => typeof each)).toEqual(['object', 'object', 'object']);
    expect(rest).toMatchInlineSnapshot(`
      {
        "asked": {
          "decisions": 0,
          "gradients": 96,
          "scores": 12,
        },
        "attack": "pgd",
        "cleanAccuracy": 0.9166666666666666,
        "confirmations": 0,
        "draws": 1,
        "epsilon": 0.06274509803921569,
        "flags": [],
        "goal": "untargeted",
        "labelsFrom": "true",
        "model": "quad",
        "norm": "linf",
        "opponent": "gradient",
        "options": {
          "loss": "cross-entropy",
          "randomStart": true,
          "restarts": 1,
          "sparsity": 0.99,
          "steps": 8,
        },
        "pixels": "8-bit",
        "robustAccuracy": 0.6666666666666666,
        "seconds": 0,
        "seed": 0,
        "stopEarly": false,
      }
    `);
    expect(samples.map((s) => s.id)).toEqual(samples.map((_, i) => `im${String(i).padStart(2, '0')}`));
    expect(Object.keys(samples[0] ?? {})).toEqual(
      'id label clean adversarial margin success distance proposed linf l2 asked'.split(' '),
    );
  });

  test('a folder, NCHW, NHWC and float32 are the same images', async () => {
    const line = `--labels labels.npy ${pgd} --json`;
    const [folder, ...arrays] = await results(
      ['images', 'batch.npy', 'nhwc.npy', 'floats.npy'].map((i) => `attack quad.onnx --images ${i} ${line}`),
    );
    // Ids are part of the random draws: only what needs none is the same in the folder.
    expect(folder?.samples.map((s) => s.clean)).toEqual(arrays[0]?.samples.map((s) => s.clean));
    expect(arrays[1]).toEqual(arrays[0]);
    expect(arrays[2]).toEqual(arrays[0]);
  });

  test('results speak the language of the labels', async () => {
    const pairs = [
      'background.onnx --labels labels-from-1.csv --images images',
      'background.onnx --labels labels-background.npy --images images',
      'from-1.onnx --labels labels-from-1.csv --images images',
      'from-1.onnx --labels labels.npy --images images',
    ];
    const found = await results(pairs.map((p) => `attack ${p} ${noop}`));
    const said = found.map(
      (r) => `${r.cleanAccuracy.toFixed(3)} ${r.samples.map((s) => `${s.label}${s.clean}`).join(' ')}`,
    );
    expect(said).toMatchInlineSnapshot(`
      [
        "0.917 11 22 33 44 11 22 33 44 11 22 33 14",
        "0.917 11 22 33 44 11 22 33 44 11 22 33 14",
        "0.917 11 22 33 44 11 22 33 44 11 22 33 14",
        "0.917 00 11 22 33 00 11 22 33 00 11 22 03",
      ]
    `);
  });

  test('saved images, judged again, give the same answers', async () => {
    const [eight, float] = await results([
      `attack quad.onnx --images images --labels labels.csv ${pgd} --json --save again`,
      `attack quad.onnx --images batch.npy --labels labels.npy ${pgd} --json --save exact --pixels float32`,
    ]);
    const [eightAgain, floatAgain] = await results([
      `attack quad.onnx --images again --labels labels.csv ${noop}`,
      `attack quad.onnx --images exact/adversarial.npy --labels labels.npy ${noop} --pixels float32`,
    ]);
    expect(eight?.robustAccuracy).toBeLessThan(eight?.cleanAccuracy ?? 0);
    expect(eightAgain?.samples.map((s) => s.clean)).toEqual(eight?.samples.map((s) => s.adversarial));
    expect(floatAgain?.samples.map((s) => s.clean)).toEqual(float?.samples.map((s) => s.adversarial));
  });

  test('--stop-early costs less and says the same', async () => {
    const line = `attack quad.onnx --images images --labels labels.csv ${pgd} --json`;
    const [whole, early] = await results([line, `${line} --stop-early`]);
    expect(early?.robustAccuracy).toBe(whole?.robustAccuracy);
    expect(whole?.asked.gradients).toBe(8 * 12);
    expect(early?.asked.gradients).toBeLessThan(8 * 12);
  });

  test('options are given as flags, in the short form, and both', async () => {
    const line = 'attack quad.onnx --images images --labels labels.csv --epsilon 16/255 --hosts 1 --json';
    const [flags, short, both] = await results([
      `${line} --attack pgd --steps 3 --step-size 2/255 --no-random-start --loss margin`,
      `${line} --attack pgd:steps=3,stepSize=2/255,random-start=false,loss=margin`,
      `${line} --step-size 2/255 --attack pgd:randomStart=false,loss=margin --steps 3`,
    ]);
    expect(flags?.options).toEqual({
      steps: 3,
      stepSize: 2 / 255,
      restarts: 1,
      randomStart: false,
      loss: 'margin',
      sparsity: 0.99,
    });
    expect(short).toEqual(flags);
    expect(both).toEqual(flags);
  });

  test('defenses and views are given in the short form', async () => {
    const line = `attack quad.onnx --images images --labels labels.csv ${pgd} --json`;
    const [twin, identity] = await results([
      `${line} --defense jpeg:quality=60,subsampling=4:4:4 --through bpda`,
      `${line} --defense jpeg:quality=60,subsampling=4:4:4 --through bpda:backward=identity`,
    ]);
    expect(twin?.model).toBe('jpeg(quad)');
    expect(identity?.samples).not.toEqual(twin?.samples);
  });

  test('targets: the next class, those of the labels, drawn', async () => {
    const line = `attack quad.onnx --images images --labels labels.csv ${pgd} --json --goal targeted`;
    const [next, csv, random] = await results([`${line} --targets next`, line, `${line} --targets random`]);
    expect(csv).toEqual(next);
    const missed = random?.samples.filter((s) => s.target === s.label || s.target === undefined);
    expect(missed).toEqual([]);
  });

  test('what changes how figures may be read stands above them', async () => {
    const line = `--images images --labels labels.csv ${noop.replace(' --json', '')}`;
    const models = [
      'bare.onnx',
      'softmax.onnx',
      'stuck.onnx',
      'five.onnx',
      'softmax.onnx --logits',
      'fixed.onnx',
    ];
    const said = await world.all(models.map((m) => `attack ${m} ${line}`));
    expect(said.map(({ out }) => out.split(/^noop against/m)[0]).join('---\n')).toMatchInlineSnapshot(`
      "NO_SIDECAR  bare has no sidecar: its pixels are taken in [0,1] without mean and std. Write one if it was
        trained otherwise. Labelled images may tell: advarena sidecar bare.onnx --images images --labels labels.csv
        --force

      ---
      SOFTMAX_OUTPUT  softmax answers with probabilities: their gradients saturate where it is sure. Attack the
        logits before the softmax with --logits, in rules with \`logits: true\`.

      ---
      FIXED_BATCH  stuck has a fixed batch of 1, so its images are run one at a time, which is slower.

      ---
      FIXED_BATCH  five has a fixed batch of 5, so its images are run 5 at a time, and copies fill the last run
        up.

      ---
      ---
      "
    `);
  });
});

describe('gradient', () => {
  const read = (name: string): Tensor => readNpy(readFileSync(path.join(world.folder, name)), name) as Tensor;

  test('of the cross-entropy agrees with finite differences', async () => {
    const [said] = await world.all(['gradient quad.onnx --input x.npy --labels y.npy --output g.npy']);
    expect(said).toEqual({ out: '', err: '', code: 0 });
    const [x, found] = [read('x.npy'), read('g.npy')];
    expect(found.shape).toEqual(x.shape);
    const session = await createSession(readModel(readFileSync(path.join(world.folder, 'quad.onnx'))), {
      name: 'quad',
    });
    const loss = async (at: number, step: number): Promise<number> => {
      const moved = x.data.map((v, i) => (i === at ? v + step : v));
      const scores = numbers((await session.run({ pixels: tensor(moved, x.shape) }))['scores'] as Tensor);
      return [0, 2].reduce((sum, label, row) => {
        const z = scores.slice(row * 4, row * 4 + 4);
        return sum + Math.log(z.reduce((a, v) => a + Math.exp(v), 0)) - (z[label] as number);
      }, 0);
    };
    for (const at of [0, 50, 100, 191, 192, 250, 300, 383]) {
      const slope = ((await loss(at, 0.05)) - (await loss(at, -0.05))) / 0.1;
      expect(found.data[at]).toBeCloseTo(slope, 4);
    }
    await session.release();
  });

  test('of one of several inputs, by a cotangent', async () => {
    const line = 'gradient product.onnx --input a=a.npy --input b=b.npy --wrt a --of product';
    await world.all([`${line} --cotangent twos.npy --output p.npy`]);
    expect([...read('p.npy').data]).toEqual([10, 14, 18]);
  });

  test('further inputs are numbers too, and what nothing reads is not needed', async () => {
    const b = new GraphBuilder(undefined, { name: 'scaled' });
    const keep = b.op('Cast', [b.input('keep', 'int64', [])], { to: onnxType('float32') });
    b.output(b.op('Mul', [b.input('a', 'float32', ['N']), keep]), 'scaled');
    b.input('unused', 'string', ['N']);
    writeFileSync(path.join(world.folder, 'scaled.onnx'), writeModel(b.finish()));
    const line = 'gradient scaled.onnx --input a=a.npy --cotangent twos.npy --output k.npy';
    const [, without, half] = await world.all([`${line} --input keep=3`, line, `${line} --input keep=0.5`]);
    expect([...read('k.npy').data]).toEqual([6, 6, 6]);
    expect([without?.err, half?.err].join('')).toMatchInlineSnapshot(`
      "error ARGUMENT  The input "keep" is not given.
        fix: Write --input keep=FILE.
      error MODEL_INPUT  scaled.onnx: The input "keep" is int64, and 0.5 is no such number.
        fix: Correct the value.
      "
    `);
  });

  const cases = ['conv_3x3', 'batchnorm', 'net_resnet_opset13'].filter((name) => caseNames().includes(name));
  test.runIf(cases.length > 0)('agrees with the stored gradients of other frameworks', async () => {
    const folder = path.resolve(gradientCases);
    const inputs = cases.map((name) => readCase(name).inputs[0] as { file: string; gradient: string });
    const lines = cases.map((name, i) => {
      const at = path.join(folder, name);
      return `gradient ${at}/model.onnx --input ${at}/${inputs[i]?.file} --cotangent ${at}/cotangent.npy --output ${name}.npy`;
    });
    expect((await world.all(lines)).map((e) => e.code)).toEqual(cases.map(() => 0));
    for (const [i, name] of cases.entries())
      expect(
        relativeError(read(`${name}.npy`), caseTensor(name, inputs[i]?.gradient as string)),
      ).toBeLessThan(readCase(name).tolerance);
  });
});

test('inspect --gradient writes a file that the runtime takes as it is, right by finite differences', async () => {
  const [said] = await world.all(['inspect softmax.onnx --gradient with-gradient.onnx']);
  expect(said?.code).toBe(0);
  const session = await InferenceSession.create(path.join(world.folder, 'with-gradient.onnx'));
  expect([session.inputNames, session.outputNames]).toEqual([
    ['pixels', 'cotangent'],
    ['scores', 'grad_pixels'],
  ]);
  const weights = [0.3, -1, 2, 0.5, -0.7, 1, 0.2, 3];
  const at = (moved?: number, by = 0): Promise<Record<string, { data: Float32Array }>> => {
    const pixels = Float32Array.from({ length: 2 * 192 }, (_, i) => ((i * 37) % 101) / 100);
    if (moved !== undefined) pixels[moved] = (pixels[moved] as number) + by;
    return session.run({
      pixels: new Fed('float32', pixels, [2, 3, 8, 8]),
      cotangent: new Fed('float32', Float32Array.from(weights), [2, 4]),
    }) as never;
  };
  const weighted = async (moved: number, by: number): Promise<number> =>
    (await at(moved, by))['scores']?.data.reduce(
      (sum, v, i) => sum + v * (weights[i] as number),
      0,
    ) as number;
  const found = (await at())['grad_pixels']?.data as Float32Array;
  expect(Math.max(...found.map(Math.abs))).toBeGreaterThan(1e-3);
  for (const i of [0, 17, 90, 191, 192, 250, 311, 383])
    expect(found[i]).toBeCloseTo(((await weighted(i, 0.05)) - (await weighted(i, -0.05))) / 0.1, 4);
  await session.release();

  const [refused] = await world.all(['inspect unknown.onnx --gradient none.onnx']);
  expect({ code: refused?.code, err: refused?.err }).toEqual({
    code: 2,
    err: `error NO_GRADIENT  unknown.onnx, node Frobnicate "last": No gradient rule for Frobnicate (opset 18).
  fix: Pass a rule for it in overrides, or add src/autodiff/rules/Frobnicate.ts.
`,
  });
  expect(existsSync(path.join(world.folder, 'none.onnx'))).toBe(false);
});

test('inspect tells what a graph consists of', async () => {
  expect(await world.tell(['inspect softmax.onnx', 'inspect unknown.onnx'])).toMatchInlineSnapshot(`
    "$ inspect softmax.onnx
    softmax.onnx
    opset 18, 260 parameters, 1.0 kB
    input   pixels float32 [N, 3, 8, 8]
    output  scores float32 [N, 4]

    operator  count  on the way  gradient
    ─────────────────────────────────────
    Conv          1           1  yes
    Flatten       1           1  yes
    Gemm          1           1  yes
    Identity      1           1  yes
    Relu          1           1  yes
    Softmax       1           1  yes

    Of 6 nodes, 6 have a gradient, 0 have zero by decision, 0 have none.
    The gradient of scores with respect to pixels can be had. It passes 6 nodes.

    one image             multiply-adds  operations  memory
    ───────────────────────────────────────────────────────
    forward                         832       1,684   128 B
    forward and gradient          1,664       3,396   832 B

    SOFTMAX_OUTPUT  The output comes out of Softmax "Softmax": its gradient vanishes where the model is sure.
      Attack the tensor "Gemm" before it: --logits, in rules \`logits: true\`.
    = 0

    $ inspect unknown.onnx
    unknown.onnx
    opset 18, 260 parameters, 1.0 kB
    input   pixels float32 [N, 3, 8, 8]
    output  scores float32 [N, 4]

    operator    count  on the way  gradient
    ───────────────────────────────────────
    Conv            1           1  yes
    Flatten         1           1  yes
    Frobnicate      1           1  missing
    Gemm            1           1  yes
    Identity        1           1  yes
    Relu            1           1  yes

    Of 6 nodes, 5 have a gradient, 0 have zero by decision, 1 have none.
    The gradient is blocked by 1 node:
      Frobnicate "last": No gradient rule for Frobnicate (opset 18).
        fix: Pass a rule for it in overrides, or add src/autodiff/rules/Frobnicate.ts.

    one image  multiply-adds  operations  memory
    ────────────────────────────────────────────
    forward              832       1,684   128 B
    = 0
    "
  `);
  const [json] = await world.all(['inspect quad.onnx --json']);
  expect(JSON.parse(json?.out ?? '')).toMatchInlineSnapshot(`
    {
      "blocking": [],
      "bytes": 1040,
      "cost": {
        "forward": {
          "flops": 1680,
          "multiplyAdds": 832,
          "peakBytes": 128,
        },
        "gradient": {
          "flops": 3248,
          "multiplyAdds": 1600,
          "peakBytes": 832,
        },
      },
      "coverage": {
        "missing": 0,
        "rule": 5,
        "zero": 0,
      },
      "differentiable": true,
      "flags": [],
      "inputs": [
        {
          "dtype": "float32",
          "name": "pixels",
          "shape": [
            "N",
            3,
            8,
            8,
          ],
        },
      ],
      "missingSizes": [],
      "model": "quad.onnx",
      "operators": [
        {
          "count": 1,
          "gradient": "rule",
          "onPath": 1,
          "operator": "Conv",
        },
        {
          "count": 1,
          "gradient": "rule",
          "onPath": 1,
          "operator": "Flatten",
        },
        {
          "count": 1,
          "gradient": "rule",
          "onPath": 1,
          "operator": "Gemm",
        },
        {
          "count": 1,
          "gradient": "rule",
          "onPath": 1,
          "operator": "Identity",
        },
        {
          "count": 1,
          "gradient": "rule",
          "onPath": 1,
          "operator": "Relu",
        },
      ],
      "opset": 18,
      "outputs": [
        {
          "dtype": "float32",
          "name": "scores",
          "shape": [
            "N",
            4,
          ],
        },
      ],
      "parameters": 260,
      "path": {
        "nodes": 5,
        "of": "scores",
        "wrt": "pixels",
      },
      "zeroPaths": [],
    }
  `);
});

describe('tournament', () => {
  const rules = `
name: tiny
seed: 1
dataset: { images: images, labels: labels.csv }
epsilons: [16/255]
models: { quad: quad.onnx }
attacks:
  noise: { attack: random-noise, baseline: true }
  bim: { attack: bim, sources: quad }
defenses:
  plain: { model: quad }
`;

  test('runs, and reports the same from its records', async () => {
    writeFileSync(path.join(world.folder, 'tiny.yaml'), rules);
    const [run, report] = await world.all(['tournament run tiny.yaml --out run', 'tournament report run']);
    expect(report).toEqual(run);
    expect(run?.code).toBe(0);
    expect(readdirSync(path.join(world.folder, 'run'))).toEqual(
      expect.arrayContaining(['blobs', 'report.html', 'run.json', 'scores', 'steps']),
    );
  });

  test('rules with unknown words are refused with the nearest', async () => {
    const bad = {
      key: ['epsilons', 'epsilon'],
      attack: ['attack: bim', 'attack: bmi'],
      model: ['quad.onnx', 'quod.onnx'],
    };
    for (const [name, [from = '', to = '']] of Object.entries(bad))
      writeFileSync(path.join(world.folder, `${name}.yaml`), rules.replace(from, to));
    const lines = Object.keys(bad).map((name) => `tournament run ${name}.yaml --out bad`);
    expect(withoutCatalog(await world.tell(lines))).toMatchInlineSnapshot(`
      "$ tournament run key.yaml --out bad
      error RULES  key.yaml:5:1: Unknown key "epsilon". Did you mean "epsilons"?
        fix: Its keys are name, seed, dataset, norm, epsilons, epsilonPerBatch, draws, labels, batch, models, attacks, defenses, comparisons, examples.
      = 2

      $ tournament run attack.yaml --out bad
      error RULES  attack.yaml:9:18: Unknown attack "bmi". Choose one of: (names). Did you mean "bim"?
      = 2

      $ tournament run model.yaml --out bad
      error FILE_MISSING  quod.onnx: There is no such file or folder.
        fix: Check the path; relative ones start at the working folder.
      = 2
      "
    `);
  });
});

test('help', async () => {
  expect((await world.run('--help')).out).toMatchInlineSnapshot(`
    "Usage: advarena [options] [command]

    The adversarial arena: attacks on image classifiers, defenses against them,
    tournaments of both.

    Options:
      -V, --version               output the version number
      -h, --help                  display help for command

    Commands:
      attack [options] <model>    Attacks a classifier and judges the images.
      attacks [options] [name]    All attacks, or one of them: what it is, its
                                  options, an example.
      data                        Make and fetch datasets.
      defenses [options] [name]   All defenses, or one of them: what it is, its
                                  options, an example.
      doctor [options]            Whether this machine has what advarena needs, and
                                  what to do where it has not.
      gradient [options] <model>  Gradient of a graph as it is: its inputs raw, no
                                  sidecar, no resize.
      inspect [options] <model>   What a graph consists of: operators, which have
                                  gradients, what blocks, what it costs, what looks
                                  suspicious.
      presets [options] [name]    All presets, recipes of several attacks, or one of
                                  them; a preset stands wherever an attack may.
      sidecar [options] <model>   Writes the sidecar of a model with what graph,
                                  files beside it and images tell.
      tournament                  Every attack against every defense, from one YAML
                                  file.
      views [options] [name]      All views, or one of them: what it is, its
                                  options, an example.
      zoo                         The trained networks that ship: list, show, train
                                  anew.
      help [command]              display help for command
    "
  `);
  const bare = await world.run();
  expect({ code: bare.code, out: bare.out, usage: bare.err.split('\n')[0] }).toEqual({
    code: 2,
    out: '',
    usage: 'Usage: advarena [options] [command]',
  });
});
