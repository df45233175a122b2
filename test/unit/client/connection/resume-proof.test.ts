import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Connection } from '../../../../src/client/connection/connection.ts';
import { HELLO_WITHIN_MS } from '../../../../src/client/connection/wire.ts';
import type { Envelope } from '../../../../src/trust/statement/statement.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { ScriptedSockets } from '../../../support/scripted-socket.ts';
import { settle } from '../../../support/until.ts';

const PROOF: Envelope = {
  kind: 'possession',
  alg: 'ES256',
  bytes: 'e30',
  signature: 'c2ln',
  signer: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
};

describe('a connection whose device proves its resumes', () => {
  let clock: FakeClock;
  let sockets: ScriptedSockets;
  let connection: Connection;
  let asked: PromiseWithResolvers<Envelope | undefined>[];

  beforeEach(() => {
    clock = new FakeClock();
    sockets = new ScriptedSockets();
    asked = [];
    connection = new Connection({
      url: 'ws://relay.example/v1/meet',
      openSocket: sockets.open,
      clock,
      randomBytes: (size) => new Uint8Array(size).fill(128),
      onListenerError: (error) => {
        throw error;
      },
      proveResume: () => {
        const signing = Promise.withResolvers<Envelope | undefined>();
        asked.push(signing);
        return signing.promise;
      },
    });
  });

  const reconnect = () => {
    sockets.last.handlers.onClose('');
    clock.advance(5_000);
    sockets.last.handlers.onOpen();
    return sockets.last;
  };

  it('has nothing to prove in a fresh session', () => {
    sockets.last.welcome(1);
    assert.deepEqual([asked.length, connection.state.kind], [0, 'open']);
  });

  it('says hello when the proof is there, and then what was asked meanwhile', async () => {
    sockets.last.welcome(1);
    const next = reconnect();
    void connection.request('leave', {});
    await settle();
    assert.deepEqual(next.sent, []);
    asked[0]?.resolve(PROOF);
    await settle();
    const hello = next.last();
    assert.deepEqual(hello.resume, { session: 'session', secret: 'secret', received: 1, proof: PROOF });
    const body = { session: 'session', secret: 'next', resumed: true, heartbeatMs: 1_000 };
    next.say({ seq: 2, re: hello.id, ok: true, body });
    assert.equal(next.last().kind, 'leave');
  });

  it('says nothing where the socket is gone when the proof is there', async () => {
    sockets.last.welcome(1);
    const gone = reconnect();
    const next = reconnect();
    asked[0]?.resolve(PROOF);
    await settle();
    assert.deepEqual([gone.sent, next.sent], [[], []]);
    asked[1]?.resolve(PROOF);
    await settle();
    assert.equal(next.sent.length, 1);
  });

  it('says nothing where it was closed meanwhile', async () => {
    sockets.last.welcome(1);
    const next = reconnect();
    connection.close();
    asked[0]?.resolve(PROOF);
    await settle();
    assert.deepEqual(next.sent, []);
  });

  it('dials anew where the proof takes longer than a hello may', async () => {
    sockets.last.welcome(1);
    const next = reconnect();
    clock.advance(HELLO_WITHIN_MS);
    clock.advance(5_000);
    assert.deepEqual([next.isClosed, next.sent.length, sockets.last === next], [true, 0, false]);
  });

  it('resumes without a proof where the device cannot sign, for the server to refuse', async () => {
    sockets.last.welcome(1);
    const next = reconnect();
    asked[0]?.reject(new Error('the key is gone'));
    await settle();
    assert.deepEqual(next.last().resume, { session: 'session', secret: 'secret', received: 1 });
  });
});
