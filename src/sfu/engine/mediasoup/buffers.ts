import { readFileSync } from 'node:fs';

/**
 * What is asked for each UDP socket. The kernel accounts for whole packet buffers, about 2.3 KB for a datagram of
 * 1.2 KB, and doubles what is asked: 4 MiB hold about 3,600 datagrams, 36 ms of a full worker's 100,000 a second.
 * Less loses packets whenever the worker is off its core; more only delivers packets that come too late.
 */
export const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** The same for what a key frame, forwarded to hundreds of viewers at once, leaves for the network card. */
export const SEND_BUFFER_BYTES = 4 * 1024 * 1024;

/** A socket gets the lesser of the two: the kernel cuts silently, and `setsockopt` succeeds (socket(7)). */
interface BufferLimit {
  /** The sysctl that raises the limit. */
  readonly name: string;
  readonly wantedBytes: number;
  /** What the kernel allows at most; what is wanted, where the kernel does not tell. */
  readonly allowedBytes: number;
}

type ReadText = (path: string) => string;

/** Buffers of the shared media sockets, receiving and sending, as wanted and as the kernel will grant them. */
export function socketBufferLimits(
  read: ReadText = (path) => readFileSync(path, 'utf8'),
): readonly BufferLimit[] {
  return [
    limitOf('net.core.rmem_max', RECEIVE_BUFFER_BYTES, read),
    limitOf('net.core.wmem_max', SEND_BUFFER_BYTES, read),
  ];
}

function limitOf(name: string, wantedBytes: number, read: ReadText): BufferLimit {
  const text = readOr(() => read(`/proc/sys/${name.replaceAll('.', '/')}`).trim(), '');
  return { name, wantedBytes, allowedBytes: /^\d+$/.test(text) ? Number(text) : wantedBytes };
}

function readOr(read: () => string, otherwise: string): string {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
