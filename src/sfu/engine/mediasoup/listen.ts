import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP, isIPv6 } from 'node:net';
import type { types } from 'mediasoup';
import { BelfryError, messageOf } from '../../../base/errors.ts';
import { RECEIVE_BUFFER_BYTES, SEND_BUFFER_BYTES } from './buffers.ts';
import type { ListenAddress } from './options.ts';

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * Refuses addresses on which no worker could serve: not an IP address (no name is ever looked up), a wildcard that
 * nobody can be told (`listen.address`), an address that this machine does not have (`listen.missing`).
 */
export async function checkListenAddresses(listen: readonly ListenAddress[]): Promise<void> {
  if (listen.length === 0)
    throw new BelfryError('listen.address', 'media needs at least one address to listen on');
  for (const one of listen) checkForm(one);
  for (const { address } of listen) await checkPresent(address);
}

function checkForm({ address, announcedAddress }: ListenAddress): void {
  for (const text of [address, announcedAddress])
    if (text !== undefined && isIP(text) === 0)
      throw new BelfryError('listen.address', `"${text}" is not an IP address`);
  if (WILDCARDS.has(address) && announcedAddress === undefined) {
    const remedy = 'Name one address of this machine, or give the address to announce beside it.';
    throw new BelfryError('listen.address', `participants cannot be told to send to ${address}`, { remedy });
  }
}

/** A socket of our own tells before any worker does, and names the reason. */
async function checkPresent(address: string): Promise<void> {
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: isIPv6(address) });
  try {
    socket.bind(0, address);
    await once(socket, 'listening');
  } catch (cause) {
    const remedy = 'Name addresses of this machine only; `ip address` lists them.';
    const message = `media cannot listen on ${address}: ${messageOf(cause)}`;
    throw new BelfryError('listen.missing', message, { remedy, cause });
  } finally {
    socket.close();
  }
}

/**
 * One UDP socket and one TCP server per address. Buffers are set for UDP alone: TCP connections come and go, and the
 * kernel sizes theirs to the path; 4 MiB there would queue seconds of stale video for a slow viewer.
 * @param index the worker's place in the pool: it is added to given ports
 */
export function listenInfosOf(listen: readonly ListenAddress[], index: number): types.TransportListenInfo[] {
  return listen.flatMap((one) => [
    {
      ...listenInfo(one, 'udp', one.udpPort, index),
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      sendBufferSize: SEND_BUFFER_BYTES,
    },
    listenInfo(one, 'tcp', one.tcpPort, index),
  ]);
}

function listenInfo(
  { address, announcedAddress }: ListenAddress,
  protocol: types.TransportProtocol,
  basePort: number | undefined,
  index: number,
): types.TransportListenInfo {
  return {
    protocol,
    ip: address,
    ...(basePort ? { port: basePort + index } : {}),
    ...(announcedAddress === undefined ? {} : { announcedAddress }),
    // Else a wildcard would take the IPv4 port too, and its own entry could not bind.
    flags: { ipv6Only: isIPv6(address) },
  };
}
