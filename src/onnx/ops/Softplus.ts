import { sameAsInput } from '../op.ts';

export const softplus = sameAsInput('Softplus');
