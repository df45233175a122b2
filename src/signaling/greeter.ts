import type { MeetingId } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import type { PublicKeyInfo } from '../trust/statement/statement.ts';
import { judgeResume } from './door/judge.ts';
import { encodeReply } from './protocol/encode.ts';
import { PROTOCOL_VERSION, type RequestOf } from './protocol/messages.ts';
import type { Peer } from './session/peer.ts';
import type { Session } from './session/session.ts';
import type { ResumeClaim, Resumed, Sessions } from './session/sessions.ts';

interface GreeterOptions {
  readonly sessions: Sessions;
  readonly heartbeatMs: number;
  readonly answer: (session: Session, re: number, result: Result<unknown>) => void;
  readonly onResumed: () => void;
}

/** Gives a connection that says hello its session, a fresh one or the one that it lost. */
export class Greeter {
  readonly #options: GreeterOptions;

  constructor(options: GreeterOptions) {
    this.#options = options;
  }

  greet(peer: Peer, hello: RequestOf<'hello'>): void {
    if (hello.version !== PROTOCOL_VERSION) peer.cut('hello.version');
    else if (hello.resume === undefined) this.#open(peer, hello);
    else this.#resume(peer, hello, hello.resume);
  }

  #open(peer: Peer, hello: RequestOf<'hello'>): void {
    const session = this.#options.sessions.open(peer);
    if (session === undefined) peer.cut('server.full');
    else this.#welcomeNew(peer, session, hello.id);
  }

  #welcomeNew(peer: Peer, session: Session, re: number): void {
    peer.session = session;
    session.requests.admit(re);
    this.#options.answer(session, re, ok(this.#welcome(session, false)));
  }

  #resume(peer: Peer, hello: RequestOf<'hello'>, claim: ResumeClaim): void {
    const { sessions } = this.#options;
    const session = sessions.get(claim.session);
    const key = session?.deviceKey;
    // Put before the door again: its owner is connected, and begins anew if it is not.
    if (session?.membership === undefined && key !== undefined) peer.cut('resume.refused');
    // A wrong secret is refused without a signature being looked at.
    else if (session?.membership === undefined || key === undefined || !sessions.hasSecret(claim))
      this.#takeOver(peer, hello, claim);
    else void this.#prove(peer, hello, claim, session.membership.meeting, key);
  }

  /** Of a session that entered with a certificate the device shows its key again: the secret alone, stolen, is worth nothing. */
  async #prove(
    peer: Peer,
    hello: RequestOf<'hello'>,
    claim: ResumeClaim,
    meeting: MeetingId,
    key: PublicKeyInfo,
  ): Promise<void> {
    peer.isGreeting = true;
    const proven = await judgeResume(claim, meeting, key).catch(() => undefined);
    peer.isGreeting = false;
    if (!peer.isOpen) return;
    if (proven?.ok === true) this.#takeOver(peer, hello, claim);
    else peer.cut('resume.refused');
  }

  #takeOver(peer: Peer, hello: RequestOf<'hello'>, claim: ResumeClaim): void {
    const resumed = this.#options.sessions.resume(peer, claim);
    if (resumed === undefined) peer.cut('resume.refused');
    else this.#welcomeBack(peer, resumed, hello.id);
  }

  /** The hello's id is no request id of the session: its reply is sequenced, but not kept for repeats. */
  #welcomeBack(peer: Peer, { session, missed }: Resumed, re: number): void {
    const { sessions, onResumed } = this.#options;
    peer.session = session;
    onResumed();
    for (const message of missed) peer.send(message);
    sessions.deliverNextSecret(session, (secret) =>
      encodeReply(re, ok(this.#welcome({ id: session.id, secret }, true))),
    );
  }

  #welcome({ id, secret }: Pick<Session, 'id' | 'secret'>, resumed: boolean): object {
    return { session: id, secret, resumed, heartbeatMs: this.#options.heartbeatMs };
  }
}
