import type { Attribute, Attributes, Graph, Node, ValueInfo } from '../graph.ts';
import { intAttribute, intsAttribute } from '../graph.ts';
import type { StepContext, UpgradeStep } from './step.ts';

/**
 * Scan had a leading axis of the batch: it becomes one Scan over the samples, which has no state, around one over
 * each sample's sequence.
 */
export const scanning: readonly UpgradeStep[] = [
  {
    ops: ['Scan'],
    since: 9,
    convert: (context) => {
      const { node } = context;
      const [lengths = '', ...inputs] = node.inputs;
      const body = node.attributes['body'];
      if (lengths !== '') throw new Error('sequence_lens has no newer form');
      if (body?.type !== 'graph') throw new Error('it has no body');
      if (body.value.inputs.length !== inputs.length)
        throw new Error(`its body has ${body.value.inputs.length} inputs where ${inputs.length} are passed`);
      const attributes: Attributes = {
        body: { type: 'graph', value: perSample(context, inputs, body.value) },
        num_scan_inputs: int(inputs.length),
      };
      return { ...node, inputs, attributes };
    },
  },
];

function int(value: number): Attribute {
  return { type: 'int', value };
}

/** The graph that scans the sequence of one sample. */
function perSample({ b, node }: StepContext, inputs: readonly string[], body: Graph): Graph {
  const scanned = intAttribute(node, 'num_scan_inputs', 0);
  const states = inputs.length - scanned;
  const given = inputs.map((name): ValueInfo => {
    const shape = b.shape(name)?.slice(1);
    return { name: b.unique(`${name}_sample`), dtype: b.dtype(name), shape };
  });
  const length = given[states]?.shape?.[0];
  const outputs = body.outputs.map((out, i): ValueInfo => {
    const name = b.unique(`${out.name}_sample`);
    if (i < states || out.shape === undefined) return { ...out, name };
    return { ...out, name, shape: length === undefined ? undefined : [length, ...out.shape] };
  });
  const directions = intsAttribute(node, 'directions');
  const inner: Node = {
    ...node,
    name: '',
    inputs: given.map((g) => g.name),
    outputs: outputs.map((o) => o.name),
    attributes: {
      body: { type: 'graph', value: body },
      num_scan_inputs: int(scanned),
      ...(directions === undefined ? {} : { scan_input_directions: { type: 'ints', value: directions } }),
    },
  };
  return {
    ...body,
    name: `${body.name}_sample`,
    nodes: [inner],
    inputs: given,
    outputs,
    initializers: new Map(),
    values: new Map(),
  };
}
