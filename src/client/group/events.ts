import type { ParticipantId } from '../../base/ids.ts';
import type { EpochCode, HallKey } from '../../e2ee/mls/port.ts';

/** What people are told. */
export type GroupEvent =
  | {
      readonly kind: 'epoch';
      readonly epoch: bigint;
      /** Equal on all devices, or somebody is in another group. */
      readonly code: EpochCode;
      readonly digest: string;
      readonly members: readonly ParticipantId[];
      /** Since the epoch before that this device was in. */
      readonly joined: readonly ParticipantId[];
      readonly left: readonly ParticipantId[];
    }
  /** Where this device is now; `isEntry`: it has just come into the group. */
  | { readonly kind: 'hall'; readonly keys: readonly HallKey[]; readonly isEntry: boolean }
  /** Something is not as it should be; `about` is who did it, says the relay or, where there is one, a signature. */
  | {
      readonly kind: 'trouble';
      readonly code: string;
      readonly message: string;
      readonly about: readonly ParticipantId[];
    }
  /** This device had lost the group, and is in it again. */
  | { readonly kind: 'repaired'; readonly epoch: bigint };
