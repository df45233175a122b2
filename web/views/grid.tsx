import { type ComponentChildren, toChildArray } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { fitGrid } from '../../src/client/page/grid.ts';

/** As the style sheet has it between tiles. */
const GAP_PX = 12;

/** Gives all tiles the largest size that fits. */
export const TileGrid = ({ children }: { readonly children: ComponentChildren }) => {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ widthPx: 0, heightPx: 0 });
  useLayoutEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined)
        setSize({ widthPx: entry.contentRect.width, heightPx: entry.contentRect.height });
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const { columns, tileWidthPx } = fitGrid(
    toChildArray(children).length,
    size.widthPx,
    size.heightPx,
    GAP_PX,
  );
  return (
    <div ref={box} class="grid-box">
      <div class="grid" style={{ '--columns': columns, '--tile-width': `${tileWidthPx}px` }}>
        {children}
      </div>
    </div>
  );
};
