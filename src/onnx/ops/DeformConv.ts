import { defineOp } from '../op.ts';
import { conv } from './Conv.ts';

/**
 * x [N, C, H, W], weight [O, C/group, kH, kW], offsets [N, groups·kH·kW·2, oH, oW], bias [O], mask
 * [N, groups·kH·kW, oH, oW] to [N, O, oH, oW].
 */
export const deformConv = defineOp({ op: 'DeformConv', inputs: [3, 5], infer: (c) => conv.infer(c) });
