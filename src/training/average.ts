import type { Tensor } from '../tensor/index.ts';
import type { Weights } from './networks/network.ts';

/**
 * Exponential moving average of weights and running statistics: a ← d·a + (1 − d)·w with d = min(decay, (1 + t) /
 * (10 + t)) after step t, so that the first weights are soon forgotten. Rounded to float32 at each step.
 * @param step steps done, from 1
 */
export function averaged(average: Weights, weights: Weights, decay: number, step: number): Weights {
  const kept = Math.min(decay, (1 + step) / (10 + step));
  return Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]): [string, Tensor] => {
      const old = (average[name] as Tensor).data;
      const out = new Float32Array(data.length);
      for (let i = 0; i < out.length; i++)
        out[i] = kept * (old[i] as number) + (1 - kept) * (data[i] as number);
      return [name, { dtype: 'float32', shape, data: out }];
    }),
  );
}
