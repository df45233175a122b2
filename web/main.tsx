import './no-eval.ts';
import { render } from 'preact';
import { systemClock } from '../src/base/platform.ts';
import { browserFeatures } from '../src/client/browser/support.ts';
import type { MeetingLink } from '../src/client/link.ts';
import type { FaultCode } from '../src/client/page/fault-codes.ts';
import { Levels } from '../src/client/page/level.ts';
import { judgeOpening } from '../src/client/page/opening.ts';
import { Page } from '../src/client/page/page.ts';
import { makeJoin } from './join.ts';
import { chooseTexts } from './texts/choose.ts';
import { App } from './views/app.tsx';
import { LevelsProvider, TextsProvider } from './views/context.ts';
import { FaultCard } from './views/fault.tsx';

const { language, texts } = chooseTexts(navigator.languages);
const root = document.getElementById('page') ?? document.body;
const report = (error: unknown): void => console.error(error);

const show = (): void => {
  const opening = judgeOpening(location.href, browserFeatures(globalThis));
  if (opening.kind === 'ready') showPage(opening.link);
  else showStopped(opening.fault);
};

const showStopped = (fault: FaultCode): void =>
  render(
    <TextsProvider value={texts}>
      <FaultCard code={fault} />
    </TextsProvider>,
    root,
  );

const showPage = (link: MeetingLink): void => {
  const levels = new Levels(systemClock);
  const page = new Page({
    link,
    media: navigator.mediaDevices,
    join: makeJoin(report),
    onListenerError: report,
  });
  for (const kind of ['pointerdown', 'keydown'] as const) addEventListener(kind, () => levels.resume());
  // The others see at once that this person is gone, instead of after the server's grace.
  addEventListener('pagehide', () => void page.leave());
  render(
    <TextsProvider value={texts}>
      <LevelsProvider value={levels}>
        <App page={page} />
      </LevelsProvider>
    </TextsProvider>,
    root,
  );
  void page.startDevices();
};

document.documentElement.lang = language;
document.title = texts.productName;
// Another link pasted into the same tab changes the fragment only, which loads nothing by itself.
addEventListener('hashchange', () => location.reload());
show();
