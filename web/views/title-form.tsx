import { useState } from 'preact/hooks';
import type { Page } from '../../src/client/page/page.ts';
import { MAX_TYPED_TITLE, typedTitle } from '../../src/client/page/typed-title.ts';
import { useTexts } from './context.ts';

/** Sealed for those who are in: the relay reads none of it. */
export const TitleForm = ({ page }: { readonly page: Page }) => {
  const texts = useTexts().people;
  const [text, setText] = useState('');
  const typed = typedTitle(text);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (typed.kind !== 'good') return;
    void page.entitle(typed.title);
    setText('');
  };
  return (
    <form class="persons entitle" onSubmit={submit}>
      <input
        type="text"
        aria-label={texts.meetingTitle}
        placeholder={texts.meetingTitle}
        maxLength={MAX_TYPED_TITLE}
        aria-invalid={typed.kind === 'fault'}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <button type="submit" disabled={typed.kind !== 'good'}>
        {texts.entitle}
      </button>
      <p role="status">{typed.kind === 'fault' && texts.titleFaults[typed.fault]}</p>
    </form>
  );
};
