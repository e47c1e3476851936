import { sameAsInput } from '../op.ts';

/** [N, heads, length, size] or [N, length, heads·size], positions, cosines, sines. */
export const comMicrosoftRotaryEmbedding = sameAsInput('RotaryEmbedding', [4, 4], 'com.microsoft');
