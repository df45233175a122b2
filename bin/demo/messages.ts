import type { WitnessFigures } from '../../src/app/start.ts';

export interface Folders {
  /** The authority's, which the relay does not read. */
  readonly folder: string;
  readonly mailbox: string;
  readonly publish: string;
}

export interface Serving {
  /** For participants of this machine. */
  readonly origin: string;
  readonly pageOrigin: string;
  /** The relay's root, where it speaks TLS. */
  readonly ca: string | undefined;
  /** Nobody but the self-check meets. */
  readonly once: boolean;
}

/** Nothing of these is secret: what is secret stays with the director. */
export type ToDirector =
  | { readonly kind: 'begin'; readonly folders: Folders }
  | ({ readonly kind: 'serving' } & Serving)
  | { readonly kind: 'witness'; readonly figures: WitnessFigures | undefined };
export type FromDirector =
  /** The files that a relay judges people by are there. */
  | { readonly kind: 'published' }
  | { readonly kind: 'witness?'; readonly meeting: string }
  | { readonly kind: 'checked'; readonly status: number };

const isOfKind = (message: unknown, kinds: readonly string[]): boolean =>
  typeof message === 'object' &&
  message !== null &&
  'kind' in message &&
  typeof message.kind === 'string' &&
  kinds.includes(message.kind);

/** Both ends are this program's own: the kind says the rest. */
export const isToDirector = (message: unknown): message is ToDirector =>
  isOfKind(message, ['begin', 'serving', 'witness']);
export const isFromDirector = (message: unknown): message is FromDirector =>
  isOfKind(message, ['published', 'witness?', 'checked']);
