import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawing, element, label, path } from '../../../../bench/plot/svg.ts';

test('words and attributes cannot become markup', () => {
  assert.equal(label({ x: 1, y: 2 }, 'a < b & "c"'), '<text x="1" y="2">a &lt; b &amp; &quot;c&quot;</text>');
  assert.equal(element('g', { id: '"><script>' }), '<g id="&quot;&gt;&lt;script&gt;"/>');
});

test('numbers are written short', () => {
  assert.equal(
    path(
      [
        { x: 1 / 3, y: 2 },
        { x: 4, y: 5.006 },
      ],
      {},
    ),
    '<polyline points="0.33,2 4,5.01" fill="none"/>',
  );
});

test('a drawing is one document of its size', () => {
  const text = drawing(20, 10, [label({ x: 0, y: 0 }, 'word')]);
  assert.match(text, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 20 10" /);
  assert.match(text, />word<\/text>\n<\/svg>\n$/);
});
