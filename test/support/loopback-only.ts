/**
 * `node loopback-only.ts LOG COMMAND [ARG…]`, inside new network and mount namespaces: brings loopback up, makes this
 * process the namespace's only name server, and runs the command. Each name that anything in there asks for, in whatever
 * language, becomes a line of LOG.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [log = '', file = '', ...args] = process.argv.slice(2);

const must = (command: string, ...rest: string[]): void => {
  const { status, stderr, error } = spawnSync(command, rest, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${rest.join(' ')}: ${error?.message ?? stderr}`);
};

/** The question's name of a DNS message (RFC 1035 section 4.1.2). */
const nameOf = (message: Buffer): string => {
  const labels: string[] = [];
  for (let at = 12, size = message[at] ?? 0; size > 0; at += size + 1, size = message[at] ?? 0)
    labels.push(message.toString('latin1', at + 1, at + 1 + size));
  return labels.join('.');
};

/** The same message as an answer: no such name. */
const refusalOf = (message: Buffer): Buffer => {
  const answer = Buffer.from(message);
  answer.writeUInt16BE(0x8183, 2);
  return answer;
};

const serveNames = async (): Promise<void> => {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    appendFileSync(log, `${nameOf(message)}\n`);
    socket.send(refusalOf(message), from.port, from.address);
  });
  socket.bind(53, '127.0.0.1');
  await once(socket, 'listening');
};

const useOwnNameServer = (): void => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-names-'));
  const files = { '/etc/resolv.conf': 'nameserver 127.0.0.1\n', '/etc/nsswitch.conf': 'hosts: files dns\n' };
  for (const [path, text] of Object.entries(files)) {
    const own = join(folder, path.replaceAll('/', '_'));
    writeFileSync(own, text);
    must('mount', '--bind', own, path);
  }
};

must('ip', 'link', 'set', 'lo', 'up');
useOwnNameServer();
await serveNames();
const child = spawn(file, args, { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
const [status] = await once(child, 'exit');
process.exit(status ?? 1);
