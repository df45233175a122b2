/** Who has not said by then that it can open the new epoch's frames is not waited for: longer keeps the old keys in use. */
export const READY_WITHIN_MS = 1_000;
/**
 * Frames under way when their sender switched are opened for so long, by whoever was in both epochs. A jitter buffer and a
 * retransmission fit several times; longer is time in which a stolen old key still hears something.
 */
export const OLD_KEYS_LIVE_MS = 2_000;
/**
 * Epochs that frames are opened under at once. A group that settles each epoch has three a second at most, and the old ones
 * go after two seconds; a key id tells 16 apart.
 */
export const MAX_RECEIVING = 8;
/** Of epochs that a joiner hears of before it has read its Welcome. */
export const MAX_EARLY_EPOCHS = 4;
