import { epochFacts } from '../../src/client/page/epoch.ts';
import type { MeetingState } from '../../src/client/store/state.ts';
import { useTexts } from './context.ts';

/** The code of the epoch, for people to compare, and who came and went by the last change. */
export const EpochLine = ({ meeting }: { readonly meeting: MeetingState }) => {
  const texts = useTexts().meeting.epoch;
  const facts = epochFacts(meeting);
  if (facts === undefined) return null;
  const { number, digits, words, joined, left, mayBeCutOff, suite } = facts;
  return (
    <details class={mayBeCutOff ? 'epoch warned' : 'epoch'}>
      <summary>{mayBeCutOff ? texts.cutOff : texts.code}</summary>
      <div>
        <p>{texts.help}</p>
        <p class="digits">{digits}</p>
        <p class="words">{words}</p>
        <p>
          {texts.number(number)}
          {suite !== undefined && ` · ${texts.suites[suite]}`}
        </p>
        {joined.length > 0 && <p>{texts.joined(joined.join(', '))}</p>}
        {left.length > 0 && <p>{texts.left(left.join(', '))}</p>}
      </div>
    </details>
  );
};
