import { useState } from 'preact/hooks';
import type { Source } from '../../src/base/media.ts';
import type { ConductedPerson, Order, Whom } from '../../src/client/page/conduct.ts';
import type { Page } from '../../src/client/page/page.ts';

import type { Texts } from '../texts/texts.ts';
import { useTexts } from './context.ts';

interface Choice {
  readonly label: string;
  readonly order: Order;
  readonly isHarsh?: boolean;
}

/** What the chair may order about one person. */
export const PersonOrders = ({ page, person }: { readonly page: Page; readonly person: ConductedPerson }) => {
  const texts = useTexts().people;
  const choices = choicesOf(person, texts);
  const [isOpen, setOpen] = useState(false);
  const give = (order: Order): void => {
    setOpen(false);
    void page.order(order);
  };
  return (
    <div class="orders">
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {texts.orders}
      </button>
      {isOpen && (
        <ul>
          {choices.map(({ label, order, isHarsh = false }) => (
            <li key={label}>
              <button type="button" class={isHarsh ? 'harsh' : ''} onClick={() => give(order)}>
                {label}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
};

/** What is granted and taken back together: a screen is shown with its sound. */
const GRANTABLE = {
  microphone: ['microphone'],
  camera: ['camera'],
  screen: ['screen', 'screen-audio'],
} as const satisfies Readonly<Record<string, readonly Source[]>>;

const grantChoices = ({ person, maySend }: ConductedPerson, texts: Texts['people']): Choice[] =>
  (['microphone', 'camera', 'screen'] as const).map((source) => {
    const isGranted = maySend.has(source);
    return {
      label: (isGranted ? texts.withdraw : texts.grant)[source],
      order: {
        kind: isGranted ? 'withdraw' : 'grant',
        whom: { kind: 'persons', persons: [person] },
        sources: [...GRANTABLE[source]],
      },
    };
  });

const choicesOf = (conducted: ConductedPerson, texts: Texts['people']): Choice[] => {
  const { person, isObserver, hand } = conducted;
  const whom: Whom = { kind: 'persons', persons: [person] };
  const asMember: Choice[] = [
    { label: texts.mute, order: { kind: 'mute', whom } },
    { label: texts.stopCamera, order: { kind: 'stop', person, sources: ['camera'] } },
    ...grantChoices(conducted, texts),
    { label: texts.makeObserver, order: { kind: 'set-role', person, role: 'observer' } },
  ];
  const asObserver: Choice[] = [
    { label: texts.makeMember, order: { kind: 'set-role', person, role: 'member' } },
  ];
  return [
    ...(hand === undefined
      ? []
      : [{ label: texts.lowerHand, order: { kind: 'lower-hand', person } as const }]),
    ...(isObserver ? asObserver : asMember),
    { label: texts.handOverChair, order: { kind: 'hand-over-chair', to: person } },
    { label: texts.toLobby, order: { kind: 'to-lobby', person } },
    { label: texts.remove, order: { kind: 'remove', person, isForGood: false }, isHarsh: true },
    { label: texts.removeForGood, order: { kind: 'remove', person, isForGood: true }, isHarsh: true },
  ];
};
