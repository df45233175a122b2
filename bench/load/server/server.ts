import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { BelfryError } from '../../../src/base/errors.ts';
import { secureRandomBytes } from '../../../src/base/platform.ts';
import { acceptInvitation } from '../../../src/client/invite/invitation.ts';
import { formatLink } from '../../../src/client/link.ts';
import { end, startProgram } from '../../program.ts';
import { childrenOf, holdTo } from './duty-cycle.ts';

/** What is put under load. */
export interface Server {
  /** One for each meeting. */
  readonly links: readonly string[];
  /** Where its metrics are; `undefined`: nothing is known of it but what participants see. */
  readonly metrics: string | undefined;
  readonly isOwn: boolean;
  close(): Promise<void>;
}

const told = z.object({ metrics: z.url(), invitations: z.array(z.unknown()) });

export interface OwnServer {
  readonly meetings: number;
  readonly workers: number;
  /** Of a core, for each media worker; 1: all that there is. */
  readonly share: number;
}

const linkOf = (invitation: unknown): string => {
  const link = acceptInvitation(JSON.stringify(invitation), secureRandomBytes);
  if (!link.ok) throw BelfryError.from(link.refusal);
  return formatLink(link.value);
};

/** Starts a relay of this checkout as a process of its own. */
export const startServer = async ({ meetings, workers, share }: OwnServer): Promise<Server> => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-load-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const args = [String(meetings), String(workers), folder];
  const program = await startProgram('bench/load/relay.ts', args, /(\{.*\})\n/).catch((error: unknown) => {
    remove();
    throw error;
  });
  const { metrics, invitations } = told.parse(JSON.parse(program.found));
  const release = holdTo(childrenOf(program.child.pid ?? 0), share);
  return {
    links: invitations.map(linkOf),
    metrics,
    isOwn: true,
    async close() {
      release();
      await end(program);
      remove();
    },
  };
};
