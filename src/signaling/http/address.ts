import type { IncomingMessage } from 'node:http';

/** Empty where the socket is gone already. */
export const addressOf = ({ socket }: IncomingMessage): string => socket.remoteAddress ?? '';
