import type { Page } from '../../src/client/page/page.ts';
import type { Screen } from '../../src/client/page/state.ts';
import { useTexts } from './context.ts';
import { Card, FaultCard } from './fault.tsx';

type Over = Extract<Screen, { kind: 'over' }>;

/** Where nothing but joining again is needed. */
const REJOINABLE: ReadonlySet<Over['fault']> = new Set([undefined, 'relay.lost', 'media.sealing-over']);

/** Where the words are for several causes, which whoever is asked for help has to tell apart. */
const WITH_CODE: ReadonlySet<Over['fault']> = new Set([
  'unexpected',
  'device.not-admitted',
  'relay.not-believed',
  'list.not-current',
  'clearance.too-low',
]);

export const OverView = ({ page, over }: { readonly page: Page; readonly over: Over }) => {
  const texts = useTexts();
  const again = (
    <button type="button" class="primary" onClick={() => page.backToCheck()}>
      {REJOINABLE.has(over.fault) ? texts.over.rejoin : texts.check.again}
    </button>
  );
  if (over.fault === undefined)
    return (
      <Card title={texts.over.leftTitle} text={texts.over.leftText}>
        {again}
      </Card>
    );
  return (
    <FaultCard code={over.fault}>
      {page.mayEnrolAgain && (
        <button type="button" onClick={() => page.enrolAgain()}>
          {texts.enrolling.enrol}
        </button>
      )}
      {again}
      {WITH_CODE.has(over.fault) && <p class="faint">{texts.code(over.why?.code ?? '')}</p>}
      {over.why?.reference !== undefined && <p class="faint">{texts.reference(over.why.reference)}</p>}
    </FaultCard>
  );
};
