import { floatAttribute } from '../../onnx/index.ts';
import { swishSlope } from '../gelu.ts';
import { unary } from '../unary.ts';

/** σ(αx) + αx σ′(αx). */
export const swish = unary('Swish', ({ b, node, x }) => swishSlope(b, x, floatAttribute(node, 'alpha', 1)), {
  since: 24,
});
