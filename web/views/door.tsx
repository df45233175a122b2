import type { ConductFacts } from '../../src/client/page/conduct.ts';
import type { Page } from '../../src/client/page/page.ts';
import { useTexts } from './context.ts';

interface DoorProps {
  readonly page: Page;
  readonly conduct: ConductFacts;
}

/** Who waits before the door. Everybody sees that somebody does; the chair decides. */
export const Door = ({ page, conduct: { waiting, isChair } }: DoorProps) => {
  const texts = useTexts().people;
  if (waiting.length === 0) return null;
  const admit = (kind: 'admit' | 'turn-away', persons: (typeof waiting)[number]['person'][]) =>
    page.order({ kind, whom: { kind: 'persons', persons } });
  return (
    <section class="door" aria-label={texts.waiting(waiting.length)}>
      <h3>{texts.waiting(waiting.length)}</h3>
      <ul>
        {waiting.map(({ person, device }) => (
          <li key={person} data-person={person}>
            <span class="name">{device === undefined ? person : `${person} (${device})`}</span>
            {isChair && (
              <span class="choice">
                <button type="button" class="primary" onClick={() => admit('admit', [person])}>
                  {texts.admit}
                </button>
                <button type="button" onClick={() => admit('turn-away', [person])}>
                  {texts.turnAway}
                </button>
              </span>
            )}
          </li>
        ))}
      </ul>
      {isChair && waiting.length > 1 && (
        <button
          type="button"
          class="primary"
          onClick={() =>
            admit(
              'admit',
              waiting.map(({ person }) => person),
            )
          }
        >
          {texts.admitAll}
        </button>
      )}
    </section>
  );
};
