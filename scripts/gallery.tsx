// Every message that the page has for when something is wrong, on one page, for pictures.
import { render } from 'preact';
import { FAULT_CODES } from '../src/client/page/fault-codes.ts';
import { ENGLISH } from '../web/texts/en.ts';
import { TextsProvider } from '../web/views/context.ts';
import { FaultCard, FaultNote } from '../web/views/fault.tsx';

render(
  <TextsProvider value={ENGLISH}>
    {FAULT_CODES.map((code) => (
      <section key={code} data-code={code}>
        <FaultCard code={code} />
        <FaultNote code={code} />
      </section>
    ))}
  </TextsProvider>,
  document.body,
);
