import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ImageServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Paths in the order in which they were asked for. */
  asked: string[];
  close(): Promise<void>;
}

/** Answers one path; `time` counts its requests from 1. */
export type Answer = (response: ServerResponse, time: number, request: IncomingMessage) => void;

/** Serves answers by path on this machine; other paths are 404. */
export async function serveImages(answers: Record<string, Answer>): Promise<ImageServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const answer = answers[path];
    if (answer === undefined) response.writeHead(404).end('gone');
    else answer(response, asked.filter((p) => p === path).length, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Sends a file, after a while if told. */
export function file(bytes: Uint8Array, type = 'image/png', milliseconds = 0): Answer {
  return (response) => {
    setTimeout(() => {
      response.writeHead(200, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
    }, milliseconds);
  };
}

/** A CSV of the competition: label 7 and target 9 everywhere. */
export function competitionCsv(rows: { id: string; url: string; box?: readonly number[] }[]): string {
  const header =
    'ImageId,URL,x1,y1,x2,y2,TrueLabel,TargetClass,OriginalLandingURL,License,Author,AuthorProfileURL';
  const lines = rows.map(({ id, url, box = [0, 0, 1, 1] }) => `${id},${url},${box.join()},7,9,,,"Doe, J.",`);
  return `${[header, ...lines].join('\n')}\n`;
}

/** Levels of a picture that has edges and slopes, RGB, [height, width, 3]. */
export function pictureLevels(height: number, width: number, seed = 0): Uint8Array {
  const data = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        const wave = 60 * Math.sin((x + seed) / (7 + c)) * Math.cos(y / (11 - c));
        const edge = (x - 150) ** 2 + (y - 140) ** 2 < 5000 ? 50 : 0;
        data[(y * width + x) * 3 + c] = Math.round(110 + wave + edge + ((x * 31 + y * 17 + seed) % 23));
      }
  return data;
}
