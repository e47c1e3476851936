import { normalization, suspicionsOf } from '../autodiff/index.ts';
import type { Graph } from '../onnx/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { scoresOf } from './class-output.ts';
import type { Flag } from './classifier.ts';
import type { Sidecar } from './sidecar.ts';

/** What is said of a network however it is run; the others depend on that, and are said where it is settled. */
const told: ReadonlySet<string> = new Set(['ROUNDING', 'SATURATION', 'STRAIGHT_THROUGH', 'ZERO_GRADIENT']);

/** What `inspect` finds suspicious about a network, as far as its sidecar does not settle it. */
export function graphFlags(graph: Graph, sidecar: Sidecar, name: string): Flag[] {
  const { mean, std } = sidecar.preprocessing;
  const own = normalization(graph, sidecar.input.name);
  const flags: Flag[] = [];
  if (own !== undefined && (mean.some((m) => m !== 0) || std.some((s) => s !== 1)))
    flags.push({
      code: 'PREPROCESSING',
      message: `${name} shifts or scales its images itself (${own}), and its sidecar does so before: where that is one and the same, take mean and std out of the sidecar.`,
    });
  const of = scoresOf(graph, sidecar.output.name, name);
  for (const { code, message } of found(graph, of, sidecar.input.name))
    if (told.has(code)) flags.push({ code, message: `${name}: ${message}` });
  return flags;
}

/** None where the graph cannot be differentiated at all: who asks for its gradient is told why. */
function found(graph: Graph, of: string, wrt: string): ReturnType<typeof suspicionsOf> {
  try {
    return suspicionsOf(graph, { of, wrt });
  } catch (error) {
    if (error instanceof AdvarenaError) return [];
    throw error;
  }
}
