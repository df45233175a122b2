import type { ComponentChildren } from 'preact';
import type { ConductFacts } from '../../src/client/page/conduct.ts';
import type { Page } from '../../src/client/page/page.ts';
import { useTexts } from './context.ts';

interface BannerProps {
  readonly page: Page;
  readonly conduct: ConductFacts;
  readonly onShow: () => void;
}

/** What wants somebody's decision now: who waits, for the chair; a chair that is away, for who follows; an order to agree to. */
export const ConductBanner = ({ page, conduct, onShow }: BannerProps) => {
  const texts = useTexts().people;
  if (conduct.mayTakeChair)
    return (
      <Banner text={texts.chairAway(conduct.chair)}>
        <button type="button" class="primary" onClick={() => page.order({ kind: 'take-chair' })}>
          {texts.takeChair}
        </button>
      </Banner>
    );
  const asks = conduct.pending.some(({ mayAgree }) => mayAgree);
  const waits = conduct.isChair && conduct.waiting.length > 0;
  if (!asks && !waits) return null;
  return (
    <Banner text={asks ? texts.pending : texts.waiting(conduct.waiting.length)}>
      <button type="button" class="primary" onClick={onShow}>
        {texts.show}
      </button>
    </Banner>
  );
};

const Banner = ({ text, children }: { readonly text: string; readonly children: ComponentChildren }) => (
  <p class="banner decide" role="status">
    <span>{text}</span> {children}
  </p>
);
