import { type Graph, GraphBuilder, type Node, prune, reads } from '../src/onnx/index.ts';
import { createSession } from '../src/runtime/index.ts';
import { type Images, type Tensor, tensor } from '../src/tensor/index.ts';

/** `qdq`: float operators between pairs; `operators`: QLinearConv, which computes with the integers. */
export type Form = 'qdq' | 'operators';

/** An integer tensor of the new graph, which stands for scale · (q − zero). */
interface Quantised {
  q: string;
  scale: number;
  zero: number;
}

/**
 * A folded float network in int8: weights of Conv and Gemm symmetric per channel, biases int32, what they read and
 * what a convolution writes uint8 with the range met on `images`. A Relu behind a convolution is the saturation of
 * its output at 0. Logits stay real.
 */
export async function quantise(graph: Graph, images: Images, form: Form = 'qdq'): Promise<Graph> {
  const ranges = await rangesOf(graph, images);
  const b = new GraphBuilder(undefined, { name: `${graph.name}-${form}` });
  for (const input of graph.inputs) b.input(input.name, input.dtype, input.shape ?? []);
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes)
    for (const name of reads(node)) readers.set(name, [...(readers.get(name) ?? []), node]);
  const integers = new Map<string, Quantised>();
  const floats = new Map(graph.inputs.map((i) => [i.name, i.name]));
  const scalars = (of: Omit<Quantised, 'q'>): [string, string] => [
    b.scalar(of.scale),
    b.scalar(of.zero, 'uint8'),
  ];
  const pairOf = (name: string): Omit<Quantised, 'q'> => {
    const [low, high] = ranges.get(name) as [number, number];
    const scale = Math.fround((high - low) / 255);
    return { scale, zero: Math.round(-low / scale) };
  };

  const real = (name: string): string => {
    const known = floats.get(name);
    if (known !== undefined) return known;
    const held = integers.get(name);
    const constant = graph.initializers.get(name);
    const made =
      held === undefined
        ? b.constant(constant as Tensor, name)
        : b.op('DequantizeLinear', [held.q, ...scalars(held)]);
    floats.set(name, made);
    return made;
  };
  const whole = (name: string): Quantised => {
    const known = integers.get(name);
    if (known !== undefined) return known;
    const pair = pairOf(name);
    const made = { q: b.op('QuantizeLinear', [real(name), ...scalars(pair)]), ...pair };
    integers.set(name, made);
    floats.delete(name);
    return made;
  };

  for (const node of graph.nodes) {
    const [x = '', w = '', bias = ''] = node.inputs;
    const out = node.outputs[0] as string;
    if (node.op === 'Conv' || node.op === 'Gemm') {
      const from = whole(x);
      const axis = node.op === 'Conv' ? 0 : 1;
      const weight = channelwise(graph.initializers.get(w) as Tensor, axis);
      const scales = b.floats(weight.scales);
      const own = weight.scales.map((s) => Math.fround(s * from.scale));
      const offset = (graph.initializers.get(bias) as Tensor).data;
      const ints = Int32Array.from(offset, (v, i) => Math.round(v / (own[i] as number)));
      const [q, c] = [b.constant(weight.q, w), b.constant(tensor(ints, [ints.length], 'int32'), bias)];
      const next = readers.get(out) ?? [];
      const relu = next.length === 1 && next[0]?.op === 'Relu' ? (next[0].outputs[0] as string) : undefined;
      const to = node.op === 'Conv' ? pairOf(relu ?? out) : undefined;
      if (form === 'operators' && to !== undefined) {
        const zeros = b.constant(tensor(new Int8Array(own.length), [own.length], 'int8'), 'zeros');
        const inputs = [from.q, ...scalars(from), q, scales, zeros, ...scalars(to), c];
        integers.set(relu ?? out, { q: b.op('QLinearConv', inputs, node.attributes), ...to });
        continue;
      }
      const operands = [
        real(x),
        b.op('DequantizeLinear', [q, scales], { axis }),
        b.op('DequantizeLinear', [c, b.floats(own)], { axis: 0 }),
      ];
      const y = b.op(node.op, operands, node.attributes);
      if (to === undefined) floats.set(out, y);
      else integers.set(relu ?? out, { q: b.op('QuantizeLinear', [y, ...scalars(to)]), ...to });
    } else if (node.op === 'MaxPool' && integers.has(x)) {
      const held = integers.get(x) as Quantised;
      integers.set(out, { ...held, q: b.op('MaxPool', [held.q], node.attributes) });
    } else if (!integers.has(out)) {
      // Beside these there are the parts before and after, and each Relu that its convolution has taken up.
      floats.set(out, b.op(node.op, node.inputs.map(real), node.attributes));
    }
  }
  for (const output of graph.outputs) b.output(real(output.name), output.name);
  return prune(b.finish());
}

/** Smallest and largest value of every float tensor over the images; 0 is always in between. */
async function rangesOf(graph: Graph, images: Images): Promise<Map<string, [number, number]>> {
  const names = [...graph.values].flatMap(([name, type]) => (type.dtype === 'float32' ? [name] : []));
  const outputs = names.map((name) => ({ name, dtype: 'float32', shape: undefined }) as const);
  const session = await createSession({ ...graph, outputs }, { name: graph.name });
  const input = (graph.inputs[0] as { name: string }).name;
  const met = { ...(await session.run({ [input]: images })), [input]: images };
  await session.release();
  return new Map(
    Object.entries(met).map(([name, { data }]) => {
      const range: [number, number] = [0, 0];
      for (const v of data as Float32Array) {
        range[0] = Math.min(range[0], v);
        range[1] = Math.max(range[1], v);
      }
      return [name, range];
    }),
  );
}

/** Weights rounded to 127 steps either way of the largest of their channel. */
function channelwise({ data, shape }: Tensor, axis: number): { q: Tensor<'int8'>; scales: number[] } {
  const inner = shape.slice(axis + 1).reduce((a, d) => a * d, 1);
  const channels = shape[axis] as number;
  const channelOf = (i: number): number => Math.floor(i / inner) % channels;
  const largest = new Float64Array(channels);
  for (const [i, v] of data.entries())
    largest[channelOf(i)] = Math.max(largest[channelOf(i)] as number, Math.abs(v));
  const scales = Array.from(largest, (v) => Math.fround(v / 127));
  const q = Int8Array.from(data, (v, i) => Math.round(v / (scales[channelOf(i)] as number)));
  return { q: tensor(q, shape, 'int8'), scales };
}
