import { multiplyDims } from './dims.ts';
import type { Dim, Graph, Shape } from './graph.ts';

/**
 * The graph for inputs of these sizes: what it leaves free takes them, wherever it stands. Sizes that it fixes stay,
 * and a shape of another rank than declared changes nothing: the runtime tells such inputs best.
 * @param shapes by the names of inputs; a dimension may stay a symbol
 */
export function withSizes(graph: Graph, shapes: ReadonlyMap<string, Shape>): Graph {
  const sizes = new Map<string, Dim | undefined>();
  const inputs = graph.inputs.map((input) => {
    const given = shapes.get(input.name);
    if (given === undefined) return input;
    if (input.shape === undefined) return { ...input, shape: given };
    if (given.length !== input.shape.length) return input;
    const shape = input.shape.map((d, i) => {
      const size = given[i] as Dim;
      if (typeof d === 'number') return d;
      // One symbol of two sizes says nothing where else it stands.
      sizes.set(d, sizes.has(d) && sizes.get(d) !== size ? undefined : size);
      return size;
    });
    return { ...input, shape };
  });
  const substituted = (d: Dim): Dim | undefined => {
    if (typeof d === 'number') return d;
    const parts = d.split('*').map((part) => (sizes.has(part) ? sizes.get(part) : part));
    return parts.includes(undefined) ? undefined : multiplyDims(parts as Dim[]);
  };
  const resolve = (shape: Shape | undefined): Shape | undefined => {
    const out = shape?.map(substituted);
    return out?.includes(undefined) === true ? undefined : (out as Shape | undefined);
  };
  const own = new Set(shapes.keys());
  return {
    ...graph,
    inputs: inputs.map((i) => (own.has(i.name) ? i : { ...i, shape: resolve(i.shape) })),
    outputs: graph.outputs.map((o) => ({ ...o, shape: resolve(o.shape) })),
    values: new Map([...graph.values].map(([name, type]) => [name, { ...type, shape: resolve(type.shape) }])),
  };
}
