import './no-eval.ts';
import { type ComponentChildren, render } from 'preact';
import { systemClock } from '../src/base/platform.ts';
import { askAuthority, browserFetch } from '../src/client/browser/authority.ts';
import { browserDeviceStore } from '../src/client/browser/device-store.ts';
import { browserFeatures } from '../src/client/browser/support.ts';
import { formatLink, type MeetingLink, withoutCode } from '../src/client/link.ts';
import { DeviceOpening } from '../src/client/page/device-opening.ts';
import type { FaultCode } from '../src/client/page/fault-codes.ts';
import { Levels } from '../src/client/page/level.ts';
import { judgeOpening } from '../src/client/page/opening.ts';
import { Page, type PageOptions } from '../src/client/page/page.ts';
import { hearOfDevices, markSeen } from '../src/client/people/own-devices.ts';
import { makeJoin } from './join.ts';
import { chooseTexts } from './texts/choose.ts';
import { LevelsProvider, TextsProvider } from './views/context.ts';
import { FaultCard } from './views/fault.tsx';
import { OpeningView } from './views/opening.tsx';

const { language, texts } = chooseTexts(navigator.languages);
const root = document.getElementById('page') ?? document.body;
const report = (error: unknown): void => console.error(error);

const show = (): void => {
  const opening = judgeOpening(location.href, browserFeatures(globalThis));
  if (opening.kind === 'stopped') showStopped(opening.fault);
  else showOpening(opening.link);
};

const renderIn = (levels: Levels | undefined, children: ComponentChildren): void =>
  render(
    <TextsProvider value={texts}>
      <LevelsProvider value={levels}>{children}</LevelsProvider>
    </TextsProvider>,
    root,
  );

const showStopped = (fault: FaultCode): void => renderIn(undefined, <FaultCard code={fault} />);

/** Neither camera nor microphone is asked for before there is a certificate to enter with. */
const showOpening = (link: MeetingLink): void => {
  const store = browserDeviceStore(link.root, systemClock.unixMs);
  const page = makePage({
    link,
    join: makeJoin(report, () => opening.device),
    onEnrolAgain: (fault) => opening.enrolAgain(fault),
    hearOfDevices: () => void opening.hear(),
    onDevicesKnown: () => markSeen(store).catch(report),
  });
  const opening = new DeviceOpening({
    store,
    hear: () => hearOfDevices(store, { origin: link.origin, fetch: browserFetch, clock: systemClock }),
    ask: askAuthority(link.origin, link.root, systemClock),
    clock: systemClock,
    code: link.code,
    onReady() {
      // A code serves once: whoever keeps this address keeps none.
      if (link.code !== undefined) history.replaceState(null, '', formatLink(withoutCode(link)));
      void page.backToCheck();
    },
    onNewDevices: (devices) => page.tellNewDevices(devices),
    onListenerError: report,
  });
  renderIn(makeLevels(), <OpeningView opening={opening} page={page} />);
  void opening.start();
};

const makePage = (options: Omit<PageOptions, 'media' | 'clock' | 'onListenerError'>): Page => {
  const page = new Page({
    ...options,
    media: navigator.mediaDevices,
    clock: systemClock,
    onListenerError: report,
  });
  // The others see at once that this person is gone, instead of after the server's grace.
  addEventListener('pagehide', () => void page.leave());
  return page;
};

const makeLevels = (): Levels => {
  const levels = new Levels(systemClock);
  for (const kind of ['pointerdown', 'keydown'] as const) addEventListener(kind, () => levels.resume());
  return levels;
};

document.documentElement.lang = language;
document.title = texts.productName;
// Another link pasted into the same tab changes the fragment only, which loads nothing by itself.
addEventListener('hashchange', () => location.reload());
show();
