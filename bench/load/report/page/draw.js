// Runs in the report: draws each of its charts with uPlot, which stands in the page before it.
{
  /** @typedef {import('../charts.ts').Chart} Chart */
  const COLOURS = ['#1f5fa8', '#c4551b', '#2b8a4b', '#8a3ba0', '#7a6a00', '#00808a'];
  const HEIGHT = 230;
  const page = /** @type {{ uPlot: typeof import('uplot') }} */ (/** @type {unknown} */ (globalThis));
  const place = document.getElementById('charts');
  const data = document.getElementById('data')?.textContent ?? '[]';

  /** @param {number | null} value */
  const figure = (value) =>
    value === null || value === undefined ? '–' : String(Number(value.toPrecision(3)));

  /**
   * Places of values without neighbours, which no line reaches.
   * @param {import('uplot')} plot @param {number} series @returns {number[]}
   */
  const alone = ({ data }, series) => {
    const values = data[series] ?? [];
    const isGap = (/** @type {number} */ i) => values[i] === null || values[i] === undefined;
    return [...values.keys()].filter((i) => !isGap(i) && isGap(i - 1) && isGap(i + 1));
  };

  /** @param {Chart} chart @param {number} width @returns {import('uplot').Options} */
  const optionsOf = ({ title, xLabel, yLabel, lines }, width) => ({
    title,
    width,
    height: HEIGHT,
    scales: { x: { time: false }, y: { range: { min: { pad: 0, soft: 0, mode: 1 }, max: { pad: 0.1 } } } },
    axes: [
      { label: xLabel, labelSize: 18, size: 34 },
      { label: yLabel, labelSize: 18, size: 58 },
    ],
    series: [
      { label: xLabel },
      ...lines.map(({ name }, i) => ({
        label: name,
        stroke: COLOURS[i % COLOURS.length] ?? '#222',
        width: 1.6,
        points: { show: false, size: 5, filter: alone },
        /** @param {unknown} _ @param {number} value */
        value: (_, value) => figure(value),
      })),
    ],
  });

  for (const chart of /** @type {Chart[]} */ (JSON.parse(data))) {
    const box = document.createElement('div');
    box.className = 'chart';
    place?.append(box);
    const columns = /** @type {import('uplot').AlignedData} */ ([
      [...chart.x],
      ...chart.lines.map(({ values }) => [...values]),
    ]);
    const plot = new page.uPlot(optionsOf(chart, box.clientWidth), columns, box);
    globalThis.addEventListener('resize', () => plot.setSize({ width: box.clientWidth, height: HEIGHT }));
  }
}
