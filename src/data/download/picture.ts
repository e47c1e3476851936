import { cropPhotograph, encodePng } from '#codec';
import { AdvarenaError } from '../../tensor/index.ts';
import type { ImageRow } from './rows.ts';
import { type MissingReason, TransferError, type Transferred } from './transfer.ts';

/** Height and width of the competition's images. */
const size = 299;

const reasons: Record<string, MissingReason> = {
  IMAGE_FORMAT: 'no-image',
  IMAGE_UNREADABLE: 'damaged',
  IMAGE_SIZE: 'empty-box',
};

/** The PNG of what came for a row. @throws TransferError */
export async function pictureOf({ bytes, contentType }: Transferred, row: ImageRow): Promise<Uint8Array> {
  try {
    const crop = { box: row.box, height: size, width: size };
    return await encodePng(await cropPhotograph(bytes, crop, row.url));
  } catch (error) {
    const reason = error instanceof AdvarenaError ? reasons[error.code] : undefined;
    if (reason === undefined) throw error;
    const type = contentType.split(';', 1)[0] as string;
    const isText = reason === 'no-image' && /^text\/|json/.test(type);
    throw new TransferError(reason, isText ? `the answer is ${type}` : (error as Error).message);
  }
}
