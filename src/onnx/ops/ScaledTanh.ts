import { sameAsInput } from '../op.ts';

/** Up to opset 9. */
export const scaledTanh = sameAsInput('ScaledTanh');
