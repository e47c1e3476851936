import { cpSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attacks, presets, views } from '../src/attacks/index.ts';
import { defenses } from '../src/defenses/index.ts';
import { openWorld } from './cli-world.ts';

/** What the command line tells of itself, whole. */

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld({ keepHosts: true });
});
afterAll(() => world.close());

test('attack --help has the flags of the command, and with --attack those of that attack too', async () => {
  const [own, pgd] = await world.all(['attack --help', 'attack --attack pgd:steps=3 --help']);
  expect([own?.code, pgd?.code, own?.err, pgd?.err]).toEqual([0, 0, '', '']);
  expect(own?.out).toMatchInlineSnapshot(`
    "Usage: advarena attack [options] <model>

    Attacks a classifier and judges the images.

    Arguments:
      model                ONNX file; the sidecar beside it is found by itself

    Options:
      --images <path>      folder of PNG files or of class folders, batch.npy
                           (uint8, or float32 in [0,1]), MNIST idx or CIFAR .bin
                           (file or folder)
      --labels <file>      labels.csv (id,label[,target]), the competition's CSV,
                           labels.npy, or for class folders a .txt of their order;
                           by default what the images' folder says
      --size <pixels>      scale image files to this shorter side, keep the middle
      --attack <name>      NAME or NAME:option=value,...; advarena attacks lists
                           all; repeatable, or all: a table of those that can run
      --epsilon <numbers>  radius in pixel units of [0,1], 8/255 or 0.03, for l0 a
                           number of pixels; several with commas give a result each;
                           attacks of minimum norm need none; free: no radius, with
                           --mask or --area
      --norm <norm>        of the radius; linf, or the attack's only one, by default
                           (choices: "linf", "l2", "l1", "l0")
      --l0 <what>          what the norm l0 counts; pixels by default (choices:
                           "pixels", "entries")
      --mask <path>        where pixels may change: a PNG for all images (white:
                           may), a folder of ID.png, or a .npy of uint8 [N,1,H,W]
      --area <share>       pixels may change in one square of this share of the
                           area, 0.05 or 1/20, wherever it serves best
      --goal <goal>        what the attack is after (choices: "untargeted",
                           "targeted", "least-likely")
      --targets <which>    classes to reach: next, random, csv (the labels' column),
                           or FILE.npy of output indices
      --source <model>     ONNX file that the attack opens in the place of the
                           model; repeatable: several are one ensemble, or taken in
                           turn
      --opponent <access>  what the attack may ask of the model; as much as it
                           declares by default (choices: "none", "decision",
                           "scores", "gradient")
      --queries <number>   most questions per image, decisions and scores together;
                           or of each kind: scores=1000,gradients=50
      --predicted          attack the model's own answers on the clean images
                           instead of the labels
      --defense <name>     put a defense before the model, as NAME or
                           NAME:option=value,...; repeatable; advarena defenses
                           lists all
      --through <view>     let the attack look through a view, such as bpda, as NAME
                           or NAME:option=value,...; repeatable; advarena views
                           lists all
      --logits             attack the logits before a final softmax or sigmoids
      --input <value>      what the graph reads beside the images: NAME=VALUE, the
                           name of an input and a number, true, false, or a .npy
                           file; repeatable
      --pixels <kind>      judge images rounded to 8 bits, or as they are (choices:
                           "8-bit", "float32", default: "8-bit")
      --draws <number>     draws that the judge asks of a random model
      --seed <number>      of all random draws (default: 0)
      --stop-early         leave images alone once they fool the model
      --limit <number>     attack the first images only
      --hosts <number>     processes that work at once
      --threads <number>   threads within each
      --device <device>    what models run on; see docs/devices.md (choices: "cpu",
                           "webgpu", "cuda", default: "cpu")
      --json               one JSON object on stdout
      --save <folder>      write the images: ID.png, or adversarial.npy with
                           --pixels float32; several radii in a folder each, such as
                           8-255
      --report <file>      write an HTML report
      -h, --help           display help for command

    The options of an attack are flags too: advarena attack --attack NAME --help
    lists them, advarena attacks NAME tells more of the attack.
    "
  `);
  const group = /\n\nOptions of the attack pgd:\n[^]*?(?=\n\n)/;
  expect(group.exec(pgd?.out ?? '')?.[0]).toMatchInlineSnapshot(`
    "

    Options of the attack pgd:
      --steps <value>      gradient steps per restart (whole number from 1; default
                           40)
      --step-size <value>  in pixel units; 2.5 epsilon / steps by default (number
                           above 0)
      --restarts <value>   starts, each from another random point (whole number from
                           1; default 1)
      --no-random-start    not: start at a random point of the ball instead of the
                           image
      --loss <value>       objective that is climbed (cross-entropy, margin,
                           carlini-wagner; default cross-entropy)
      --sparsity <value>   in l1 the share of entries that a step leaves alone
                           (number from 0, below 1; default 0.99)"
  `);
  // What is left is the same but for the width of its first column.
  const words = (text = ''): string => text.replaceAll(/\s+/g, ' ');
  expect(words(pgd?.out.replace(group, ''))).toBe(words(own?.out));
  for (const said of [own, pgd]) expect(said?.out.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

describe('catalogs', () => {
  const kinds = [attacks, presets, defenses, views].map((catalog) => ({
    catalog,
    command: `${catalog.kind}s`,
  }));

  test('each is listed, one entry a line, and as data with the same keys', async () => {
    const lines = kinds.flatMap(({ command }) => [command, `${command} --json`]);
    const said = await world.all(lines);
    for (const [i, { catalog, command }] of kinds.entries()) {
      const names = catalog.all.map((entry) => entry.name);
      const [head, rule, ...rows] = said[2 * i]?.out.trimEnd().split('\n') ?? [];
      expect(head).toMatch(new RegExp(`^${catalog.kind} +what it is`));
      expect(rule).toMatch(/^─+$/);
      expect(rows.map((row) => row.split(' ')[0])).toEqual(names);
      const data = JSON.parse(said[2 * i + 1]?.out ?? '') as Record<string, { name: string }[]>;
      expect(data[command]?.map((entry) => entry.name)).toEqual(names);
      const keys = [
        'kind',
        'name',
        'title',
        'paper',
        ...(command === 'attacks' || command === 'presets'
          ? ['access', 'norms', 'goals', 'radius', 'region', 'sources', 'opponent', 'queries']
          : []),
      ];
      for (const entry of data[command] ?? []) expect(Object.keys(entry)).toEqual(keys);
    }
  });

  test('one entry is told whole', async () => {
    const lines = ['attacks pgd', 'defenses jpeg', 'views bpda', 'attacks noop', 'attacks pgd --json'];
    const [pgd, jpeg, bpda, noop, json] = await world.all(lines);
    expect([pgd, jpeg, bpda, noop].map((said) => said?.out).join('\n')).toMatchInlineSnapshot(`
      "pgd
      Projected gradient descent

      paper     Madry et al. 2017, arXiv:1706.06083, eq. 2; in l1 arXiv:1904.13000, section 5
      access    gradient
      norms     linf, l2, l1
      goals     untargeted, targeted, least-likely
      radius    fixed
      region    optional
      sources   as one
      opponent  none
      queries   no limit

      steps
        whole number from 1; default 40
        gradient steps per restart
      stepSize
        number above 0
        in pixel units; 2.5 epsilon / steps by default
      restarts
        whole number from 1; default 1
        starts, each from another random point
      randomStart
        true or false; default true
        start at a random point of the ball instead of the image
      loss
        cross-entropy, margin, carlini-wagner; default cross-entropy
        objective that is climbed
      sparsity
        number from 0, below 1; default 0.99
        in l1 the share of entries that a step leaves alone

      example
        advarena attack model.onnx --images images --labels labels.csv --attack pgd:steps=40 --epsilon 8/255

      jpeg
      JPEG compression

      paper  Dziugaite et al. 2016, arXiv:1608.00853; surrogate after Shin and Song 2017

      quality
        whole number, 1 to 100; default 75
        quality of the file, as libjpeg counts it
      subsampling
        4:2:0, 4:4:4; default 4:2:0
        chroma at half resolution in both directions, or at full

      example
        advarena attack model.onnx --images images --labels labels.csv --attack pgd --epsilon 8/255 --defense jpeg:quality=75 --through bpda

      bpda
      Backward pass differentiable approximation

      paper  Athalye et al. 2018, arXiv:1802.00420, section 4.1

      backward
        surrogate, identity; default surrogate
        gradient of a stage that has none: its differentiable twin's, or the identity

      example
        advarena attack model.onnx --images images --labels labels.csv --attack pgd --epsilon 8/255 --through bpda:backward=surrogate

      noop
      No attack

      paper     NIPS 2017 competition, baseline
      access    none
      norms     linf, l2, l1, l0, l0-entries
      goals     untargeted, targeted, least-likely
      radius    fixed
      region    optional
      sources   none
      opponent  none
      queries   no limit

      It takes no options.

      example
        advarena attack model.onnx --images images --labels labels.csv --attack noop --epsilon 8/255
      "
    `);
    const { options, ...rest } = JSON.parse(json?.out ?? '') as { options: object[] };
    expect({ ...rest, options: options.slice(0, 2) }).toMatchInlineSnapshot(`
      {
        "access": "gradient",
        "example": "advarena attack model.onnx --images images --labels labels.csv --attack pgd:steps=40 --epsilon 8/255",
        "goals": [
          "untargeted",
          "targeted",
          "least-likely",
        ],
        "kind": "attack",
        "name": "pgd",
        "norms": [
          "linf",
          "l2",
          "l1",
        ],
        "opponent": "none",
        "options": [
          {
            "choices": null,
            "default": 40,
            "description": "gradient steps per restart",
            "name": "steps",
            "required": false,
            "schema": {
              "default": 40,
              "description": "gradient steps per restart",
              "maximum": 9007199254740991,
              "minimum": 1,
              "type": "integer",
            },
            "values": "whole number from 1",
          },
          {
            "choices": null,
            "default": null,
            "description": "in pixel units; 2.5 epsilon / steps by default",
            "name": "stepSize",
            "required": false,
            "schema": {
              "description": "in pixel units; 2.5 epsilon / steps by default",
              "exclusiveMinimum": 0,
              "type": "number",
            },
            "values": "number above 0",
          },
        ],
        "paper": "Madry et al. 2017, arXiv:1706.06083, eq. 2; in l1 arXiv:1904.13000, section 5",
        "queries": "no limit",
        "radius": "fixed",
        "region": "optional",
        "sources": "as one",
        "title": "Projected gradient descent",
      }
    `);
  });

  test('the example of every entry runs', async () => {
    for (const end of ['onnx', 'json'])
      for (const name of ['model', 'other'])
        cpSync(path.join(world.folder, `quad.${end}`), path.join(world.folder, `${name}.${end}`));
    const names = kinds.flatMap(({ catalog, command }) =>
      catalog.all.map(({ name }) => `${command} ${name} --json`),
    );
    const examples = (await world.all(names)).map(
      ({ out }) => (JSON.parse(out) as { example: string }).example,
    );
    const lines = examples.map((line) => `${line.replace(/^advarena /, '')} --limit 2 --hosts 1`);
    const failed = (await world.all(lines)).filter(({ code }) => code !== 0);
    expect(failed).toEqual([]);
  });

  test('a name that none has', async () => {
    const [said] = await world.all(['attacks pdg']);
    expect(said?.err).toMatch(/^error UNKNOWN_NAME  Unknown attack "pdg".* Did you mean "pgd"\?\n$/);
    expect(said?.code).toBe(2);
  });
});
