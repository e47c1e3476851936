import { expect, test } from 'vitest';
import { randomOf } from '../tensor/index.ts';
import { bestPair } from './jsma.ts';

const any = (): boolean => true;

/** Of all pairs, one after the other. */
function everyPair(gains: Float32Array, costs: Float32Array, allowed: (i: number) => boolean): number {
  let highest = 0;
  for (let i = 0; i < gains.length; i++)
    for (let j = i + 1; j < gains.length; j++) {
      const gain = (gains[i] as number) + (gains[j] as number);
      const cost = (costs[i] as number) + (costs[j] as number);
      if (allowed(i) && allowed(j) && gain > 0 && cost < 0) highest = Math.max(highest, -gain * cost);
    }
  return highest;
}

test('the pair is the best of all, though few are tried', () => {
  for (let draw = 0; draw < 200; draw++) {
    const stream = randomOf(3, 'test').stream('', 'slopes', draw);
    const [gains, costs] = [new Float32Array(24), new Float32Array(24)];
    stream.fillNormal(gains, draw % 3, 1);
    stream.fillNormal(costs, 0, 1);
    const allowed = draw % 2 === 0 ? any : (i: number) => i % 5 !== 0;
    const found = bestPair(gains, costs, allowed);
    const highest = everyPair(gains, costs, allowed);
    const value = (pair: readonly [number, number]): number =>
      -(
        ((gains[pair[0]] as number) + (gains[pair[1]] as number)) *
        ((costs[pair[0]] as number) + (costs[pair[1]] as number))
      );
    expect(found === undefined ? 0 : value(found)).toBeCloseTo(highest, 6);
    expect((found ?? []).every(allowed)).toBe(true);
  }
});

test('where no pair raises the target and lowers the others, or too few may move, there is none', () => {
  expect(bestPair(Float32Array.of(-1, -2, -3), Float32Array.of(-1, -1, -1), any)).toBeUndefined();
  expect(bestPair(Float32Array.of(1, 2, 3), Float32Array.of(1, 1, 1), any)).toBeUndefined();
  expect(bestPair(Float32Array.of(1, 2, 3), Float32Array.of(-1, -1, -1), (i) => i === 1)).toBeUndefined();
  expect(bestPair(Float32Array.of(0, 0), Float32Array.of(0, 0), any)).toBeUndefined();
});
