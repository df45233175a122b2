/** What a message's sequence number says: the next in order, seen before (sent again after a resume), or one too far. */
export type Arrival = 'next' | 'duplicate' | 'gap';

export const arrivalOf = (received: number, seq: number): Arrival => {
  if (seq === received + 1) return 'next';
  return seq <= received ? 'duplicate' : 'gap';
};
