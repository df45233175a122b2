import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { BelfryError } from '../../../src/base/errors.ts';
import { createCertificate } from '../../../src/client/werift/hop/certificate.ts';
import { handOver, Leg, openSocket } from '../leg.ts';
import { RELAY_CORE, residentBytesOf, spawnPinned, stop } from '../processes.ts';
import { type Cast, inTurns, type Stage, type Viewer } from '../stage.ts';
import type { JanusPackage } from './janus-package.ts';
import { ANSWER_PASSWORD, answerTo, offerOf } from './janus-sdp.ts';
import { JanusSession } from './janus-session.ts';

const PLUGIN = 'janus.plugin.streaming';
const MOUNTPOINT = 1;
const PAYLOAD_TYPE = 96;
const SSRC = 0x1000;

interface Ports {
  readonly api: number;
  readonly media: number;
}

/** Free a moment ago: janus takes no port 0. */
const freePort = async (): Promise<number> => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
};

const configsOf = (home: string, { api, media }: Ports): Readonly<Record<string, string>> => ({
  'janus.jcfg': `general: {
  plugins_folder = "${home}/plugins"
  transports_folder = "${home}/transports"
  events_folder = "${home}/none"
  loggers_folder = "${home}/none"
  debug_level = 1
  session_timeout = 0
}
`,
  'janus.transport.websockets.jcfg': `general: {
  json = "compact"
  ws = true
  ws_port = ${api}
  ws_ip = "127.0.0.1"
}
`,
  'janus.plugin.streaming.jcfg': `live: {
  type = "rtp"
  id = ${MOUNTPOINT}
  description = "bench"
  media = ({ type = "video", mid = "v", label = "v", iface = "lo", port = ${media}, pt = ${PAYLOAD_TYPE}, codec = "vp8" })
}
`,
});

/** The streaming plugin and the websocket alone. */
const prepare = (home: string, { libraries }: JanusPackage, ports: Ports): void => {
  for (const folder of ['plugins', 'transports', 'none', 'configs'])
    mkdirSync(join(home, folder), { recursive: true });
  copyFileSync(
    join(libraries, 'janus/plugins/libjanus_streaming.so'),
    join(home, 'plugins/libjanus_streaming.so'),
  );
  copyFileSync(
    join(libraries, 'janus/transports/libjanus_websockets.so'),
    join(home, 'transports/libjanus_websockets.so'),
  );
  for (const [name, text] of Object.entries(configsOf(home, ports)))
    writeFileSync(join(home, 'configs', name), text);
};

const start = (home: string, { program, libraries }: JanusPackage) =>
  spawnPinned(RELAY_CORE, program, ['--configs-folder', join(home, 'configs')], {
    stdio: 'ignore',
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
  });

/** A mountpoint of the streaming plugin, which takes RTP in clear; viewers come as they come to any relay. */
export const openJanus = async (found: JanusPackage, { viewers: count }: Cast): Promise<Stage> => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-bench-janus-'));
  const ports = { api: await freePort(), media: await freePort() };
  prepare(home, found, ports);
  const child = start(home, found);
  const pid = child.pid ?? Number.NaN;
  const closers: (() => void)[] = [];
  const close = async () => {
    for (const one of closers) one();
    await stop(child);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const session = await JanusSession.open(ports.api);
    closers.push(() => session.close());
    const source = await openSocket(ports.media);
    closers.push(() => source.close());
    const residentBytes = residentBytesOf(pid);
    const joinsMs: number[] = [];
    const certificate = await createCertificate();
    const viewers = await inTurns(count, async () => {
      const beganMs = performance.now();
      const { leg, viewer } = await watch(session, certificate);
      closers.push(() => leg.close());
      joinsMs.push(performance.now() - beganMs);
      return viewer;
    });
    const publisher = { ssrc: SSRC, payloadType: PAYLOAD_TYPE, twcc: 0, key: undefined, number: 1 };
    const publishers = [{ ...publisher, fd: handOver(source) }];
    return { publishers, viewers, worker: pid, others: [], joinsMs, residentBytes, close };
  } catch (error) {
    await close();
    throw error;
  }
};

const watch = async (
  session: JanusSession,
  certificate: Parameters<typeof Leg.open>[1],
): Promise<{ readonly leg: Leg; readonly viewer: Viewer }> => {
  const handle = await session.attach(PLUGIN);
  const { jsep } = await session.message(handle, { request: 'watch', id: MOUNTPOINT });
  if (jsep === undefined) throw new BelfryError('bench.sdp', 'janus made no offer');
  const leg = await Leg.open(offerOf(jsep.sdp), certificate);
  leg.answerChecks(ANSWER_PASSWORD);
  const answer = answerTo({
    offer: jsep.sdp,
    port: leg.port,
    usernameFragment: leg.usernameFragment,
    dtlsParameters: leg.dtlsParameters,
  });
  await session.message(handle, { request: 'start' }, answer);
  await leg.connect();
  const { send: sendKey, read: readKey } = leg.keys;
  return { leg, viewer: { fd: leg.handOver(), twcc: 0, sendKey, readKey } };
};
