import type { SignedCheckpoint } from '../../trust/record/checkpoint.ts';

export interface SavedFile {
  readonly name: string;
  /** A link that a browser saves: nothing is asked of anybody for it. */
  readonly href: string;
}

/** As `belfry audit verify --checkpoint` reads it. The name says of which record, and how far it goes. */
export const checkpointFile = (checkpoint: SignedCheckpoint): SavedFile => ({
  name: `belfry-checkpoint-${checkpoint.record}-${checkpoint.count}.json`,
  href: `data:application/json,${encodeURIComponent(`${JSON.stringify(checkpoint)}\n`)}`,
});
