import { normalization, suspicionsOf } from '../autodiff/index.ts';
import { type Graph, prune } from '../onnx/index.ts';
import { scoresOf } from './class-output.ts';
import type { Flag } from './classifier.ts';
import type { Sidecar } from './sidecar.ts';

/**
 * What `inspect` finds suspicious about a network however it is run, as far as its sidecar does not settle it; what
 * depends on how it is run is said where that is settled.
 * @throws AdvarenaError MODEL_OUTPUT; GRAPH_FUNCTION, ONNX_OPSET, MODEL_INPUTS for graphs that cannot be read in the
 *   newest form
 */
export function graphFlags(graph: Graph, sidecar: Sidecar, name: string): Flag[] {
  const wrt = sidecar.input.name;
  const of = scoresOf(graph, sidecar.output.name, name);
  // What no score comes from may be what cannot be read.
  const used = prune(graph, [of]);
  const own = changesUnitAlone(sidecar.preprocessing) ? undefined : normalization(used, wrt);
  const flags: Flag[] = [];
  if (own !== undefined)
    flags.push({
      code: 'PREPROCESSING',
      message: `${name} shifts or scales its images itself (${own}), and its sidecar does so before: where that is one and the same, take mean and std out of the sidecar.`,
    });
  for (const { code, message } of suspicionsOf(used, { of, wrt }))
    flags.push({ code, message: `${name}: ${message}` });
  return flags;
}

/**
 * Whether a sidecar leaves it at another unit, such as levels of 0 to 255: graphs that prepare their pixels themselves
 * take that. Centring is done once, and no graph takes pixels below their own unit: 1/255 of them is done twice.
 */
function changesUnitAlone({ mean, std }: Sidecar['preprocessing']): boolean {
  const [unit = 1] = std;
  return mean.every((m) => m === 0) && std.every((s) => s === unit) && unit <= 1;
}
