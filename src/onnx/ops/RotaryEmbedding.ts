import { sameAsInput } from '../op.ts';

/** [N, heads, length, size] or [N, length, heads·size], cosines, sines, positions. */
export const rotaryEmbedding = sameAsInput('RotaryEmbedding', [3, 4]);
