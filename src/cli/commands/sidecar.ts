import { inputOf } from '../attack/flag-values.ts';
import { defineCommand } from '../command.ts';
import { runSidecar } from '../sidecar/run.ts';
import { whole } from '../values.ts';

export const sidecar = defineCommand({
  name: 'sidecar',
  summary: 'Writes the sidecar of a model with what graph, files beside it and images tell.',
  build: (command) =>
    command
      .argument(
        '<model>',
        'ONNX file; preprocessor_config.json and config.json of model hubs are found beside it',
      )
      .option(
        '--images <path>',
        'images of its dataset, as attack takes them: with labels, preprocessings are tried',
      )
      .option(
        '--labels <file>',
        "their labels, as attack takes them; by default what the images' folder says",
      )
      .option(
        '--size <pixels>',
        'scale image files to this shorter side, keep the middle',
        whole('--size', 1),
      )
      .option('--limit <number>', 'try with the first images only', whole('--limit', 1))
      .option(
        '--input <value>',
        'NAME=NUMBER for an input of the graph beside the images; repeatable',
        inputOf,
      )
      .option('--output <file>', 'where it is written, - for standard output; beside the model by default')
      .option('--force', 'fill in a sidecar that is there; what it says stays')
      .option('--json', 'one JSON object on stdout')
      .action(runSidecar),
});
