import { useState } from 'preact/hooks';
import type { PersonId } from '../../src/client/page/conduct.ts';
import { typedPersons } from '../../src/client/page/typed-persons.ts';
import { useTexts } from './context.ts';

interface FormProps {
  readonly label: string;
  readonly action: string;
  /** Whether nobody is an answer too. */
  readonly mayBeEmpty?: boolean;
  readonly onPersons: (persons: PersonId[]) => void;
}

/** A line for the ids of people. */
export const PersonsForm = ({ label, action, mayBeEmpty = false, onPersons }: FormProps) => {
  const [typed, setTyped] = useState('');
  const { personsHint } = useTexts().people;
  const persons = typedPersons(typed);
  const isReady = persons !== undefined && (mayBeEmpty || persons.length > 0);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!isReady) return;
    onPersons(persons);
    setTyped('');
  };
  return (
    <form class="persons" onSubmit={submit}>
      <label>
        <span>{label}</span>
        <input
          value={typed}
          placeholder={personsHint}
          autocomplete="off"
          spellcheck={false}
          aria-invalid={persons === undefined}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={!isReady}>
        {action}
      </button>
    </form>
  );
};
