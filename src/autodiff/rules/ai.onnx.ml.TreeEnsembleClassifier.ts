import { treeGradient } from '../table-models.ts';

export const aiOnnxMlTreeEnsembleClassifier = treeGradient('TreeEnsembleClassifier');
