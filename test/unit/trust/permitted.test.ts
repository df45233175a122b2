import assert from 'node:assert/strict';
import { BlockList, isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeElements, encodeElement } from '../../../src/trust/hosts/der.ts';
import { canonicalIp, ipBytes, ipRange, isInRange } from '../../../src/trust/hosts/ip.ts';
import { decodeNameConstraints, encodeNameConstraints } from '../../../src/trust/hosts/name-constraints.ts';
import { outside, permittedFor } from '../../../src/trust/hosts/permitted.ts';

const ip = fc.oneof(fc.ipV4(), fc.ipV6());
const NO_HOSTS = { addresses: [], names: [] };

test('what is no address has no bytes', () => {
  for (const text of [
    '',
    'relay',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '0x7f.0.0.1',
    '::g',
    '1:2',
    'fe80::1%eth0',
  ])
    assert.equal(ipBytes(text), undefined, text);
  assert.deepEqual(ipBytes('192.0.2.255'), Uint8Array.of(192, 0, 2, 255));
  assert.deepEqual(ipBytes('2001:db8::1')?.length, 16);
  assert.equal(canonicalIp('FD00:0::2'), 'fd00::2');
});

test('ranges agree with those of Node', () => {
  fc.assert(
    fc.property(ip, ip, fc.nat(128), (base, address, bits) => {
      const prefixBits = isIP(base) === 4 ? bits % 33 : bits;
      const range = ipRange(`${base}/${prefixBits}`);
      const bytes = ipBytes(address);
      assert.ok(range && bytes);
      const list = new BlockList();
      list.addSubnet(base, prefixBits, isIP(base) === 4 ? 'ipv4' : 'ipv6');
      if (isIP(base) === isIP(address))
        assert.equal(isInRange(bytes, range), list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6'));
      else assert.ok(!isInRange(bytes, range));
    }),
  );
});

test('an authority may vouch for private hosts, and for the neighbourhood of what it was made for', () => {
  const hosts = { addresses: ['203.0.113.5', '2001:db8:1:2::5'], names: ['meet.example'] };
  const permitted = permittedFor(hosts);
  const inside = {
    addresses: [
      ...hosts.addresses,
      '203.0.113.200',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.7.7',
      'fd00::2',
      '::1',
    ],
    names: ['meet.example', 'a.meet.example', 'relay.local', 'local', 'x.home.arpa'],
  };
  assert.deepEqual(outside(permitted, inside), NO_HOSTS);
  const strangers = {
    addresses: ['203.0.114.5', '8.8.8.8', '172.32.0.1', '2001:db8:1:3::5', '2a00::1'],
    names: ['example', 'notmeet.example', 'local.example', 'bank.be'],
  };
  assert.deepEqual(outside(permitted, strangers), strangers);
});

test('constraints survive their encoding', () => {
  const permitted = permittedFor({ addresses: ['203.0.113.5', '2001:db8:1:2::5'], names: ['meet.example'] });
  const decoded = decodeNameConstraints(encodeNameConstraints(permitted));
  assert.deepEqual(decoded?.domains, permitted.domains);
  assert.deepEqual(decoded?.ranges, [
    ...permitted.ranges.slice(0, -2),
    '203.0.113.0/24',
    '2001:db8:1:2::/64',
  ]);
});

test('damaged constraints are no constraints, and harm nothing', () => {
  const whole = encodeNameConstraints(permittedFor(NO_HOSTS));
  for (let size = 0; size < whole.length; size++)
    assert.equal(decodeNameConstraints(whole.subarray(0, size)), undefined, `${size} bytes`);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodeNameConstraints(bytes)));
});

test('elements of every length class come back', () => {
  for (const size of [0, 1, 127, 128, 255, 256, 65_535]) {
    const content = new Uint8Array(size).fill(7);
    assert.deepEqual(decodeElements(encodeElement(0x30, content)), [{ tag: 0x30, content }]);
  }
  assert.throws(() => encodeElement(0x30, new Uint8Array(65_536)), RangeError);
});
