import { GraphBuilder, type LiftedDraw, upgrade } from '../onnx/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { type Head, type ImageGraph, logOf } from './network.ts';
import type { Fusion } from './spec.ts';

/**
 * Several networks on the same pixels as one graph (Dong et al. 2017, arXiv:1710.06081, section 3.4).
 * `logits`: Σ w z. `probabilities`: log Σ w softmax(z), so that cross-entropy is −log of the mean probability.
 * `loss`: objectives are averaged over the members; scores are then the mean logits.
 * @param weights any positive numbers, one per member; they are normalised to sum 1
 * @throws AdvarenaError ENSEMBLE where members differ in classes, image size or number of weights
 */
export function fuse(
  members: readonly ImageGraph[],
  options: { name: string; fusion?: Fusion; weights?: readonly number[] },
): ImageGraph {
  const first = members[0];
  const refuse = (message: string, remedy: string): never => {
    throw new AdvarenaError('ENSEMBLE', message, { where: options.name, remedy });
  };
  if (first === undefined) return refuse('An ensemble needs members.', 'Name at least one model.');
  const weights = options.weights ?? members.map(() => 1);
  const total = weights.reduce((a, w) => a + w, 0);
  if (weights.length !== members.length)
    refuse(
      `There are ${weights.length} weights for ${members.length} members.`,
      'Give one weight per member.',
    );
  if (weights.some((w) => !(w >= 0)) || !(total > 0))
    refuse(
      `The weights of the members are ${weights.join(', ')}.`,
      'Give numbers of at least 0, not all of them 0.',
    );
  for (const m of members) {
    if (m.classes !== first.classes)
      refuse(`Members answer with ${first.classes} and ${m.classes} classes.`, 'Use models of one dataset.');
    if (m.labelOffset !== first.labelOffset)
      refuse(
        `Members count labels from ${first.labelOffset} and ${m.labelOffset}.`,
        'Use models of one dataset, or correct labels.offset in their sidecars.',
      );
    if (JSON.stringify(m.input) !== JSON.stringify(first.input))
      refuse(
        'Members are made for images of different sizes.',
        'Load all of them for the size of the dataset.',
      );
  }
  const fixed = members
    .map((m) => m.fixedRows ?? (m.maxRows === 1 ? 1 : undefined))
    .filter((r) => r !== undefined);
  const [rows = 1] = fixed;
  if (fixed.some((r) => r !== rows))
    refuse(
      `Members take ${[...new Set(fixed)].join(' and ')} images at a time, and the ensemble runs all of them at once.`,
      'Export them with a free batch axis, or use them one by one.',
    );
  const opset = Math.max(...members.map((m) => m.graph.opsets.get('') ?? 18));
  const b = new GraphBuilder(undefined, { opset, name: options.name });
  const { channels, height, width } = first.input;
  const images = b.input('images', 'float32', ['N', channels, height, width]);
  const draws: LiftedDraw[] = [];
  const heads: Head[] = members.map((m, i) => {
    const inputs: Record<string, string> = { images };
    for (const draw of m.draws ?? []) {
      const name = b.input(`m${i}/${draw.name}`, 'float32', ['N', ...draw.shape]);
      draws.push({ ...draw, name });
      inputs[draw.name] = name;
    }
    const [logits = ''] = b.include(upgrade(m.graph, opset), inputs, `m${i}/`);
    return { logits, weight: (weights[i] as number) / total };
  });
  const mean = (values: readonly string[]): string =>
    values
      .map((v, i) => b.op('Mul', [v, b.scalar((heads[i] as Head).weight)]))
      .reduce((a, v) => b.op('Add', [a, v]));
  const own = heads.map((h) => h.logits);
  const fused =
    options.fusion === 'probabilities'
      ? logOf(b, mean(own.map((z) => b.op('Softmax', [z], { axis: 1 }))), first.classes)
      : mean(own);
  const out = b.output(fused, 'logits');
  // The mean of several hides what each of them answers with.
  const said = members.flatMap((m, i) =>
    (m.said ?? [])
      .filter(({ kind }) => kind !== 'logits')
      .map((own) => ({ ...own, output: b.output((heads[i] as Head).logits, `m${i}/scores`) })),
  );
  // What is asked of all of them need not change each.
  const idle = members.every(({ flags }) => flags.some(({ code }) => code === 'LOGITS_IDLE'));
  const graph = b.finish();
  return {
    graph,
    input: first.input,
    classes: first.classes,
    heads: options.fusion === 'loss' ? heads : [{ logits: out, weight: 1 }],
    flags: members.flatMap((m) => [
      ...m.flags.filter(({ code }) => code !== 'LOGITS_IDLE' || idle),
      ...(m.outputs?.['reject'] === undefined
        ? []
        : [
            {
              code: 'REJECT_IGNORED',
              message: `${m.graph.name} declines images by itself; within ${options.name} it always answers.`,
            },
          ]),
    ]),
    said,
    indexOffset: 0,
    labelOffset: first.labelOffset,
    ...(first.classNames && { classNames: first.classNames }),
    maxRows: Math.min(...members.map((m) => m.maxRows)),
    ...(rows > 1 && { fixedRows: rows }),
    draws,
  };
}
