import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId, type TransportId } from '../../../src/base/ids.ts';
import type { TransportOffer } from '../../../src/base/media.ts';
import type { IceCandidate } from '../../../src/base/rtp.ts';
import { judgeOffer } from '../../../src/client/offer.ts';

const candidate = (address: string): IceCandidate => ({
  foundation: 'f',
  priority: 1,
  address,
  protocol: 'udp',
  port: 44_400,
  type: 'host',
});
const offerOf = (addresses: readonly string[], ...urls: readonly (readonly string[])[]): TransportOffer => ({
  transport: asId<TransportId>('t'),
  iceParameters: { usernameFragment: 'u', password: 'p' },
  iceCandidates: addresses.map(candidate),
  dtlsParameters: { fingerprints: [] },
  ...(urls.length > 0 && {
    iceServers: urls.map((list) => ({ urls: list, username: 'n', credential: 'c' })),
  }),
});
const judged = (offer: TransportOffer) => {
  const result = judgeOffer(offer);
  assert(result.ok);
  return result.value;
};

describe('what a relay may have its clients connect to', () => {
  it('is addresses: candidates with names are left out', () => {
    const offer = offerOf(['10.0.0.1', 'relay.example', 'fd00::1', '0a1b.local', '10.1', '', '[fd00::1]']);
    assert.deepEqual(
      judged(offer).iceCandidates.map(({ address }) => address),
      ['10.0.0.1', 'fd00::1'],
    );
  });

  it('is a TURN server by its address, in the one way of writing it', () => {
    const offer = offerOf([], ['TURN:10.0.0.5', 'turns:[FD00::5]:443']);
    assert.deepEqual(judged(offer).iceServers, [
      {
        urls: ['turn:10.0.0.5:3478?transport=udp', 'turns:[fd00::5]:443?transport=tcp'],
        username: 'n',
        credential: 'c',
      },
    ]);
  });

  it('is never a TURN server by name, nor a STUN server, were it one among many', () => {
    const good = ['turn:10.0.0.5:3478'];
    for (const bad of [
      'turn:turn.example:3478',
      'stun:10.0.0.5',
      'turns:localhost:443',
      'https://10.0.0.5/',
      '',
    ])
      for (const offer of [offerOf([], [bad]), offerOf([], [...good, bad]), offerOf([], good, [bad])]) {
        const result = judgeOffer(offer);
        assert(!result.ok, bad);
        assert.equal(result.refusal.code, 'transport.ice-server');
      }
  });

  it('is nothing more where nothing is said', () => {
    assert.deepEqual(judged(offerOf(['10.0.0.1'])), offerOf(['10.0.0.1']));
  });
});
