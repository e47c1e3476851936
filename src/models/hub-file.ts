/** What one file of a model hub beside a network says of it, in the words of a sidecar. */
export interface HubFile {
  /** Name of the file. */
  file: string;
  size?: { height: number; width: number };
  channels?: 'RGB' | 'BGR' | 'GRAY';
  /** In the order in which the file has them, one number per channel or one for all. */
  preprocessing?: { mean: readonly number[]; std: readonly number[] };
  classes?: number;
  /** Of the classes, in their order. */
  names?: readonly string[];
  /** What cannot be said in a sidecar, or was not understood: sentences. */
  notes: readonly string[];
}
