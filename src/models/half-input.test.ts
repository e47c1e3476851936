import { describe, expect, test } from 'vitest';
import { filled, logitsOf, normal } from '../../test/small-models.ts';
import { type Graph, GraphBuilder, onnxType } from '../onnx/index.ts';
import { type DType, fromHalf, int64, type Tensor, tensor, toHalf } from '../tensor/index.ts';
import { asked } from './classifier.ts';
import { graphClassifier } from './graph-classifier.ts';
import { inferSidecar } from './infer-sidecar.ts';
import { networkGraph } from './network.ts';
import { crossEntropy } from './objectives.ts';

// The judge runs a network as its file has it, an attack its gradient: both round what the file casts to float16.

const images = filled('images', [3, 3, 4, 4]);
const labels = int64([0, 1, 2]);

type Form = (b: GraphBuilder, x: string) => string;

const half: Form = (b, x) => b.op('Cast', [x], { to: onnxType('float16') });
const full: Form = (b, x) => b.op('Cast', [x], { to: onnxType('float32') });
const thereAndBack: Form = (b, x) => full(b, half(b, x));
const linear: Form = (b, x) =>
  b.op('MatMul', [b.op('Flatten', [x], { axis: 1 }), b.constant(normal('w', [48, 4]), 'w')]);
const same: Form = (_, x) => x;

/** @param into what is done to the pixels first */
function network(into: Form, { dtype = 'float32', head = same }: { dtype?: DType; head?: Form } = {}): Graph {
  const b = new GraphBuilder(undefined, { name: 'half' });
  const x = b.input('x', dtype, ['N', 3, 4, 4]);
  b.output(head(b, linear(b, into(b, x))), 'y');
  return b.finish();
}

async function bothOf(graph: Graph, pixels: Tensor, mean = [0, 0, 0]) {
  const inferred = inferSidecar(graph, 'm.onnx');
  const sidecar = { ...inferred, preprocessing: { ...inferred.preprocessing, mean } };
  const model = graphClassifier(networkGraph(graph, sidecar, { name: 'm' }), { name: 'm' });
  const judged = await logitsOf(model, pixels);
  const { scores, gradient } = await model.gradient(asked(pixels), crossEntropy(), { labels });
  await model.release();
  return { judged: judged.data, attacked: scores.data, gradient: gradient.data };
}

const rounded = (pixels: Tensor): Tensor =>
  tensor(
    pixels.data.map((v) => fromHalf(toHalf(v))),
    pixels.shape,
  );

const plain = network(same);

describe.for<[string, Graph, number[]?]>([
  ['cast and cast back', network(thereAndBack)],
  ['of an input of float16', network(full, { dtype: 'float16' })],
  [
    'cast behind a Transpose',
    network((b, x) =>
      thereAndBack(
        b,
        b.op('Transpose', [b.op('Transpose', [x], { perm: [0, 2, 3, 1] })], { perm: [0, 3, 1, 2] }),
      ),
    ),
  ],
  ['copied in between', network((b, x) => full(b, b.op('Identity', [half(b, x)])))],
  ['reshaped in between', network((b, x) => full(b, b.op('Reshape', [half(b, x), b.ints([0, 3, 4, 4])])))],
])('pixels %s', ([, graph]) => {
  test('are rounded for the judge and for the attack', async () => {
    const found = await bothOf(graph, images);
    expect(found.attacked).toEqual(found.judged);
    const [reference, unrounded] = [await bothOf(plain, rounded(images)), await bothOf(plain, images)];
    expect(found.judged).toEqual(reference.judged);
    expect(found.judged).not.toEqual(unrounded.judged);
    expect(found.gradient).toEqual(reference.gradient);
  });
});

test('so are those that a sidecar shifts first', async () => {
  const { judged, attacked } = await bothOf(network(thereAndBack), images, [0.3, 0.3, 0.3]);
  expect(attacked).toEqual(judged);
});

test('and logits', async () => {
  const { judged, attacked } = await bothOf(network(same, { head: thereAndBack }), images);
  expect(attacked).toEqual(judged);
  expect(judged).toEqual(judged.map((v) => fromHalf(toHalf(v))));
});

test('the gradient of what is rounded does not underflow in float16', async () => {
  const small: Form = (b, z) => b.op('Mul', [z, b.scalar(1e-8)]);
  const { gradient } = await bothOf(network(thereAndBack, { head: small }), images);
  const reference = await bothOf(network(same, { head: small }), rounded(images));
  expect(gradient).toEqual(reference.gradient);
  expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0);
  // Half of the smallest float16: all of it would be 0.
  expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(2 ** -25);
});
