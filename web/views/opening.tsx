import { useEffect, useState } from 'preact/hooks';
import type { DeviceOpening, OpeningState } from '../../src/client/page/device-opening.ts';
import type { Page } from '../../src/client/page/page.ts';
import { isCode } from '../../src/client/page/typed-code.ts';
import { App } from './app.tsx';
import { useTexts } from './context.ts';
import { Card, FaultCard, FaultNote, Support } from './fault.tsx';

interface OpeningProps {
  readonly opening: DeviceOpening;
  readonly page: Page;
}

/** Until there is a device to enter with; then the page as it is for everybody. */
export const OpeningView = ({ opening, page }: OpeningProps) => {
  const [state, setState] = useState<OpeningState>(opening.state);
  useEffect(() => {
    setState(opening.state);
    return opening.onChange(setState);
  }, [opening]);
  if (state.kind === 'ready') return <App page={page} />;
  if (state.kind === 'asking') return <CodeForm opening={opening} state={state} />;
  if (state.kind === 'stopped') return <Stopped opening={opening} state={state} />;
  return <Waiting opening={opening} state={state} />;
};

interface StateProps<Kind extends OpeningState['kind']> {
  readonly opening: DeviceOpening;
  readonly state: Extract<OpeningState, { kind: Kind }>;
}

const CodeForm = ({ opening, state }: StateProps<'asking'>) => {
  const { enrolling } = useTexts();
  const [typed, setTyped] = useState(state.typed);
  // Nobody is told in the middle of a word that it is wrong.
  const [isTyping, setTyping] = useState(true);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (isCode(typed)) void opening.enrol(typed);
  };
  return (
    <Card title={enrolling.title} text={enrolling.text}>
      {state.fault !== undefined && <FaultNote code={state.fault} />}
      <form class="code" onSubmit={submit}>
        <label class="field">
          <span>{enrolling.code}</span>
          <input
            value={typed}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            autofocus
            placeholder="XXXX-XXXX-XXXX-XXXX-XXXX"
            aria-invalid={!isTyping && typed !== '' && !isCode(typed)}
            aria-describedby="code-hint"
            onFocus={() => setTyping(true)}
            onBlur={() => setTyping(false)}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
          <small id="code-hint">{enrolling.codeHint}</small>
        </label>
        <button type="submit" class="primary" disabled={!isCode(typed)}>
          {enrolling.enrol}
        </button>
      </form>
      {state.why !== undefined && <Support why={state.why} />}
    </Card>
  );
};

const Waiting = ({ opening, state }: StateProps<'looking' | 'waiting'>) => {
  const { enrolling, joining } = useTexts();
  const isAsked = state.kind === 'waiting' && state.isAsked;
  const title = isAsked ? enrolling.waitingTitle : enrolling.lookingTitle;
  return (
    <Card title={title} text={isAsked ? enrolling.waiting : enrolling.looking}>
      <div class="progress" role="progressbar" aria-label={title} />
      {state.kind === 'waiting' && (
        <button type="button" onClick={() => opening.cancel()}>
          {joining.cancel}
        </button>
      )}
    </Card>
  );
};

const Stopped = ({ opening, state: { fault, why } }: StateProps<'stopped'>) => {
  const { check, enrolling } = useTexts();
  return (
    <FaultCard code={fault}>
      <button type="button" class="primary" onClick={() => opening.start()}>
        {check.again}
      </button>
      {fault === 'enrolment.not-renewed' && (
        <button type="button" onClick={() => opening.enrolAgain(fault)}>
          {enrolling.enrol}
        </button>
      )}
      <Support why={why} />
    </FaultCard>
  );
};
