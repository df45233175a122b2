import type { CertificateFacts } from '../devices/certificate.ts';

/** A meeting's devices twice over, at a kilobyte each; the office's under every clearance is always among them. */
const MAX_KEPT = 1_024;

/**
 * What was read of certificates under one root: a certificate never changes, and reading one takes milliseconds. Whether it is
 * valid now, and for what, is judged each time. What cannot be read is not kept.
 */
export class FactsMemo {
  /** By the whole text, the one that was asked for longest ago first. */
  readonly #kept = new Map<string, CertificateFacts>();

  async read(pem: string, read: () => Promise<CertificateFacts>): Promise<CertificateFacts> {
    const facts = this.#kept.get(pem) ?? (await read());
    this.#kept.delete(pem);
    this.#kept.set(pem, facts);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return facts;
  }
}
