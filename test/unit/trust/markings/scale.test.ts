import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { lawOf } from '../../../../src/trust/acts/law.ts';
import { parseLocated } from '../../../../src/trust/markings/located-json.ts';
import { readScale } from '../../../../src/trust/markings/scale.ts';
import { granted } from '../../../support/people.ts';

const FILE = new URL('../../../../src/trust/markings/belgium.json', import.meta.url);
const BELGIUM = readFileSync(FILE, 'utf8');
const SMALL = `{
  "scale": "office",
  "languages": ["en", "nl"],
  "levels": [
    { "id": "open", "marking": "OPEN", "names": { "en": "Open", "nl": "Open" } },
    { "id": "closed", "marking": "CLOSED", "names": {
      "en": "Closed",
      "nl": "Gesloten" } }
  ],
  "groups": [
    { "id": "north", "names": { "en": "North", "nl": "Noord" } }
  ]
}
`;
const messageOf = (text: string): string => {
  const read = readScale(text);
  return read.ok ? 'ok' : `${read.refusal.code}: ${read.refusal.message}`;
};

describe('the Belgian scale', () => {
  it('has four levels in order, with both official markings', () => {
    const { levels, scale } = granted(readScale(BELGIUM));
    assert.equal(scale, 'belgium');
    assert.deepEqual(
      levels.map(({ marking }) => marking),
      ['RESTREINT/BEPERKT', 'CONFIDENTIEL/VERTROUWELIJK', 'SECRET/GEHEIM', 'TRES SECRET/ZEER GEHEIM'],
    );
  });

  it('has a name of each level in Dutch, French, German and English', () => {
    const { levels, languages } = granted(readScale(BELGIUM));
    assert.deepEqual(languages, ['nl', 'fr', 'de', 'en']);
    for (const { names, marking } of levels) {
      assert.deepEqual(Object.keys(names).sort(), ['de', 'en', 'fr', 'nl']);
      assert.equal(marking, `${names.fr}/${names.nl}`);
    }
  });
});

describe('a file with a scale', () => {
  it('is read, whatever the scale', () => {
    const scale = granted(readScale(SMALL));
    assert.deepEqual(
      scale.levels.map(({ id }) => id),
      ['open', 'closed'],
    );
    assert.equal(scale.groups[0]?.names.nl, 'Noord');
  });

  it('names the level above which two people are needed, or means every level', () => {
    const withLevel = (level: string) =>
      SMALL.replace('"languages"', `"twoPersonsAbove": "${level}", "languages"`);
    const above = (text: string) => lawOf(granted(readScale(text))).twoPersonsAbove;
    assert.deepEqual([above(SMALL), above(withLevel('open')), above(withLevel('closed'))], [-1, 0, 1]);
    assert.equal(
      messageOf(withLevel('cosmic')),
      'scale.malformed: line 3: twoPersonsAbove is no level of this scale',
    );
  });

  it('is refused with the line of its fault', () => {
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['"office",', '"office"', /^scale\.malformed: line 3: a comma or } should stand here/],
      ['"nl"],', '"nl",],', /line 3: a value should stand here/],
      ['"CLOSED"', "'CLOSED'", /line 6: a value should stand here/],
      ['"id": "closed"', '"id" "closed"', /line 6: a colon should stand here/],
      ['"en": "Closed"', '"en": "Closed', /line 7: a value should stand here/],
      ['"nl": "Gesloten"', '"en": "Gesloten"', /line 8: the key "en" stands here a second time/],
      ['"nl": "Gesloten"', '"\\u0065n": "Gesloten"', /line 8: the key "en" stands here a second time/],
      ['"nl": "Gesloten"', '"fr": "Ferme"', /line 6: levels\.1\.names\.nl is missing/],
      ['"nl": "Gesloten"', '"nl": "Gesloten", "fr": "Ferme"', /line 8: levels\.1\.names\.fr is no language/],
      ['"nl": "Gesloten"', '"nl": ""', /line 8: levels\.1\.names\.nl must not be empty/],
      ['"nl": "Gesloten"', '"nl": 7', /line 8: levels\.1\.names\.nl must be here, as string/],
      ['"id": "closed"', '"id": "open"', /line 6: levels\.1\.id is here twice/],
      ['"id": "closed"', '"id": "top secret"', /line 6: levels\.1\.id must be 1 to 64 characters/],
      ['"marking": "CLOSED", ', '', /line 6: levels\.1\.marking must be here/],
      ['"marking": "CLOSED", ', '"order": 1, "marking": "CLOSED", ', /line 6: levels\.1\.order is no part/],
      ['"id": "north"', '"id": "north", "level": 1', /line 11: groups\.0\.level is no part of a scale/],
      ['"nl": "Noord"', '"nl": "Noord", "de": "Nord"', /line 11: groups\.0\.names\.de is no language/],
      ['["en", "nl"]', '["en", "en"]', /line 3: languages must name no language twice/],
      ['["en", "nl"]', '["en", "dutch"]', /line 3: languages\.1 must be a language/],
      ['"scale": "office",', '', /line 1: scale must be here/],
      ['  ]\n}', '  ]\n} {}', /line 13: the text should end here/],
      ['  ]\n}\n', '  ]\n', /line 13: a comma or } should stand here/],
    ];
    for (const [from, to, expected] of cases) {
      assert.ok(SMALL.includes(from), from);
      assert.match(messageOf(SMALL.replace(from, () => to)), expected, `${from} -> ${to}`);
    }
  });

  it('is refused where there is nothing of a scale in it', () => {
    assert.match(messageOf(''), /line 1: the text ends too early/);
    assert.match(messageOf('\n\n[]'), /line 3: the file must be here, as object/);
    assert.match(messageOf('null'), /line 1: the file must be here, as object/);
    const { levels: _, ...none } = JSON.parse(SMALL);
    assert.match(messageOf(JSON.stringify({ ...none, levels: [] })), /line 1: levels must have a level/);
  });

  it('is bounded in length and in depth', () => {
    assert.match(messageOf(' '.repeat(262_145)), /^scale\.too-large/);
    assert.match(messageOf('['.repeat(1_000)), /line 1: this is nested too deeply/);
  });
});

describe('JSON with lines', () => {
  it('is what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        assert.deepEqual(granted(parseLocated(text)).value, JSON.parse(text));
      }),
    );
  });

  it('is refused where JSON.parse refuses', () => {
    const letters = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      'a',
      '1',
      '-',
      ' ',
      '\n',
      '"a"',
      '\u00a0',
      'true',
    );
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 16 }), (parts) => {
        const text = parts.join('');
        const located = parseLocated(text);
        const isSecondKey = !located.ok && located.refusal.message.includes('second time');
        if (located.ok) assert.doesNotThrow(() => JSON.parse(text));
        else if (!isSecondKey) assert.throws(() => JSON.parse(text), JSON.stringify(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it('knows the line of every value', () => {
    const { lineOf } = granted(parseLocated('{\n"a": [\n1,\n\n{ "b":\n 2 }\n]\n}'));
    const lines = [[], ['a'], ['a', 0], ['a', 1], ['a', 1, 'b'], ['a', 1, 'missing'], ['missing']].map(
      lineOf,
    );
    assert.deepEqual(lines, [1, 2, 3, 5, 5, 5, 1]);
  });
});
