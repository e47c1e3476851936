import { zeroGradient } from '../rule.ts';

export const constantOfShape = zeroGradient('ConstantOfShape', 'a constant', { since: 9 });
