import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineRule } from '../src/autodiff/index.ts';
import type { AttributeInput } from '../src/onnx/index.ts';
import { Comparison, type Verdict } from './random-graphs/compare.ts';
import { randomProgram } from './random-graphs/generate.ts';
import { type Draw, Program, type ProgramOptions } from './random-graphs/program.ts';

// Gradients of drawn graphs against differences of the runtime's own results. A longer run:
// ADVARENA_GRAPHS=10000 npx vitest run test/random-graphs.test.ts --testTimeout 7200000; ADVARENA_SEED draws others.

const numRuns = Number(process.env['ADVARENA_GRAPHS'] ?? 300);
const seed = Number(process.env['ADVARENA_SEED'] ?? 1);

/** Points at which one graph is tried until one is neither at a kink nor without slope. */
const points = 4;

/** The verdict at the first point that tells, and how many were passed over. */
async function judged(
  program: Program,
  of: string,
  from: number,
): Promise<{ verdict: Verdict; redrawn: number }> {
  const comparison = await Comparison.of(program, of);
  try {
    let verdict: Verdict = { kind: 'flat' };
    for (let redrawn = 0; redrawn < points; redrawn++) {
      verdict = await comparison.at(from + redrawn);
      if (verdict.kind === 'agrees' || verdict.kind === 'differs') return { verdict, redrawn };
    }
    return { verdict, redrawn: points };
  } finally {
    await comparison.release();
  }
}

test('gradients of random graphs are the slopes of random graphs', async () => {
  const counts = { agrees: 0, kink: 0, wild: 0, flat: 0 };
  const told = new Map<string, number>();
  const failures: string[] = [];
  const property = fc.asyncProperty(fc.gen(), async (choose) => {
    const draw: Draw = { int: (min, max) => choose(fc.integer, { min, max }) };
    const { program, of } = randomProgram(draw);
    if (of === 'x') return;
    const { verdict } = await judged(program, of, draw.int(0, 2 ** 30)).catch((error: unknown) => ({
      verdict: { kind: 'differs' as const, message: (error as Error).message },
    }));
    // Kept for the end: a long run is to tell all it finds.
    if (verdict.kind === 'differs') failures.push(`${verdict.message}\n${program.text}`);
    else counts[verdict.kind]++;
    if (verdict.kind === 'agrees') for (const op of program.operators) told.set(op, (told.get(op) ?? 0) + 1);
  });
  await fc.assert(property, { numRuns, seed });
  const tried = counts.agrees + counts.kink + counts.wild + counts.flat;
  const outcome = JSON.stringify({ seed, ...counts, differs: failures.length, operators: told.size });
  if (numRuns > 300) console.log(outcome);
  expect(failures).toEqual([]);
  // What is passed over proves nothing: little may be.
  expect(counts.agrees).toBeGreaterThan(0.85 * tried);
  expect(counts.kink + counts.wild).toBeLessThan(0.03 * tried);
  // Few graphs cannot have every operator often.
  const least = numRuns >= 5000 ? 5 : 0;
  expect([...told].filter(([, count]) => count < least)).toEqual([]);
});

/** Chooses nothing. */
const never: Draw = { int: (low) => low };

const given: ProgramOptions = { dtype: 'float32', opset: 18, shape: [2, 3, 5, 4], free: false };

describe('what random graphs have found', () => {
  const grid = (mode: string, padding: string) => (p: Program) =>
    p.op('GridSample', ['x', p.weight([2, 3, 2, 2], -1.4, 1.4)], { mode, padding_mode: padding });
  type Case = [string, Partial<ProgramOptions>, (p: Program) => string];
  const cases: Case[] = [
    ['GridSample of cubic mode beyond the border', {}, grid('bicubic', 'border')],
    ['GridSample of cubic mode beyond a mirror', { opset: 20 }, grid('cubic', 'reflection')],
    ['GridSample of the nearest pixel, padded by the border', {}, grid('nearest', 'border')],
    [
      'MeanVarianceNormalization of what hardly varies',
      {},
      (p) => {
        const attributes: Record<string, AttributeInput> = { axes: [2, 3] };
        return p.op('MeanVarianceNormalization', [p.op('Mul', ['x', p.scalar(1e-5)])], attributes);
      },
    ],
    ...['Mish', 'Softplus'].map(
      (op): Case => [
        `${op} far below zero`,
        {},
        (p) => p.op('Mul', [p.op(op, [p.op('Sub', ['x', p.scalar(16)])]), p.scalar(1e6)]),
      ],
    ),
  ];
  test.for(cases)('%s', async ([, options, build]) => {
    const program = new Program(never, { ...given, ...options });
    const { verdict } = await judged(program, build(program), 1);
    expect(verdict).toMatchObject({ kind: 'agrees' });
  });
});

test('a wrong gradient differs', async () => {
  const program = new Program(never, given);
  const of = program.op('Mul', ['x', 'x']);
  const half = defineRule({ op: 'Mul', backward: ({ b, x, dy }) => [b.op('Mul', [dy[0], x[1]]), undefined] });
  const comparison = await Comparison.of(program, of, { Mul: half });
  expect(await comparison.at(1)).toMatchObject({ kind: 'differs' });
  await comparison.release();
});
