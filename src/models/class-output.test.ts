import { describe, expect, test } from 'vitest';
import { close, filled, logitsOf, normal } from '../../test/small-models.ts';
import { inspect } from '../autodiff/index.ts';
import { floats, type Graph, GraphBuilder, onnxType } from '../onnx/index.ts';
import { AdvarenaError, int64 } from '../tensor/index.ts';
import { asked, type Classifier } from './classifier.ts';
import { fuse } from './ensemble.ts';
import { graphClassifier } from './graph-classifier.ts';
import { inferSidecar } from './infer-sidecar.ts';
import { networkGraph } from './network.ts';
import { crossEntropy } from './objectives.ts';
import type { Sidecar } from './sidecar.ts';

const pixels = 12;
const images = filled('images', [3, 3, 2, 2]);

const weightOf = (columns: number) => normal('head', [pixels, columns]);

/** Linear scores with a head of one's own. @param head from the scores [N, columns] to the outputs */
function withHead(columns: number, head: (b: GraphBuilder, scores: string) => void): Graph {
  const b = new GraphBuilder(undefined, { name: 'head' });
  const x = b.op('Flatten', [b.input('x', 'float32', ['N', 3, 2, 2])], { axis: 1 });
  head(b, b.op('MatMul', [x, b.constant(weightOf(columns), 'weight')], {}, 'z'));
  return b.finish();
}

function sidecarOf(output: { classes: number; kind?: string; name?: string }): Sidecar {
  return {
    input: { name: 'x', layout: 'NCHW', height: 2, width: 2, channels: 'RGB' },
    preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
    output: { name: 'y', kind: 'logits', ...output } as Sidecar['output'],
  };
}

/** The linear scores by sums of doubles. */
function scoresBy(columns: number): number[] {
  const { data } = weightOf(columns);
  return Array.from({ length: 3 * columns }, (_, i) => {
    const [row, k] = [Math.floor(i / columns), i % columns];
    let sum = 0;
    for (let p = 0; p < pixels; p++)
      sum += (images.data[row * pixels + p] as number) * (data[p * columns + k] as number);
    return sum;
  });
}

const softmaxOf = (b: GraphBuilder, z: string): string => b.op('Softmax', [z], { axis: 1 });

