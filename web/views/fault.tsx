import type { ComponentChildren } from 'preact';
import type { Refusal } from '../../src/base/result.ts';
import type { FaultCode } from '../../src/client/page/fault-codes.ts';
import { useTexts } from './context.ts';
import { Icon } from './icons.tsx';

interface CardProps {
  readonly title: string;
  readonly text: string;
  readonly isFault?: boolean;
  readonly children?: ComponentChildren;
}

/** One message in the middle of the page, and what can be done. */
export const Card = ({ title, text, isFault = false, children }: CardProps) => (
  <main class="card">
    {isFault && (
      <span class="badge">
        <Icon name="warning" />
      </span>
    )}
    <h1>{title}</h1>
    <p>{text}</p>
    {children}
  </main>
);

interface FaultProps {
  readonly code: FaultCode;
  readonly children?: ComponentChildren;
}

export const FaultCard = ({ code, children }: FaultProps) => {
  const { title, text } = useTexts().faults[code];
  return (
    <Card title={title} text={text} isFault>
      {children}
    </Card>
  );
};

/** The same beside whatever it concerns. */
export const FaultNote = ({ code, children }: FaultProps) => {
  const { title, text } = useTexts().faults[code];
  return (
    <div class="note" role="alert">
      <Icon name="warning" />
      <p>
        <strong>{title}.</strong> {text}
      </p>
      {children}
    </div>
  );
};

/** What somebody who helps this person asks for. */
export const Support = ({ why }: { readonly why: Refusal }) => {
  const texts = useTexts();
  return (
    <>
      <p class="faint">{texts.code(why.code)}</p>
      {why.reference !== undefined && <p class="faint">{texts.reference(why.reference)}</p>}
    </>
  );
};
