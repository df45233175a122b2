/** What a payload descriptor says: whether the packet begins a frame, and where the frame's bytes begin. */
export interface Descriptor {
  readonly startsFrame: boolean;
  /** Bytes of the descriptor. */
  readonly length: number;
}
