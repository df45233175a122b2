import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findPeopleRoot } from '../../src/app/people/authority.ts';
import { clear } from '../../src/app/people/clearances.ts';
import { enroll } from '../../src/app/people/enrolment.ts';
import { publishTo } from '../../src/app/people/publish.ts';
import { toBase64Url } from '../../src/base/bytes.ts';
import type { Source } from '../../src/base/media.ts';
import { formatLink, type MeetingLink, parseLink, withoutCode } from '../../src/client/link.ts';
import { type BelfryProcess, runBelfry } from './belfry-process.ts';
import { granted, person } from './people.ts';
import { inFolder, newPeople } from './people-folder.ts';
import { PROJECT_DIR } from './source-tree.ts';

const LEVEL = 'confidential';
/** As many as a self-check wants. */
export const CHECKED = ['anna', 'bert', 'chloe'] as const;

interface Venue {
  /** Of the relay, for programs of this machine. */
  readonly origin: string;
  /** Where browsers open the page, if elsewhere. */
  readonly pageOrigin?: string;
  /** The relay's root, where it speaks TLS. */
  readonly ca?: string | undefined;
  /** Put before `node`, for who convenes. */
  readonly wrapper?: readonly string[];
  /** What members may send from their coming on. */
  readonly grants?: readonly Source[];
}

/** An authority for people with its desk at work, and what a relay needs to take its people. */
export class PeopleHome {
  readonly #home: string;
  readonly #names: readonly string[];
  readonly #desk: BelfryProcess;

  private constructor(home: string, names: readonly string[], desk: BelfryProcess) {
    this.#home = home;
    this.#names = names;
    this.#desk = desk;
  }

  /** `names`: whom the meetings of `convene` take, each at once; the first convenes them. */
  static async open(names: readonly string[] = CHECKED): Promise<PeopleHome> {
    const home = mkdtempSync(join(tmpdir(), 'belfry-home-'));
    const at = (name: string) => join(home, name);
    const now = () => inFolder(at('people'), Date.now());
    await newPeople(at('people'), Date.now());
    for (const name of names) await clearAt(now(), name);
    await publishTo(now(), at('public'));
    const desk = runBelfry(['ca', 'desk', '--folder', at('people'), '--mailbox', at('mailbox')]);
    await desk.printed(/Answering until/);
    return new PeopleHome(home, names, desk);
  }

  /** Of `belfry serve`, and of whatever else reads its settings: a store has one relay, so each home has its own. */
  get flags(): string[] {
    const [people, mailbox, state] = ['public', 'mailbox', 'relay'].map((name) => join(this.#home, name));
    return ['--people', `${people}`, '--enrolment', `${mailbox}`, '--state-dir', `${state}`];
  }

  /** Somebody more, whom no meeting names. */
  clear(name: string): Promise<void> {
    return clearAt(inFolder(join(this.#home, 'people'), Date.now()), name);
  }

  /** For one device of that person. */
  async code(name: string): Promise<string> {
    return (await enroll(inFolder(join(this.#home, 'people'), Date.now()), person(name))).code;
  }

  /** The link into a new meeting, without a code. */
  async convene({ origin, pageOrigin = origin, ca, wrapper = [], grants }: Venue): Promise<MeetingLink> {
    const [convener = ''] = this.#names;
    const { root } = await findPeopleRoot(join(this.#home, 'people'));
    const plan = { level: LEVEL, groups: [], persons: this.#names, deputies: [], grants };
    const order = {
      ...{ origin, pageOrigin, plan, rootSha256: toBase64Url(root.sha256) },
      ...{ code: await this.code(convener), invited: [{ name: convener, code: await this.code(convener) }] },
    };
    const said = await runCast(JSON.stringify(order), ca, wrapper);
    const [link = assert.fail(said)] = /https?:\/\/\S+#\S+/.exec(said) ?? [];
    return withoutCode(granted(parseLink(link)));
  }

  /** The same link with a code for one device of that person. */
  async linkFor(name: string, link: MeetingLink): Promise<string> {
    return formatLink({ ...link, code: await this.code(name) });
  }

  /** What `belfry check` reads. */
  async linksToCheck(link: MeetingLink): Promise<string> {
    const links: string[] = [];
    for (const name of CHECKED) links.push(await this.linkFor(name, link));
    return `${links.join('\n')}\n`;
  }

  async end(): Promise<void> {
    await this.#desk.stop();
    rmSync(this.#home, { recursive: true, force: true });
  }
}

const clearAt = async (at: ReturnType<typeof inFolder>, name: string): Promise<void> => {
  await enroll(at, person(name));
  await clear(at, { person: person(name), level: LEVEL, groups: [] });
};

/** As browsers have it. */
export const originOf = async (serve: BelfryProcess): Promise<string> => {
  const [, scheme = '', address = ''] = await serve.printed(/Relay: +ws(s?):\/\/(\S+),/);
  await serve.printed(/Serving until/);
  return `http${scheme}://${address}`;
};

const runCast = async (
  order: string,
  ca: string | undefined,
  wrapper: readonly string[],
): Promise<string> => {
  const program = join(PROJECT_DIR, 'src/client/cast/main.ts');
  const [file = process.execPath, ...args] = [
    ...wrapper,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    program,
  ];
  const env = ca === undefined ? process.env : { ...process.env, NODE_EXTRA_CA_CERTS: ca };
  const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(order);
  const [said, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  assert.equal(child.exitCode, 0, errors);
  return said;
};
