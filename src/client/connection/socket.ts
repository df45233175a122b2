/** A socket as the connection needs it: text out, text in. Browsers and Node 24 both bring one (`web-socket.ts`). */
export interface Socket {
  send(text: string): void;
  /** Bytes given to `send` that have not left this machine yet. */
  bufferedBytes(): number;
  close(): void;
}

export interface SocketHandlers {
  onOpen(): void;
  /** Whatever came; anything but text is the receiver's to refuse. */
  onMessage(data: unknown): void;
  /** Once, and nothing after it. `reason`: the text of the close frame, empty where there was none. */
  onClose(reason: string): void;
}

/** Opens a socket with the protocol's subprotocol. What fails is closed; no handler runs before this has returned. */
export type OpenSocket = (url: string, handlers: SocketHandlers) => Socket;
