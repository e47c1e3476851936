import type { Node } from '../onnx/index.ts';
import { nodeLabel, prune } from '../onnx/index.ts';
import { createSession } from '../runtime/index.ts';
import type { AnyTensor } from '../tensor/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import type { StepGraph } from './step-graph.ts';

/**
 * Finds where a step that gave NaN or infinity first did so: in what it was given, or else in which node. The step
 * runs once more with every tensor shown.
 */
export async function diagnose(
  plan: StepGraph,
  feeds: Readonly<Record<string, AnyTensor>>,
  { step, loss, network }: { step: number; loss: number; network: string },
): Promise<AdvarenaError> {
  const what = Number.isFinite(loss) ? 'A gradient' : 'The loss';
  const message = `${what} is no longer finite at step ${step} (loss ${loss}).`;
  const input = Object.entries(feeds).find(([, t]) => !finite(t))?.[0];
  if (input !== undefined)
    return new AdvarenaError('TRAINING_NOT_FINITE', message, {
      where: `${network}: "${input}", given to the step`,
      remedy:
        input === plan.images
          ? 'Check the images of this batch for NaN.'
          : 'Check what is given to the step for NaN.',
      broken: true,
    });
  const node = await firstBadNode(plan, feeds, network);
  return new AdvarenaError('TRAINING_NOT_FINITE', message, {
    where: `${network}: ${node === undefined ? 'no single node; sums overflow' : `node ${nodeLabel(node)}`}`,
    remedy: 'Lower the learning rate, warm it up or clip the gradients; a checkpoint has the weights before.',
    broken: true,
  });
}

async function firstBadNode(
  plan: StepGraph,
  feeds: Readonly<Record<string, AnyTensor>>,
  network: string,
): Promise<Node | undefined> {
  const { nodes } = plan.graph;
  const shown = nodes.flatMap((n) => n.outputs.filter((o) => o !== ''));
  const session = await createSession(prune(plan.graph, shown), {
    name: `diagnosis of ${network}`,
    optimization: 'disabled',
  });
  const out = await session.run(feeds);
  await session.release();
  return nodes.find((n) => n.outputs.some((o) => out[o] !== undefined && !finite(out[o])));
}

function finite(t: AnyTensor): boolean {
  return t.dtype !== 'float32' || t.data.every((v) => Number.isFinite(v));
}
