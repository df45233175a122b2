/**
 * The authority of a demonstration, and whoever plays in it: a process apart from the relay's, which never sees an issuing key, a
 * code, a secret or a link. Talks with the demonstration by messages of `messages.ts`; prints what people should read.
 */
import { clear } from '../../src/app/people/clearances.ts';
import { enroll } from '../../src/app/people/enrolment.ts';
import { belgianScalePath, readInput } from '../../src/app/people/handing-out.ts';
import { initPeople } from '../../src/app/people/init.ts';
import { type DeskListener, keepDesk, makeDesk } from '../../src/app/people/keep-desk.ts';
import { hereAndNow } from '../../src/app/people/surroundings.ts';
import { toBase64Url } from '../../src/base/bytes.ts';
import { BelfryError, messageOf } from '../../src/base/errors.ts';
import { asId } from '../../src/base/ids.ts';
import type { PersonId } from '../../src/trust/devices/ids.ts';
import { printFailure } from '../command-line.ts';
import { type CastMember, runCast, runSelfCheck } from '../participants.ts';
import { CAST, LATER, LEVEL } from './cast.ts';
import { type FromDirector, isToDirector, type Serving, type ToDirector } from './messages.ts';

const say = (message: FromDirector): void => {
  if (process.connected) process.send?.(message);
};

/** What the desk does is in the self-check's outcome; what it cannot do is said. */
const LISTENER: DeskListener = { onNote() {}, onPublished() {}, onTrouble: printFailure };

/** Settles with the next message of that kind. */
const heard = <Kind extends ToDirector['kind']>(kind: Kind): Promise<Extract<ToDirector, { kind: Kind }>> =>
  new Promise((resolve) => {
    const onMessage = (message: unknown) => {
      if (!isToDirector(message) || message.kind !== kind) return;
      process.off('message', onMessage);
      resolve(message as Extract<ToDirector, { kind: Kind }>);
    };
    process.on('message', onMessage);
  });

interface Codes {
  /** For the device that opens the meeting of the links. */
  readonly convener: string;
  readonly invited: readonly CastMember[];
  readonly checked: readonly CastMember[];
  readonly fourth: CastMember;
}

/** A code for one device of somebody, each a step that holds the register: before the desk does. */
const codeFor = async (
  folder: string,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<CastMember> => ({
  name,
  code: (await enroll(hereAndNow(folder), asId<PersonId>(id))).code,
});

const codesFor = async (folder: string): Promise<CastMember[]> => {
  const codes: CastMember[] = [];
  for (const person of CAST) codes.push(await codeFor(folder, person));
  return codes;
};

const prepare = async (folder: string): Promise<Codes> => {
  const invited = await codesFor(folder);
  const checked = await codesFor(folder);
  const { code: convener } = await codeFor(folder, CAST[0]);
  const fourth = await codeFor(folder, LATER);
  for (const { id } of [...CAST, LATER])
    await clear(hereAndNow(folder), { person: asId<PersonId>(id), level: LEVEL, groups: [] });
  return { convener, invited, checked, fourth };
};

/** Everybody by name; the first has the chair, the second follows. */
const PLAN = {
  level: LEVEL,
  groups: [],
  persons: [...CAST, LATER].map(({ id }) => id),
  chair: CAST[0].id,
  deputies: [CAST[1].id],
};

/** Told to the chair's page alone, which says it to the others. */
const TITLE = 'Weekly briefing';

const askWitness = async (meeting: string) => {
  const answer = heard('witness');
  say({ kind: 'witness?', meeting });
  return (await answer).figures;
};

const play = async (
  { convener, invited, checked, fourth }: Codes,
  rootSha256: string,
  { origin, pageOrigin, ca, once }: Serving,
): Promise<number> => {
  const place = { origin, rootSha256, plan: PLAN };
  const names = CAST.map(({ id, name }) => `${name} (${id})`).join(', ');
  console.log(`People:   ${names}, enrolled by an authority in a process of its own`);
  if (!once) await runCast({ ...place, pageOrigin, title: TITLE, code: convener, invited }, ca);
  return runSelfCheck({ input: { ...place, cast: checked, fourth }, ca, witness: askWitness });
};

const direct = async (): Promise<void> => {
  const { folders } = await heard('begin');
  const { folder, mailbox, publish } = folders;
  const path = belgianScalePath();
  const { root } = await initPeople(hereAndNow(folder), { path, text: await readInput(path) });
  const codes = await prepare(folder);
  await makeDesk({ folder, mailbox, publish }, LISTENER)();
  const serving = heard('serving');
  say({ kind: 'published' });
  const place = await serving;
  void keepDesk({ folder, mailbox, publish }, LISTENER, new AbortController().signal);
  say({ kind: 'checked', status: await play(codes, toBase64Url(root.sha256), place) });
};

// Whoever directs nobody any more has nothing to do; watched folders would keep it.
process.once('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
try {
  await direct();
} catch (error) {
  printFailure(error instanceof BelfryError ? error : { code: 'demo.failed', message: messageOf(error) });
  process.exit(1);
}
