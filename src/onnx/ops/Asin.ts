import { sameAsInput } from '../op.ts';

export const asin = sameAsInput('Asin');