/** The mean of the softmax of scores and that of their negatives. */
function averaged(b: GraphBuilder, z: string): string {
  const both = b.op('Add', [softmaxOf(b, z), softmaxOf(b, b.op('Neg', [z]))]);
  return b.op('Mul', [both, b.scalar(0.5)], {}, 'mean');
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

async function gradientOf(model: Classifier, labels: number[]): Promise<Float32Array> {
  const { gradient } = await model.gradient(asked(images), crossEntropy(), { labels: int64(labels) });
  return gradient.data;
}

/** The model, what it says of the images, and its flags. */
async function opened(graph: Graph, sidecar: Sidecar, logits = false) {
  const image = networkGraph(graph, sidecar, { name: 'm', where: 'm.json', logits });
  const model = graphClassifier(image, { name: 'm' });
  const { data: scores } = await logitsOf(model, images);
  return { model, scores, flags: model.flags.map((f) => f.code) };
}

function refused(work: () => unknown): string {
  try {
    work();
    return 'nothing refused';
  } catch (error) {
    if (!(error instanceof AdvarenaError)) throw error;
    return `${error.code} ${error.where}: ${error.message} | ${error.remedy}`;
  }
}

describe('one column', () => {
  const z = scoresBy(1);
  const labels = [1, 0, 1];
  const slopes = labels.flatMap((label, row) =>
    Array.from(weightOf(1).data, (w) => (sigmoid(z[row] as number) - label) * w),
  );

  test.for<[form: string, (b: GraphBuilder, z: string) => string]>([
    ['[N, 1]', (_, y) => y],
    ['[N]', (b, y) => b.op('Squeeze', [y, b.ints([1])])],
    ['[N, 1, 1, 1]', (b, y) => b.op('Reshape', [y, b.ints([-1, 1, 1, 1])])],
    ['float16', (b, y) => b.op('Cast', [b.op('Cast', [y], { to: 10 })], { to: 1 })],
  ])('of logits, %s, is two classes by its sign', async ([form, shaped]) => {
    const graph = withHead(1, (b, y) => void b.output(shaped(b, y), 'y'));
    const { model, scores, flags } = await opened(graph, sidecarOf({ classes: 2 }));
    const digits = form === 'float16' ? 2 : 5;
    close(
      scores,
      z.flatMap((v) => [0, v]),
      digits,
    );
    close(await gradientOf(model, labels), slopes, digits);
    expect(flags).toEqual([]);
  });

  test.for(['probabilities', 'sigmoids', 'logits'])('behind a sigmoid, as %s', async (kind) => {
    const graph = withHead(1, (b, y) => void b.output(b.op('Sigmoid', [y]), 'y'));
    const behind = await opened(graph, sidecarOf({ classes: 2, kind }));
    close(
      behind.scores,
      z.flatMap((v) => [Math.log(1 - sigmoid(v)), Math.log(sigmoid(v))]),
      4,
    );
    close(await gradientOf(behind.model, labels), slopes, 4);
    expect(behind.flags).toEqual(['SOFTMAX_OUTPUT']);
    const before = await opened(graph, sidecarOf({ classes: 2, kind }), true);
    close(
      before.scores,
      z.flatMap((v) => [0, v]),
    );
    close(await gradientOf(before.model, labels), slopes);
    expect(before.flags).toEqual([]);
  });

  test('is no classifier unless the sidecar says so', () => {
    const graph = withHead(1, (b, y) => void b.output(y, 'y'));
    expect([
      refused(() => inferSidecar(graph, 'm.onnx')),
      refused(() => networkGraph(graph, sidecarOf({ classes: 3 }), { name: 'm', where: 'm.json' })),
    ]).toEqual([
      'SIDECAR_NEEDED m.onnx: The output "y" has one column: one number is no score for each class. | Where it decides between two classes, say so in the sidecar: "output": { "name": "y", "classes": 2 }; class 1 is then the one of large numbers.',
      'MODEL_OUTPUT m.json: The graph has 1 outputs, its sidecar says 3 classes. | Correct output.classes in the sidecar.',
    ]);
  });
});

describe('a softmax that is scaled or shifted', () => {
  const graph = withHead(4, (b, y) => {
    const scaled = b.op('Mul', [softmaxOf(b, y), b.scalar(100)]);
    b.output(b.op('Sub', [scaled, b.scalar(3)]), 'y');
  });
  const z = scoresBy(4);

  test('gives logits that saturate, and those before it where they are asked for', async () => {
    expect(inferSidecar(graph, 'm.onnx').output).toEqual({ name: 'y', kind: 'logits', classes: 4 });
    const behind = await opened(graph, sidecarOf({ classes: 4 }));
    const powers = z.map(Math.exp);
    const sums = [0, 4, 8].map((at) => powers.slice(at, at + 4).reduce((a, p) => a + p, 0));
    close(
      behind.scores,
      powers.map((p, i) => (100 * p) / (sums[Math.floor(i / 4)] as number) - 3),
      3,
    );
    expect(behind.flags).toEqual(['SOFTMAX_OUTPUT']);
    expect(inspect(graph).flags.map((f) => f.message)).toEqual([
      'The output comes out of Softmax "Softmax", scaled or shifted: its gradient vanishes where the model is sure. Attack the tensor "z" before it: --logits, in rules `logits: true`.',
    ]);
    const before = await opened(graph, sidecarOf({ classes: 4 }), true);
    close(before.scores, z);
    expect(before.flags).toEqual([]);
  });

  test('is no probabilities, whatever the sidecar says', () => {
    const said = sidecarOf({ classes: 4, kind: 'probabilities' });
    expect(refused(() => networkGraph(graph, said, { name: 'm', where: 'm.json' }))).toBe(
      'MODEL_OUTPUT m.json: The output "y" comes out of Softmax "Softmax", scaled or shifted: its numbers are no probabilities, which sum to 1. | Correct output.kind in the sidecar: they are "logits" that saturate.',
    );
  });
});

describe('logits asked for where nothing ends them', () => {
  const plain = withHead(4, (b, y) => void b.output(y, 'y'));
  const sure = withHead(4, (b, y) => void b.output(softmaxOf(b, y), 'y'));
  const log = withHead(4, (b, y) => void b.output(b.op('LogSoftmax', [y], { axis: 1 }), 'y'));
  const made = (graph: Graph, logits = true) =>
    networkGraph(graph, sidecarOf({ classes: 4 }), { name: 'm', logits });
  const told = ({ flags }: { flags: readonly { code: string }[] }): string[] => flags.map(({ code }) => code);

  test('are told to be there already', () => {
    expect([plain, log, sure].map((graph) => told(made(graph)))).toEqual([
      ['LOGITS_IDLE'],
      ['LOGITS_IDLE'],
      [],
    ]);
    expect(told(made(plain, false))).toEqual([]);
  });

  test('of an ensemble where no member had others', () => {
    const fused = (...graphs: Graph[]): string[] =>
      told(
        fuse(
          graphs.map((graph) => made(graph)),
          { name: 'both' },
        ),
      );
    expect([fused(plain, sure), fused(sure, sure), fused(plain, log)]).toEqual([
      [],
      [],
      ['LOGITS_IDLE', 'LOGITS_IDLE'],
    ]);
  });
});

describe('sigmoids of many columns', () => {
  const graph = withHead(4, (b, y) => void b.output(b.op('Sigmoid', [y], {}, 'probability'), 'y'));

  test('are one class of many where the sidecar says so', async () => {
    const z = scoresBy(4);
    const behind = await opened(graph, sidecarOf({ classes: 4, kind: 'sigmoids' }));
    close(
      behind.scores,
      z.map((v) => Math.log(sigmoid(v))),
    );
    expect(behind.flags).toEqual(['SOFTMAX_OUTPUT']);
    // Or by this word, though they do not sum to 1.
    expect((await opened(graph, sidecarOf({ classes: 4, kind: 'probabilities' }))).flags).toEqual([
      'SOFTMAX_OUTPUT',
    ]);
    const before = await opened(graph, sidecarOf({ classes: 4, kind: 'sigmoids' }), true);
    close(before.scores, z);
    expect(before.flags).toEqual([]);
  });

  test('and are refused where it does not', () => {
    const why =
      'The output "y" comes out of Sigmoid "probability": each column is a yes or no of its own, and several may hold, so the largest need not be the answer. | Where exactly one class holds for each image, say so in the sidecar: "output": { "kind": "sigmoids" }.';
    expect([
      refused(() => inferSidecar(graph, 'm.onnx')),
      refused(() => networkGraph(graph, sidecarOf({ classes: 4 }), { name: 'm', where: 'm.json' })),
    ]).toEqual([`SIDECAR_NEEDED m.onnx: ${why}`, `MODEL_OUTPUT m.json: ${why}`]);
  });
});

describe('other forms of scores', () => {
  const z = scoresBy(4);
  const total = (row: number): number => z.slice(4 * row, 4 * row + 4).reduce((a, v) => a + Math.exp(v), 0);
  const logOfSoftmax = z.map((v, i) => v - Math.log(total(Math.floor(i / 4))));

  test.for<[form: string, (b: GraphBuilder, z: string) => string]>([
    ['[N, 4, 1, 1]', (b, y) => b.op('Reshape', [y, b.ints([-1, 4, 1, 1])])],
    ['[N, 1, 1, 4]', (b, y) => b.op('Reshape', [y, b.ints([-1, 1, 1, 4])])],
    ['[N, 1, 4]', (b, y) => b.op('Unsqueeze', [y, b.ints([1])])],
    ['float64', (b, y) => b.op('Cast', [y], { to: onnxType('float64') })],
  ])('%s', async ([, shaped]) => {
    const graph = withHead(4, (b, y) => void b.output(shaped(b, y), 'y'));
    const inferred = inferSidecar(graph, 'm.onnx');
    expect(inferred.output).toEqual({ name: 'y', kind: 'logits', classes: 4 });
    const { scores, flags } = await opened(graph, inferred);
    close(scores, z);
    expect(flags).toEqual([]);
  });

  test('in the operators of an old opset', async () => {
    const b = new GraphBuilder(undefined, { name: 'old', opset: 9 });
    const x = b.op('Flatten', [b.input('x', 'float32', ['N', 3, 2, 2])], { axis: 1 });
    const y = b.op('MatMul', [x, b.constant(weightOf(4), 'weight')]);
    const wide = b.op('Unsqueeze', [y], { axes: [1, 2] });
    b.declare(wide, { dtype: 'float32', shape: undefined });
    const kept = b.op('Slice', [wide], { axes: [2], starts: [0], ends: [1] });
    b.declare(kept, { dtype: 'float32', shape: undefined });
    b.output(b.op('Squeeze', [kept], { axes: [1, 2] }), 'y');
    const graph = { ...b.finish(), outputs: [{ name: 'y', dtype: 'float32' as const, shape: ['N', 4] }] };
    const inferred = inferSidecar({ ...graph, values: new Map() }, 'm.onnx');
    expect(inferred.output).toEqual({ name: 'y', kind: 'logits', classes: 4 });
    close((await opened(graph, inferred)).scores, z);
  });

  test('a softmax whose axes are moved behind it is seen', async () => {
    const graph = withHead(4, (b, y) => {
      const wide = b.op('Softmax', [b.op('Reshape', [y, b.ints([-1, 1, 1, 4])])], { axis: 3 });
      b.output(b.op('Squeeze', [b.op('Transpose', [wide], { perm: [0, 3, 1, 2] }), b.ints([2, 3])]), 'y');
    });
    const { scores, flags } = await opened(graph, inferSidecar(graph, 'm.onnx'));
    close(scores, logOfSoftmax);
    expect(flags).toEqual(['SOFTMAX_OUTPUT']);
    close((await opened(graph, inferSidecar(graph, 'm.onnx'), true)).scores, z);
  });

  test('a softmax in a function of the file is seen', async () => {
    const graph = withHead(4, (b, y) => {
      const [out] = b.node('Shares', [y], {}, { domain: 'own' });
      b.declare(out as string, { dtype: 'float32', shape: ['N', 4] });
      b.output(out as string, 'y');
    });
    const called: Graph = {
      ...graph,
      opsets: new Map([...graph.opsets, ['own', 1]]),
      functions: [
        {
          name: 'Shares',
          domain: 'own',
          inputs: ['a'],
          outputs: ['o'],
          attributes: [],
          defaults: {},
          opsets: graph.opsets,
          nodes: [
            {
              op: 'Softmax',
              domain: '',
              name: '',
              inputs: ['a'],
              outputs: ['o'],
              attributes: { axis: { type: 'int', value: 1 } },
            },
          ],
        },
      ],
    };
    const inferred = inferSidecar(called, 'm.onnx');
    expect(inferred.output.kind).toBe('probabilities');
    const behind = await opened(called, inferred);
    close(behind.scores, logOfSoftmax);
    expect(behind.flags).toEqual(['SOFTMAX_OUTPUT']);
    const before = await opened(called, inferred, true);
    close(before.scores, z);
    expect(before.flags).toEqual([]);
  });

  test('a softmax kept off 0 is of probabilities, before which logits stand', async () => {
    const graph = withHead(
      4,
      (b, y) => void b.output(b.op('Clip', [softmaxOf(b, y), b.scalar(1e-7), b.scalar(1)]), 'y'),
    );
    const inferred = inferSidecar(graph, 'm.onnx');
    expect(inferred.output.kind).toBe('probabilities');
    expect((await opened(graph, inferred)).flags).toEqual(['SOFTMAX_OUTPUT']);
    close((await opened(graph, inferred, true)).scores, z);
  });

  test('the mean of two softmaxes is of probabilities, before which no logits stand', async () => {
    const graph = withHead(4, (b, y) => void b.output(averaged(b, y), 'y'));
    const inferred = inferSidecar(graph, 'm.onnx');
    expect(inferred.output.kind).toBe('probabilities');
    expect((await opened(graph, inferred)).flags).toEqual(['SOFTMAX_OUTPUT']);
    expect(refused(() => networkGraph(graph, inferred, { name: 'm', logits: true }))).toBe(
      'MODEL_OUTPUT m: The output "y" holds probabilities that Mul "mean" makes of others: no logits before them have the same columns. | Leave --logits out, or export the logits as an output of their own.',
    );
  });

  test('a softmax over the batch is none, and nothing is cut off', () => {
    const graph = withHead(4, (b, y) => void b.output(b.op('Softmax', [y], { axis: 0 }), 'y'));
    expect(inferSidecar(graph, 'm.onnx').output.kind).toBe('logits');
    const { graph: whole } = networkGraph(graph, sidecarOf({ classes: 4 }), { name: 'm', logits: true });
    expect(whole.nodes.some((n) => n.op === 'Softmax')).toBe(true);
  });

  test('logarithms of a softmax are logits', async () => {
    const graph = withHead(4, (b, y) => void b.output(b.op('LogSoftmax', [y], { axis: 1 }, 'log'), 'y'));
    const { scores, flags } = await opened(graph, inferSidecar(graph, 'm.onnx'));
    close(scores, logOfSoftmax);
    expect(flags).toEqual([]);
    expect(
      refused(() =>
        networkGraph(graph, sidecarOf({ classes: 4, kind: 'probabilities' }), { name: 'm', where: 'm.json' }),
      ),
    ).toBe(
      'MODEL_OUTPUT m.json: The output "y" comes out of LogSoftmax "log": logarithms of probabilities, not probabilities. | Correct output.kind in the sidecar: they are logits as good as any.',
    );
  });

  /** As scikit-learn's exporter ends: labels, and a sequence of maps of the probabilities. */
  const mapped = withHead(4, (b, y) => {
    const probability = b.op('Softmax', [y], { axis: 1 }, 'probabilities');
    const most = b.op('ArgMax', [probability], { axis: 1, keepdims: 0 });
    b.output(b.op('Cast', [most], { to: onnxType('int64') }), 'label');
    const maps = b.node(
      'ZipMap',
      [probability],
      { classlabels_int64s: [0, 1, 2, 3] },
      { domain: 'ai.onnx.ml', outputs: ['maps'] },
    );
    b.output(maps[0] as string);
  });

  test('the tensor before a ZipMap is used, beside labels', async () => {
    expect(inferSidecar(mapped, 'm.onnx').output).toEqual({
      name: 'maps',
      kind: 'probabilities',
      classes: 4,
    });
    const { scores, flags } = await opened(mapped, inferSidecar(mapped, 'm.onnx'));
    close(scores, logOfSoftmax);
    expect(flags).toEqual(['SOFTMAX_OUTPUT']);
    const named = sidecarOf({ name: 'maps', kind: 'probabilities', classes: 4 });
    close((await opened(mapped, named, true)).scores, z);
  });

  test.for<[op: string, transform: string | undefined, kind: string]>([
    ['LinearClassifier', 'NONE', 'logits'],
    ['LinearClassifier', 'SOFTMAX', 'probabilities'],
    ['LinearClassifier', 'LOGISTIC', 'probabilities'],
    ['Normalizer', undefined, 'probabilities'],
  ])('scores of %s (%s) are %s', ([op, transform, kind]) => {
    const b = new GraphBuilder(undefined, { name: 'table' });
    const x = b.op('Flatten', [b.input('x', 'float32', ['N', 3, 2, 2])], { axis: 1 });
    const domain = 'ai.onnx.ml';
    if (transform === undefined) {
      const z = b.op('MatMul', [x, b.constant(weightOf(4), 'weight')], {}, 'z');
      b.output(b.node(op, [z], { norm: 'L1' }, { domain })[0] as string, 'y');
    } else {
      const coefficients = floats([...weightOf(4).data]);
      const intercepts = floats([0, 0, 0, 0]);
      const attributes = {
        classlabels_ints: [0, 1, 2, 3],
        coefficients,
        intercepts,
        post_transform: transform,
      };
      const [, scores] = b.node(op, [x], attributes, { domain, outputs: ['label', 'scores'] });
      b.output(scores as string);
    }
    const { output } = inferSidecar(b.finish(), 'm.onnx', { given: { output: { classes: 4 } } });
    expect(output.kind).toBe(kind);
  });

  test('of several outputs one is taken only where the others are labels', () => {
    const two = withHead(4, (b, y) => {
      b.output(y, 'y');
      b.output(b.op('Softmax', [y], { axis: 1 }), 'probabilities');
    });
    const labelled = withHead(4, (b, y) => {
      b.output(b.op('ArgMax', [y], { axis: 1, keepdims: 0 }), 'label');
      b.output(y, 'y');
    });
    expect(inferSidecar(labelled, 'm.onnx').output.name).toBe('y');
    expect(refused(() => inferSidecar(two, 'm.onnx'))).toContain(
      'SIDECAR_NEEDED m.onnx: Which output holds the classes, of y, probabilities, cannot be known',
    );
  });

  test('the example names the one output that can hold them, or none', () => {
    const heads = (b: GraphBuilder, y: string): void => {
      b.output(b.op('ReduceSum', [y, b.ints([1])]), 'sum');
      b.output(y, 'y');
    };
    const one = withHead(4, heads);
    const several = withHead(4, (b, y) => {
      heads(b, y);
      b.output(b.op('Mul', [y, y]), 'squares');
    });
    const example = (graph: Graph): string | undefined =>
      /examples: (.*?)\. adv/.exec(refused(() => inferSidecar(graph, 'm.onnx')))?.[1];
    expect([one, several].map(example)).toEqual([
      '{ "output": { "name": "y" } }',
      '{ "output": { "name": "..." } }',
    ]);
  });

  test('a graph without outputs is told', () => {
    const graph = { ...withHead(4, () => undefined), outputs: [] };
    expect(refused(() => inferSidecar(graph, 'm.onnx'))).toMatchInlineSnapshot(
      `"MODEL_OUTPUT m.onnx: The graph has no outputs. | Export the model again: what its nodes compute is thrown away."`,
    );
  });

  test('what are no scores is told', () => {
    const most = withHead(4, (b, y) => void b.output(b.op('ArgMax', [y], { axis: 1, keepdims: 0 }), 'y'));
    const labels: Graph = { ...most, outputs: [{ name: 'y', dtype: 'int64', shape: ['batch'] }] };
    const maps = withHead(4, (b, y) => void b.output(b.op('Reshape', [y, b.ints([-1, 1, 2, 2])]), 'y'));
    const sequence = withHead(4, (b, y) => void b.output(b.op('SequenceConstruct', [y]), 'y'));
    const squared = withHead(4, (b, y) => void b.output(b.op('Mul', [y, y]), 'y'));
    const bySidecar = (graph: Graph, output: object = {}, logits = false): string =>
      refused(() =>
        networkGraph(graph, sidecarOf({ classes: 4, ...output }), { name: 'm', where: 'm.json', logits }),
      );
    expect([
      refused(() => inferSidecar(labels, 'm.onnx')),
      bySidecar(labels),
      refused(() => inferSidecar(maps, 'm.onnx')),
      bySidecar(maps),
      bySidecar(sequence),
      bySidecar(squared, { name: 'z' }),
      bySidecar(squared, { kind: 'probabilities' }, true),
      bySidecar(squared, { kind: 'sigmoids' }, true),
    ]).toMatchInlineSnapshot(`
      [
        "MODEL_OUTPUT m.onnx: The output "y" is int64 [batch]: labels, no [N, classes] of floats. | Export the model with its scores: one number per image and class.",
        "MODEL_OUTPUT m.json: The output "y" is int64 [batch]: labels, no [N, classes] of floats. | Export the model with its scores: one number per image and class.",
        "MODEL_OUTPUT m.onnx: The output "y" is [N, 1, 2, 2], no [N, classes]. | Export the model with its scores: one number per image and class.",
        "MODEL_OUTPUT m.json: The output "y" is [N, 1, 2, 2], no [N, classes]. | Export the model with its scores: one number per image and class.",
        "MODEL_OUTPUT m.json: The output "y" is a sequence, no [N, classes] of floats. | Export the model with its scores: one number per image and class.",
        "MODEL_OUTPUT m.json: The graph has no output "z". | Its outputs are y: correct the sidecar.",
        "MODEL_OUTPUT m.json: The output "y" holds probabilities, and no softmax or sigmoid ends the graph that could be cut off. | Leave --logits out, or correct output.kind in the sidecar.",
        "MODEL_OUTPUT m.json: The output "y" holds probabilities of each class, and no softmax or sigmoid ends the graph that could be cut off. | Leave --logits out, or correct output.kind in the sidecar.",
      ]
    `);
  });

  test('a file that declares another output than its nodes make', () => {
    const graph = withHead(4, (b, y) => void b.output(y, 'y'));
    const [output] = graph.outputs;
    const liar = { ...graph, outputs: [{ ...output, shape: ['N', 7] } as Graph['outputs'][number]] };
    expect(refused(() => inferSidecar(liar, 'm.onnx'))).toBe(
      'MODEL_OUTPUT m.onnx: The graph declares 7 columns for the output "y", its nodes make 4. | Export the model again: the file contradicts itself.',
    );
  });
});

describe('several rows of scores for an image', () => {
  /** Ten classes at each of twelve places. @param places how many of them are kept */
  function sequence(
    places: (b: GraphBuilder, x: string) => string,
    { last = false, pooled = false } = {},
  ): Graph {
    const b = new GraphBuilder(undefined, { name: 'sequence' });
    const x = b.input('x', 'float32', ['N', 3, 'H', 'W']);
    const maps = b.op('Conv', [x, b.constant(normal('kernel', [10, 3, 1, 1]))]);
    const flat = b.op('Transpose', [b.op('Reshape', [maps, b.ints([0, 10, -1])])], { perm: [0, 2, 1] });
    const kept = b.op('Slice', [flat, b.ints([0]), places(b, x), b.ints([1])]);
    b.output(last ? b.op('Transpose', [kept], { perm: [0, 2, 1] }) : kept, 'y');
    if (pooled) b.output(b.op('ReduceMean', [flat, b.ints([1])], { keepdims: 0 }), 'pooled');
    const graph = b.finish();
    const shape = last ? ['N', 10, 'L'] : ['N', 'L', 10];
    return { ...graph, outputs: graph.outputs.map((o) => (o.name === 'y' ? { ...o, shape } : o)) };
  }

  const all = (b: GraphBuilder): string => b.ints([2 ** 31]);
  /** A number that only the run tells. */
  const atRun =
    (count: number) =>
    (b: GraphBuilder): string =>
      b.op('CumSum', [b.ints([count]), b.scalar(0, 'int64')]);
  const size = { height: 2, width: 2 };

  async function asking(graph: Graph): Promise<string> {
    const sidecar = inferSidecar(graph, 'm.onnx', { given: { output: { name: 'y' } }, size });
    try {
      const image = networkGraph(graph, sidecar, { name: 'm', where: 'm.json', size });
      await logitsOf(graphClassifier(image, { name: 'm' }), images);
      return 'nothing refused';
    } catch (error) {
      return refused(() => {
        throw error;
      });
    }
  }

  test.for([
    ['by the size of the images', all],
    ['by the run alone', atRun(2)],
  ] as const)('is told with its shape and what else there is, %s', async ([, places]) => {
    const one = 'has several rows of scores for each image, no [N, classes].';
    const remedy =
      'Export the model with one row of scores for each image: where it answers at every step or place, with one of them or their mean.';
    expect(await asking(sequence(places))).toContain(`: The output "y", [N, L, 10], ${one} | ${remedy}`);
    expect(await asking(sequence(places, { last: true }))).toContain(
      `: The output "y", [N, 10, L], ${one} | ${remedy}`,
    );
    expect(await asking(sequence(places, { pooled: true }))).toContain(
      `: The output "y", [N, L, 10], ${one} | Its other outputs are pooled: name that of the scores under output.name in a sidecar.`,
    );
  });

  test('a single one is a row of scores', async () => {
    expect(await asking(sequence(atRun(1)))).toBe('nothing refused');
    expect(await asking(sequence(atRun(1), { last: true }))).toBe('nothing refused');
  });

  test('inspect tells beforehand that there may be several', () => {
    expect(inspect(sequence(all, { pooled: true }), { of: 'y' }).flags).toContainEqual({
      code: 'SEVERAL_ROWS',
      message:
        'The output "y" is [N, L, 10]: it may have several rows of scores for each input, and attacks take one; if one of pooled has one, [N, classes], name it under output.name in a sidecar.',
    });
    const codes = (graph: Graph, of: string): string[] => inspect(graph, { of }).flags.map((f) => f.code);
    expect(codes(sequence(all, { pooled: true }), 'pooled')).not.toContain('SEVERAL_ROWS');
    const wide = withHead(4, (b, y) => void b.output(b.op('Reshape', [y, b.ints([-1, 4, 1, 1])]), 'y'));
    expect(codes(wide, 'y')).not.toContain('SEVERAL_ROWS');
  });
});
