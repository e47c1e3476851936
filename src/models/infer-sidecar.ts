import type { Graph } from '../onnx/index.ts';
import { AdvarenaError, type InputSize } from '../tensor/index.ts';
import { inferOutput } from './class-output.ts';
import { fixedRows, inferInput } from './image-input.ts';
import type { Need, Sidecar } from './sidecar.ts';

/**
 * A sidecar from the graph alone, where that is safe. Pixels then reach the network as they are (mean 0, std 1), which
 * the result's flags say.
 * @param known.size of the images at hand, which graphs of free size take
 * @param known.values names of inputs that get values of their own
 * @throws AdvarenaError SIDECAR_NEEDED naming what could not be known, MODEL_OUTPUT
 */
export function inferSidecar(
  graph: Graph,
  where: string,
  { size, values = new Set() }: { size?: Partial<InputSize>; values?: ReadonlySet<string> } = {},
): Sidecar {
  const need: Need = (_, what) => {
    throw new AdvarenaError(
      'SIDECAR_NEEDED',
      `${what[0]?.toUpperCase()}${what.slice(1)} cannot be known from the graph alone.`,
      { where, remedy: `Write a sidecar ${where.replace(/\.onnx$/i, '')}.json beside it (docs/formats.md).` },
    );
  };
  const input = inferInput(graph, {}, { values, ...(size && { size }), need }) as Sidecar['input'];
  const output = inferOutput(graph, {}, { rows: fixedRows(graph, input), where, need }) as Sidecar['output'];
  const plain = Array.from({ length: input.channels === 'GRAY' ? 1 : 3 }, () => 0);
  return { input, preprocessing: { mean: plain, std: plain.map(() => 1) }, output };
}
