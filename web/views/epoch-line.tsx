import { type EpochChange, epochFacts } from '../../src/client/page/epoch.ts';
import type { Page } from '../../src/client/page/page.ts';
import type { PageState } from '../../src/client/page/state.ts';
import type { MeetingState } from '../../src/client/store/state.ts';
import { useTexts } from './context.ts';

interface LineProps {
  readonly page: Page;
  readonly state: PageState;
  readonly meeting: MeetingState;
}

/** By which epoch who came and who went. */
const Change = ({ change: { number, joined, left } }: { readonly change: EpochChange }) => {
  const texts = useTexts().meeting.epoch;
  const told = ({ names, others }: EpochChange['joined']) =>
    others === 0 ? names.join(', ') : texts.andOthers(names.join(', '), others);
  const parts = [
    ...(joined.names.length > 0 ? [texts.joined(told(joined))] : []),
    ...(left.names.length > 0 ? [texts.left(told(left))] : []),
  ];
  return (
    <li>
      {texts.change(number)}: {parts.join('; ')}
    </li>
  );
};

/**
 * The code of the epoch, for people to compare; once they did, who came and went since. While it lies open it stays: who reads
 * aloud would else end with another code than they began with, and mark one that they never read.
 */
export const EpochLine = ({ page, state, meeting }: LineProps) => {
  const texts = useTexts().meeting.epoch;
  const facts = epochFacts(meeting, state.reading);
  if (facts === undefined) return null;
  const { number, digits, words, changes, olderChanges, mayBeCutOff, suite, wasCompared, isOutdated } = facts;
  const warning = facts.isUntold ? texts.untold : texts.cutOff;
  return (
    <details
      class={mayBeCutOff ? 'epoch warned' : 'epoch'}
      onToggle={({ currentTarget }) => page.readCode(currentTarget.open ? 'opened' : 'closed')}
    >
      <summary>{mayBeCutOff ? warning : texts.code}</summary>
      <div>
        <p>{wasCompared ? texts.compared : texts.help}</p>
        <p class="digits">{digits}</p>
        <p class="words">{words}</p>
        <p>
          {texts.number(number)}
          {suite !== undefined && ` · ${texts.suites[suite]}`}
        </p>
        {isOutdated && (
          <p role="status">
            {texts.outdated}{' '}
            <button type="button" onClick={() => page.readCode('opened')}>
              {texts.showNewest}
            </button>
          </p>
        )}
        {changes.length > 0 && (
          <ol class="changes">
            {changes.map((change) => (
              <Change key={change.number} change={change} />
            ))}
          </ol>
        )}
        {olderChanges > 0 && <p>{texts.older(olderChanges)}</p>}
        {wasCompared && changes.length === 0 && <p>{texts.noChange}</p>}
        {!wasCompared && (
          <button type="button" onClick={() => page.readCode('compared')}>
            {texts.compare}
          </button>
        )}
      </div>
    </details>
  );
};
