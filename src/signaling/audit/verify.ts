import { type Bytes, equalBytes, fromBase64Url, toBase64Url } from '../../base/bytes.ts';
import { COUNTERSIGNATURE, checkpointText } from '../../trust/record/checkpoint.ts';
import { peekStatement } from '../../trust/signing/statement.ts';
import { emptyHead, extend, type Head, type Line, parseLine, type Sha256 } from './chain.ts';
import { type KeptCheckpoint, type Opening, readJson, type Stamped } from './schema.ts';

/** What a record that was tampered with, or damaged, shows. */
export type FindingCode =
  | 'line.unreadable'
  | 'line.altered'
  | 'lines.missing'
  | 'lines.out-of-order'
  | 'record.other'
  | 'record.headless'
  | 'record.missing'
  | 'checkpoint.forged'
  | 'checkpoint.forked'
  | 'checkpoint.beyond-end'
  | 'countersignature.other'
  | 'end.torn';

export interface Finding {
  readonly code: FindingCode;
  /** Of the file, from 1 on. */
  readonly line: number;
  readonly message: string;
}

export interface Verdict {
  readonly findings: readonly Finding[];
  readonly opening: Opening | undefined;
  readonly beganUnixMs: number | undefined;
  readonly lines: number;
  readonly checkpoints: number;
  /** Lines after the last checkpoint: only the chain speaks for them, which whoever writes the file could make anew. */
  readonly unsigned: number;
  /** Its relay ended and said so: nothing was cut off after that. */
  readonly hasStopped: boolean;
}

export interface VerifyOptions {
  readonly sha256: Sha256;
  /** Whether `signature` is that of `publicKey` (Ed25519) over `text`. */
  readonly verify: (publicKey: Bytes, text: Bytes, signature: Bytes) => boolean;
  /** Which key the record must bear; absent: the one that it names itself, which proves nothing about a swapped file. */
  readonly publicKey?: string | undefined;
  readonly kept?: readonly KeptCheckpoint[] | undefined;
}

/** Reads a record line by line, in order: `take` each, then `end`. Holds no more than the last line's head. */
export class RecordVerifier {
  readonly #options: VerifyOptions;
  readonly #findings: Finding[] = [];
  readonly #kept: Map<number, KeptCheckpoint[]>;
  #head: Head = emptyHead();
  /** By the number of lines: what each checkpoint signs. */
  readonly #signedHeads = new Map<number, string>();
  #opening: Opening | undefined;
  #beganUnixMs: number | undefined;
  #line = 0;
  #next = 0;
  #checkpoints = 0;
  #unsigned = 0;
  #hasStopped = false;

  constructor(options: VerifyOptions) {
    this.#options = options;
    this.#kept = Map.groupBy(options.kept ?? [], ({ count }) => count);
  }

  /** One line without its line break. */
  take(text: string): void {
    this.#line += 1;
    const line = parseLine(text);
    const stamped = line && readJson(line.json);
    if (line === undefined || stamped === undefined)
      this.#find('line.unreadable', 'this is no line of a record');
    else this.#judge(line, stamped);
  }

  /** `torn`: what follows the last line break, which a whole record does not have. */
  end(torn = ''): Verdict {
    if (torn !== '') this.#find('end.torn', `${torn.length} characters after the last whole line`, 1);
    if (this.#opening === undefined) this.#find('record.headless', 'no line says which record this is');
    for (const kept of this.#kept.values()) for (const each of kept) this.#missed(each);
    return {
      findings: this.#findings,
      opening: this.#opening,
      beganUnixMs: this.#beganUnixMs,
      lines: this.#line,
      checkpoints: this.#checkpoints,
      unsigned: this.#unsigned,
      hasStopped: this.#hasStopped,
    };
  }

  #judge(line: Line, stamped: Stamped): void {
    this.#beganUnixMs ??= stamped.atUnixMs;
    this.#judgeNumber(stamped.n);
    this.#judgeContent(stamped);
    const { hash } = extend(this.#options.sha256, this.#head, line.json);
    if (!equalBytes(hash, line.hash) && stamped.n === this.#next)
      this.#find('line.altered', 'this line does not follow from the one before: one of the two was changed');
    // Goes on from what the line says: one altered line is one finding.
    this.#head = { count: stamped.n + 1, hash: line.hash };
    this.#next = stamped.n + 1;
    this.#compare();
  }

  #judgeNumber(n: number): void {
    if (n > this.#next)
      this.#find('lines.missing', `lines ${this.#next} to ${n - 1} are missing before this one`);
    if (n < this.#next) this.#find('lines.out-of-order', `line ${n} stands where ${this.#next} belongs`);
    if (n !== this.#next) this.#head = { count: n, hash: this.#head.hash };
  }

  #judgeContent({ n, content }: Stamped): void {
    if (content.kind !== 'checkpoint') this.#hasStopped = content.kind === 'stopped';
    if (content.kind === 'record') this.#open(n, content);
    else if (content.kind === 'checkpoint') this.#check(content.signature);
    else if (content.kind === 'countersigned') this.#checkCountersigned(content.statement);
    else this.#unsigned += 1;
  }

  #open(n: number, opening: Opening): void {
    const wanted = this.#options.publicKey;
    if (n !== 0 || this.#opening !== undefined)
      this.#find('record.other', 'another record begins within this one');
    else if (wanted !== undefined && opening.publicKey !== wanted)
      this.#find('record.other', 'this record is signed by another key than the one that was named');
    this.#opening ??= opening;
    this.#unsigned += 1;
  }

  #check(signature: string): void {
    const { record = '', publicKey = '' } = this.#opening ?? {};
    const [key, signed] = [fromBase64Url(publicKey), fromBase64Url(String(signature))];
    const text = checkpointText(record, this.#head);
    if (key === undefined || signed === undefined || !this.#options.verify(key, text, signed))
      this.#find(
        'checkpoint.forged',
        `something in the ${this.#unsigned} lines before this checkpoint was changed`,
      );
    this.#checkpoints += 1;
    this.#signedHeads.set(this.#head.count, toBase64Url(this.#head.hash));
    this.#unsigned = 0;
  }

  /** Its signature is for whoever has the device's certificate; here it must be of this record as it is. */
  #checkCountersigned(statement: unknown): void {
    const said = peekStatement(COUNTERSIGNATURE, statement);
    const isOfThis =
      said.ok &&
      said.value.record === this.#opening?.record &&
      this.#signedHeads.get(said.value.count) === said.value.hash;
    if (!isOfThis)
      this.#find(
        'countersignature.other',
        'a participant signed a checkpoint that this record does not have',
      );
    this.#unsigned += 1;
  }

  /** Against what clients kept of the record at this length. */
  #compare(): void {
    for (const kept of this.#kept.get(this.#head.count) ?? [])
      if (kept.record !== this.#opening?.record)
        this.#find('record.other', 'a checkpoint that was kept is of another record');
      else if (kept.hash !== toBase64Url(this.#head.hash))
        this.#find('checkpoint.forked', 'up to here this is not the record of which a checkpoint was kept');
    this.#kept.delete(this.#head.count);
  }

  #missed({ record, count }: KeptCheckpoint): void {
    if (record !== this.#opening?.record)
      this.#find('record.other', 'a checkpoint that was kept is of another record');
    else this.#find('checkpoint.beyond-end', `a checkpoint was kept of ${count} lines: the end was cut off`);
  }

  #find(code: FindingCode, message: string, after = 0): void {
    this.#findings.push({ code, line: this.#line + after, message });
  }
}
