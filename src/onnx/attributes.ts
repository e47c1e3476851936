import type { Attribute, Node } from './graph.ts';
import { operators } from './ops/index.ts';

type Kind = Attribute['type'];

const namesOf = {
  int:
    'align_corners allowzero antialias axis batch_axis batch_dims block_size blocksize ceil_mode channels_last ' +
    'count_include_pad detect_negative detect_positive dtype exclude_outside exclusive group hidden_size ' +
    'ignore_index inverse is_causal k keep_dims keepdims kv_num_heads largest linear_before_reset new_axis ' +
    'noop_with_empty_axes num_groups num_outputs num_scan_inputs offset_group onesided output_dtype output_height ' +
    'output_width p q_num_heads reverse sampling_ratio select_last_index size sorted spatial start stash_type ' +
    'storage_order time_axis to training_mode transA transB upper',
  float:
    'alpha beta bias clip cubic_coeff_a epsilon extrapolation_value gamma lambd momentum ratio scale softcap ' +
    'spatial_scale',
  string:
    'approximate auto_pad coordinate_transformation_mode equation keep_aspect_ratio_policy nearest_mode ' +
    'padding_mode',
  ints: 'axes dilations kernel_shape output_padding output_shape paddings pads perm strides',
  graph: 'body else_branch then_branch',
} as const;

/** The type of the attributes that have one type in all standard operators. */
const kinds: ReadonlyMap<string, Kind> = new Map(
  Object.entries(namesOf).flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind as Kind])),
);

/** Standard operators that have no definition, but graphs within. */
const withGraphs: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan']);

/**
 * The first attribute that is not of the type its name has in all standard operators, or in this one. Operators that
 * the project does not know may use a name otherwise.
 */
export function mistyped(node: Node): { name: string; found: Kind; wanted: Kind } | undefined {
  const definition = operators.get(node.op);
  if (node.domain !== '' || (definition === undefined && !withGraphs.has(node.op))) return undefined;
  for (const [name, { type: found }] of Object.entries(node.attributes)) {
    const wanted = definition?.attributes?.[name] ?? kinds.get(name);
    if (wanted !== undefined && wanted !== found && found !== 'reference') return { name, found, wanted };
  }
  return undefined;
}
