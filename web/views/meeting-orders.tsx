import { useState } from 'preact/hooks';
import type { ConductFacts, Marking, PendingOrder } from '../../src/client/page/conduct.ts';
import type { Page } from '../../src/client/page/page.ts';
import { useTexts } from './context.ts';
import { PersonsForm } from './persons-form.tsx';
import { TitleForm } from './title-form.tsx';

interface OrdersProps {
  readonly page: Page;
  readonly conduct: ConductFacts;
}

/** What is ordered about the whole meeting; and what waits for a second person. */
export const MeetingOrders = ({ page, conduct }: OrdersProps) => (
  <>
    {conduct.pending.length > 0 && <Pending page={page} conduct={conduct} />}
    <PersonsForm
      label={useTexts().people.ownBeside}
      action={useTexts().people.declare}
      mayBeEmpty
      onPersons={(persons) => page.order({ kind: 'declare-beside', persons })}
    />
    {conduct.isLeader && <OfLeaders page={page} />}
    {conduct.isChair && <OfChair page={page} conduct={conduct} />}
  </>
);

const OfLeaders = ({ page }: Pick<OrdersProps, 'page'>) => {
  const texts = useTexts().people;
  return (
    <section class="of-leaders" aria-label={texts.ofLeaders}>
      <PersonsForm
        label={texts.invite}
        action={texts.inviteNow}
        onPersons={(persons) => page.order({ kind: 'invite', persons })}
      />
      <button type="button" onClick={() => page.order({ kind: 'allow-export' })}>
        {texts.allowExport}
      </button>
    </section>
  );
};

const Pending = ({ page, conduct: { pending } }: OrdersProps) => {
  const texts = useTexts().people;
  return (
    <section class="pending" aria-label={texts.pending}>
      <h3>{texts.pending}</h3>
      {pending.map((order) => (
        <p key={order.act}>
          <PendingText order={order} />
          {order.mayAgree && (
            <button
              type="button"
              class="primary"
              onClick={() => page.order({ kind: 'second', act: order.act })}
            >
              {texts.agree}
            </button>
          )}
        </p>
      ))}
    </section>
  );
};

const PendingText = ({ order: { order, by } }: { readonly order: PendingOrder }) => {
  const { lowerMarking, invite, allowExport } = useTexts().people.asks;
  if (order.kind === 'lower-marking') return <span>{lowerMarking(by, order.marking.level)}</span>;
  if (order.kind === 'invite') return <span>{invite(by, order.persons.length)}</span>;
  return <span>{allowExport(by)}</span>;
};

const OfChair = ({ page, conduct }: OrdersProps) => {
  const texts = useTexts().people;
  const [isEnding, setEnding] = useState(false);
  return (
    <section class="of-chair" aria-label={texts.ofChair}>
      <TitleForm page={page} />
      <button type="button" onClick={() => page.order({ kind: 'mute', whom: { kind: 'all' } })}>
        {texts.muteAll}
      </button>
      <button type="button" onClick={() => page.order({ kind: conduct.isLocked ? 'unlock' : 'lock' })}>
        {conduct.isLocked ? texts.unlock : texts.lock}
      </button>
      <MarkingChoice
        title={texts.raiseMarking}
        markings={conduct.higher}
        onChoose={(marking) => page.order({ kind: 'raise-marking', marking })}
      />
      <MarkingChoice
        title={texts.lowerMarking}
        markings={conduct.lower}
        onChoose={(marking) => page.order({ kind: 'lower-marking', marking })}
      />
      <button
        type="button"
        class="harsh"
        onClick={() => (isEnding ? page.order({ kind: 'end' }) : setEnding(true))}
        onBlur={() => setEnding(false)}
      >
        {isEnding ? texts.endSurely : texts.end}
      </button>
    </section>
  );
};

interface ChoiceProps {
  readonly title: string;
  readonly markings: readonly Marking[];
  readonly onChoose: (marking: Marking['label']) => void;
}

const MarkingChoice = ({ title, markings, onChoose }: ChoiceProps) => {
  if (markings.length === 0) return null;
  return (
    <select
      aria-label={title}
      value=""
      onChange={({ currentTarget }) => {
        const chosen = markings.find(({ label }) => label.level === currentTarget.value);
        currentTarget.value = '';
        if (chosen !== undefined) onChoose(chosen.label);
      }}
    >
      <option value="">{title}</option>
      {markings.map(({ label, text }) => (
        <option key={label.level} value={label.level}>
          {text}
        </option>
      ))}
    </select>
  );
};
