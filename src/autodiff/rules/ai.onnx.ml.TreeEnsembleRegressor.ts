import { treeGradient } from '../table-models.ts';

export const aiOnnxMlTreeEnsembleRegressor = treeGradient('TreeEnsembleRegressor');
