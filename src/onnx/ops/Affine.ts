import { sameAsInput } from '../op.ts';

/** Up to opset 9. */
export const affine = sameAsInput('Affine');
