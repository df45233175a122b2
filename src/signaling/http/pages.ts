import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { BelfryError } from '../../base/errors.ts';

interface PageFile {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** The page's files by the path under which they are asked for. Nothing else is ever looked up on the disk. */
export type Pages = ReadonlyMap<string, PageFile>;

/** All files together: they stay in memory. Far above the meeting page's quarter of a megabyte, far below a mistake. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024;
const MAX_PAGE_FILES = 64;
/** A client that takes nothing for so long is cut off: it holds one of the counted connections. */
const STALLED_AFTER_MS = 10_000;

/** What a page may consist of. Anything else in the folder is not given out. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** Scripts, styles and pictures of this server alone; `connect-src 'self'` covers its websocket. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' blob: mediastream:",
  "worker-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy':
    'camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), geolocation=(), usb=(), serial=(), hid=(), midi=(), payment=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Vite names these by a hash of their content: whatever has such a name never changes. */
const HASHED_NAME = /^\/assets\/.+-[A-Za-z0-9_-]{8}\.[a-z]+$/;

/**
 * Reads the folder of a built page into memory; `undefined` where it has no index.html. Throws `pages.too-large`. Hidden
 * files, links and files of other types are left out.
 */
export const readPages = (root: string): Pages | undefined => {
  const pages = new Map<string, PageFile>();
  let bytes = 0;
  for (const file of filesIn(root)) {
    const body = readFileSync(file);
    bytes += body.length;
    if (bytes > MAX_PAGE_BYTES || pages.size >= MAX_PAGE_FILES)
      throw new BelfryError('pages.too-large', `the folder of the page has more than a page: ${root}`);
    const path = `/${relative(root, file).split(sep).join('/')}`;
    pages.set(path, { body, headers: headersOf(path, body.length) });
  }
  const index = pages.get('/index.html');
  return index && pages.set('/', index);
};

/** Answers `GET` and `HEAD` for what is known; `false`, with nothing done, for everything else. */
export const servePage = (
  pages: Pages,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): boolean => {
  const file = pages.get(path);
  if (file === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
  response.setTimeout(STALLED_AFTER_MS, () => response.destroy());
  response.writeHead(200, file.headers);
  response.end(request.method === 'HEAD' ? undefined : file.body);
  return true;
};

const filesIn = (root: string): string[] =>
  entriesOf(root)
    .filter((entry) => entry.isFile() && CONTENT_TYPES[extname(entry.name)] !== undefined)
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (file) =>
        !relative(root, file)
          .split(sep)
          .some((part) => part.startsWith('.')),
    )
    .sort();

const entriesOf = (root: string): Dirent[] => {
  try {
    return readdirSync(root, { recursive: true, withFileTypes: true });
  } catch {
    return [];
  }
};

const headersOf = (path: string, length: number): Record<string, string> => ({
  ...SECURITY_HEADERS,
  'content-type': CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
  'content-length': String(length),
  'cache-control': HASHED_NAME.test(path) ? 'public, max-age=31536000, immutable' : 'no-store',
  connection: 'close',
});
