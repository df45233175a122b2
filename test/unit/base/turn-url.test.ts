import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseTurnUrl, turnUrlOf } from '../../../src/base/turn-url.ts';

describe('a TURN URL', () => {
  it('says transport, address and port, with the defaults of its scheme', () => {
    const read = (text: string) => {
      const { transport, address, port } = parseTurnUrl(text) ?? {};
      return [transport, address, port];
    };
    assert.deepEqual(read('turn:10.0.0.5:3479?transport=udp'), ['udp', '10.0.0.5', 3479]);
    assert.deepEqual(read('turn:10.0.0.5'), ['udp', '10.0.0.5', 3478]);
    assert.deepEqual(read('turn:10.0.0.5?transport=tcp'), ['tcp', '10.0.0.5', 3478]);
    assert.deepEqual(read('TURNS:10.0.0.5:443'), ['tls', '10.0.0.5', 443]);
    assert.deepEqual(read('turns:10.0.0.5?transport=tcp'), ['tls', '10.0.0.5', 5349]);
    assert.deepEqual(read('turn:[FD00:0::5]:3478'), ['udp', 'fd00::5', 3478]);
  });

  it('is written in one way, which reads as the same', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    const transport = fc.constantFrom('udp' as const, 'tcp' as const, 'tls' as const);
    fc.assert(
      fc.property(address, transport, fc.integer({ min: 1024, max: 65535 }), (host, over, port) => {
        const url = turnUrlOf({ transport: over, address: host, port });
        const read = parseTurnUrl(url);
        assert(read, url);
        assert.deepEqual([read.transport, read.port], [over, port]);
        assert.deepEqual(parseTurnUrl(turnUrlOf(read)), read);
      }),
    );
  });

  for (const [why, texts] of Object.entries({
    'names are looked up': [
      'turn:turn.example:3478',
      'turn:localhost',
      'turns:[turn.example]:443',
      'turn:a.b',
      'turn:dead.beef',
      'turn:10.0.0.5.:3478',
    ],
    'an address in another form would be read as another': [
      'turn:010.0.0.5',
      'turn:10.5',
      'turn:0x0a000005',
      'turn:167772165',
      'turn:10.0.0.256',
      'turn:fd00::5',
      'turn:[fd00::5%eth0]',
      'turn:[::1::]',
      'turn:[10.0.0.5]',
    ],
    'it is something else': ['stun:10.0.0.5', 'http://10.0.0.5', 'turn://10.0.0.5', 'turn:', ''],
    'something is beside it': [
      'turn:u@10.0.0.5',
      'turn:10.0.0.5/x',
      'turn:10.0.0.5:3478?transport=udp&x',
      'turn:10.0.0.5 ',
      'turn:10.0.0.5\n',
      'turn:10.0.0.5?transport=sctp',
    ],
    'browsers refuse it': [
      'turns:10.0.0.5:443?transport=udp',
      'turn:10.0.0.5:25',
      'turn:10.0.0.5:0',
      'turn:10.0.0.5:65536',
    ],
  }))
    it(`is none where ${why}`, () => {
      for (const text of texts) assert.equal(parseTurnUrl(text), undefined, text);
    });
});
