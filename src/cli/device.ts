import { Option } from 'commander';
import { devices } from '../runtime/index.ts';

/** `--device`, of commands that run models. */
export function deviceOption(): Option {
  return new Option('--device <device>', 'what models run on; see docs/devices.md')
    .choices([...devices])
    .default('cpu');
}
