import { treeGradient } from '../table-models.ts';

export const aiOnnxMlTreeEnsemble = treeGradient('TreeEnsemble');
