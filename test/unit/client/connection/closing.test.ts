import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aftermathOf, closeRefusal } from '../../../../src/client/connection/closing.ts';

const aftermath = (code: string) => aftermathOf({ code, message: '' });

test('a lost connection resumes, an ended session starts anew', () => {
  assert.equal(aftermath('connection.lost'), 'resume');
  assert.equal(aftermath('connection.slow-reader'), 'resume');
  assert.equal(aftermath('resume.refused'), 'start-anew');
  assert.equal(aftermath('rate.exceeded'), 'start-anew');
});

test('what was asked for, or would only come again, ends', () => {
  for (const code of ['session.left', 'meeting.ended', 'hello.version', 'protocol.too-large'])
    assert.equal(aftermath(code), 'give-up', code);
});

test('two holders of one session do not fight for it', () => {
  assert.equal(aftermath('connection.superseded'), 'give-up');
  assert.equal(aftermath('entry.replaced'), 'give-up');
});

test('a close frame with a text of no table is a lost connection, and its text is not repeated', () => {
  const refusal = closeRefusal('<script>');
  assert.equal(refusal.code, 'connection.lost');
  assert.ok(!refusal.message.includes('script'));
});
