import { floatAttribute } from '../../onnx/index.ts';
import { swishSlope } from '../gelu.ts';
import { unary } from '../unary.ts';

/** σ(αx) + αx σ′(αx). */
export const comMicrosoftQuickGelu = unary(
  'QuickGelu',
  ({ b, node, x }) => swishSlope(b, x, floatAttribute(node, 'alpha', 1.702)),
  { domain: 'com.microsoft' },
);
