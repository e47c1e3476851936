import { baseName, exists, isFolder, joinPath, listFolder } from '../../runtime/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import { type NamedClass, readClassList } from '../class-list.ts';
import { readImages } from '../images.ts';
import type { LabelRows } from '../labels.ts';
import { first, readClasses, refuseOptions } from '../samples.ts';
import { together } from '../together.ts';
import type { Dataset, DatasetOptions } from '../types.ts';

/**
 * A folder for each class, as ImageNet is kept: `CLASS/NAME.png`, `.jpg` or `.jpeg`, 8-bit grey or RGB. The id is
 * `CLASS/NAME`. Samples come in turns, the first image of each class, then the second, so that a `limit` takes from
 * all. Where grey and RGB images mix, the grey ones become RGB of three equal channels. Files whose name begins with
 * a dot are passed over, and so are files of other kinds beside the class folders, but none within them.
 * @param list a file of the classes in their order, see {@link readClassList}; by default `classes.txt` in the
 *   folder, else the folders' names sorted by code units. A class of the list may lack its folder, not the reverse
 * @param options.size sizes that differ are an error unless this is given: see {@link DatasetOptions}
 * @throws AdvarenaError STRAY_FILE, CLASS_EMPTY, CLASS_UNKNOWN, CLASS_LIST, NO_IMAGES, DUPLICATE_ID, IMAGE_SIZE,
 *   IMAGE_FORMAT, IMAGE_UNREADABLE, OPTION_CONFLICT
 */
export async function loadClassFolder(
  folder: string,
  list?: string,
  options: DatasetOptions = {},
): Promise<Dataset> {
  refuseOptions(options, ['part', 'coarse'], { where: folder, what: 'a folder of images' });
  const folders = await classFolders(folder);
  const beside = joinPath(folder, 'classes.txt');
  const path = list ?? ((await exists(beside)) ? beside : undefined);
  const classes: NamedClass[] =
    path === undefined ? folders.map((name) => ({ folder: name, title: name })) : await readClassList(path);
  if (classes.length < 2)
    throw new AdvarenaError(
      'NO_IMAGES',
      `At least two folders of images are needed; the folder holds ${classes.length}.`,
      {
        where: folder,
        remedy: 'Name the folder right above those of the classes, or give a list of all classes.',
      },
    );
  if ((options.classes ?? classes.length) !== classes.length)
    throw new AdvarenaError('OPTION_CONFLICT', `The classes there are ${classes.length}.`, {
      where: path ?? folder,
      remedy: 'Leave out classes, or give a list of all of them.',
    });
  const known = new Map(classes.map((each, i) => [each.folder.normalize('NFC'), i]));
  const classOf = (name: string): number | undefined => known.get(name.normalize('NFC'));
  const unknown = folders.find((name) => classOf(name) === undefined);
  if (unknown !== undefined)
    throw new AdvarenaError('CLASS_UNKNOWN', `The list of classes does not name the folder "${unknown}".`, {
      where: joinPath(folder, unknown),
      remedy: `Add it to ${path ?? 'the list'}, or move the folder away.`,
    });
  const present = folders.toSorted((a, b) => (classOf(a) as number) - (classOf(b) as number));
  const found = await together(present, (name) => imagesOf(folder, name));
  const files = inTurns(found);
  const labels: LabelRows = new Map(
    files.map(({ id, path: where, className }) => [
      id,
      { where, label: classOf(className), target: undefined },
    ]),
  );
  const labelled = await readClasses([...labels.keys()], labels, options, folder);
  const ids = first([...labels.keys()], options.limit);
  return {
    name: baseName(folder),
    ids,
    images: await readImages(
      files.slice(0, ids.length).map((file) => file.path),
      { ...options, mixed: true, beside: files.slice(ids.length).map((file) => file.path) },
    ),
    ...labelled(ids),
    labelOffset: options.offset ?? 0,
    classes: classes.length,
    classNames: classes.map(({ title }) => title),
  };
}

interface File {
  id: string;
  path: string;
  className: string;
}

/** Names of the folders in a folder, sorted. @throws AdvarenaError STRAY_FILE for an image beside them */
async function classFolders(root: string): Promise<string[]> {
  const names = (await listFolder(root)).filter((name) => !name.startsWith('.'));
  const are = await Promise.all(names.map((name) => isFolder(joinPath(root, name))));
  const stray = names.find((name, i) => are[i] === false && /\.(png|jpe?g|gif|webp|bmp|tiff?)$/i.test(name));
  if (stray === undefined) return names.filter((_, i) => are[i]);
  throw new AdvarenaError(
    'STRAY_FILE',
    'The image lies beside the folders of the classes, in none of them.',
    {
      where: joinPath(root, stray),
      remedy: 'Move it into the folder of its class, or away.',
    },
  );
}

async function imagesOf(root: string, className: string): Promise<File[]> {
  const folder = joinPath(root, className);
  const files = new Map<string, File>();
  for (const name of await listFolder(folder)) {
    if (name.startsWith('.')) continue;
    const path = joinPath(folder, name);
    const [, stem] = /^(.*)\.(?:png|jpe?g)$/i.exec(name) ?? [];
    if (stem === undefined) throw await strayError(path);
    const id = `${className}/${stem}`.normalize('NFC');
    if (files.has(id))
      throw new AdvarenaError('DUPLICATE_ID', `Two files have the id "${id}".`, {
        where: path,
        remedy: 'Rename one of them.',
      });
    files.set(id, { id, path, className });
  }
  if (files.size > 0) return [...files.values()];
  throw new AdvarenaError('CLASS_EMPTY', `The folder of the class "${className}" holds no images.`, {
    where: folder,
    remedy: 'Add its images, or take the folder away.',
  });
}

async function strayError(path: string): Promise<AdvarenaError> {
  return (await isFolder(path))
    ? new AdvarenaError('STRAY_FILE', 'There is a folder within the folder of a class.', {
        where: path,
        remedy: 'Name the folder right above those of the classes, or move this one away.',
      })
    : new AdvarenaError('STRAY_FILE', 'The file in the folder of a class is no PNG or JPEG file.', {
        where: path,
        remedy: 'Convert it if it is an image, or move it away.',
      });
}

function inTurns(classes: readonly File[][]): File[] {
  const longest = Math.max(0, ...classes.map((files) => files.length));
  return Array.from({ length: longest }, (_, i) => classes.flatMap((files) => files[i] ?? [])).flat();
}
