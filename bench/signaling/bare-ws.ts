// The least websocket server that does a relay's work: it answers every message with itself, and what begins with `cast`
// goes to everybody. It prints one line of JSON: where it is.
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data) => {
    const text = String(data);
    if (text.startsWith('cast')) for (const one of sockets.clients) one.send(text);
    else socket.send(text);
  });
});
sockets.on('listening', () =>
  console.log(JSON.stringify({ url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}` })),
);
// A benchmark that is killed takes its server along.
process.stdin.resume().once('end', () => process.exit(1));
process.on('SIGTERM', () => process.exit(0));
