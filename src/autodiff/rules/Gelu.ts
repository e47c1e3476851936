import { stringAttribute } from '../../onnx/index.ts';
import { geluSlope, tanhGeluSlope } from '../gelu.ts';
import { unary } from '../unary.ts';

/** Φ(x) + x φ(x), or that of its approximation by the tangent. */
export const gelu = unary(
  'Gelu',
  ({ b, node, x }) =>
    (stringAttribute(node, 'approximate', 'none') === 'tanh' ? tanhGeluSlope : geluSlope)(b, x),
  { since: 20 },
);
