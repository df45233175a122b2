import type { ConductedPerson, ConductFacts, Order } from '../../src/client/page/conduct.ts';
import type { Page } from '../../src/client/page/page.ts';
import type { MeetingState } from '../../src/client/store/state.ts';
import { CheckpointLink } from './checkpoint-link.tsx';
import { useTexts } from './context.ts';
import { Door } from './door.tsx';
import { Icon } from './icons.tsx';
import { MeetingOrders } from './meeting-orders.tsx';
import { PersonOrders } from './person-orders.tsx';

interface PanelProps extends Pick<MeetingState, 'checkpoint'> {
  readonly page: Page;
  readonly conduct: ConductFacts;
  readonly onClose: () => void;
}

/** Who is here and who waits; and for the chair, what can be ordered. */
export const PeoplePanel = ({ page, conduct, checkpoint, onClose }: PanelProps) => {
  const texts = useTexts().people;
  return (
    <aside class="people-panel" aria-label={texts.title}>
      <header>
        <h2>{texts.title}</h2>
        <button type="button" class="quiet" aria-label={texts.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <Door page={page} conduct={conduct} />
      <ul class="people">
        {conduct.people.map((person) => (
          <PersonRow key={person.person} page={page} conduct={conduct} person={person} />
        ))}
      </ul>
      <MeetingOrders page={page} conduct={conduct} />
      <CheckpointLink checkpoint={checkpoint} />
    </aside>
  );
};

interface RowProps {
  readonly page: Page;
  readonly conduct: ConductFacts;
  readonly person: ConductedPerson;
}

/** Those whom the chair sees at this moment. */
const confirming = ({ person, beside }: ConductedPerson): Order => ({
  kind: 'confirm-beside',
  room: person,
  persons: beside.map((one) => one.person),
});

const PersonRow = ({ page, conduct, person }: RowProps) => {
  const { people, meeting } = useTexts();
  return (
    <li data-person={person.person}>
      <p class="who">
        <span class="name">{person.isSelf ? meeting.you(person.name) : person.name}</span>
        {person.isChair && <span class="role">{people.chair}</span>}
        {!person.isChair && person.isDeputy && <span class="role">{people.deputy}</span>}
        {person.isObserver && <span class="role">{people.observer}</span>}
        {person.hand !== undefined && (
          <span class="hand" role="img" aria-label={people.hand(person.hand)}>
            <Icon name="hand" /> {person.hand}
          </span>
        )}
      </p>
      {person.beside.length > 0 && (
        <p class="beside">
          {people.beside(person.beside.map(({ name }) => name))}
          {person.isBesideConfirmed && ` · ${people.confirmed}`}
          {conduct.isChair && !person.isBesideConfirmed && (
            <button type="button" onClick={() => page.order(confirming(person))}>
              {people.confirm}
            </button>
          )}
        </p>
      )}
      {conduct.isChair && !person.isChair && <PersonOrders page={page} person={person} />}
    </li>
  );
};
