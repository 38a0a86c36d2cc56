// A track's counts over time, drawn by uPlot, with the values under the pointer as text next to it and all values as a table.

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import type { Service } from "../api/types";
import { classOf } from "../chart/services";
import { dayText, fullCount, monthText, shortCount } from "../chart/formatting";
import type { Series } from "../chart/series";
import { theme } from "../state/preferences";
import { words } from "../texts";
import { plots, plotted, type Measure, type Plotted, type Scale } from "./plotted";

interface Props {
  series: Series;
  sources: readonly Service[];
  measure: Measure;
  scale: Scale;
  title: string;
}

const HEIGHT = 240;
/** Of each of several plots below one another; the last has the days below it. */
const LOW = 84;
const AXIS = 36;
/** One pointer for all plots of a track. */
const SYNCED = "counts";
const LONG_SPAN = 200;
const DARK = matchMedia("(prefers-color-scheme: dark)");

export function CountsChart({ series, sources, measure, scale, title }: Props) {
  const data = useMemo(() => plotted(series, sources, measure, scale), [series, sources, measure, scale]);
  const pointed = useSignal<number | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const dark = useSignal(DARK.matches);
  useEffect(() => {
    const changed = () => (dark.value = DARK.matches);
    DARK.addEventListener("change", changed);
    return () => DARK.removeEventListener("change", changed);
  }, []);
  // The canvas holds drawn colours, not styles, so a new theme needs a redraw.
  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const parts = plots(data, scale);
    const heightOf = (at: number) => (parts.length === 1 ? HEIGHT : at === parts.length - 1 ? LOW + AXIS : LOW);
    const charts = parts.map((part, at) => {
      const place = { height: heightOf(at), isLast: at === parts.length - 1, isNamed: parts.length > 1 };
      return draw(parent, part, scale, place, (index) => (pointed.value = index));
    });
    const watcher = new ResizeObserver(() => {
      charts.forEach((chart, at) => chart.setSize({ width: parent.clientWidth, height: heightOf(at) }));
    });
    watcher.observe(parent);
    return () => {
      watcher.disconnect();
      charts.forEach((chart) => chart.destroy());
    };
  }, [data, scale, theme.value, dark.value]);
  return (
    <figure class="counts">
      <Readout data={data} index={pointed.value ?? data.days.length - 1} />
      <div class="plot" ref={place} aria-hidden="true" />
      <figcaption class="hidden">
        {words("counts.described", {
          measure: words(measure === "gain" ? "counts.daily" : "counts.total"),
          title,
          days: data.days.length,
        })}
      </figcaption>
      <Values data={data} measure={measure} />
    </figure>
  );
}

function Readout({ data, index }: { data: Plotted; index: number }) {
  return (
    <dl class="readout">
      <div class="day">
        <dt class="hidden">{words("counts.day")}</dt>
        <dd>{dayText(dayOf(data, index), "short")}</dd>
      </div>
      {data.lines.map(({ source, values }) => {
        return (
          <div key={source.service}>
            <dt>
              <i class={`dot ${classOf(source.service)}`} aria-hidden="true" /> {source.name}
            </dt>
            <dd>{countText(values[index])}</dd>
          </div>
        );
      })}
    </dl>
  );
}

function Values({ data, measure }: { data: Plotted; measure: Measure }) {
  return (
    <details class="values">
      <summary>{words("counts.asTable")}</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={words("counts.table")}>
        <table>
          <caption class="hidden">{words(measure === "gain" ? "counts.gainOfDay" : "counts.totalOfDay")}</caption>
          <thead>
            <tr>
              <th scope="col">{words("counts.day")}</th>
              {data.lines.map(({ source }) => (
                <th key={source.service} scope="col">
                  {source.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.days
              .map((_, index) => (
                <tr key={index}>
                  <th scope="row">{dayText(dayOf(data, index), "short")}</th>
                  {data.lines.map(({ source, values }) => (
                    <td key={source.service}>{countText(values[index])}</td>
                  ))}
                </tr>
              ))
              .reverse()}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** A day under the axis with its month; for long spans, the month with its year. */
function tickText(seconds: number, days: number): string {
  const day = new Date(seconds * 1000).toISOString().slice(0, 10);
  return days > LONG_SPAN ? monthText(day.slice(0, 7), "short") : dayText(day, "tiny");
}

function countText(count: number | null | undefined): string {
  return typeof count === "number" ? fullCount(count) : "–";
}

function isAlone(values: readonly (number | null)[], at: number): boolean {
  return typeof values[at] === "number" && typeof values[at - 1] !== "number" && typeof values[at + 1] !== "number";
}

function dayOf(data: Plotted, index: number): string {
  return new Date((data.days[index] ?? 0) * 1000).toISOString().slice(0, 10);
}

/** Where a plot stands among others. */
interface PlotPlace {
  height: number;
  /** Whether the days stand below it. */
  isLast: boolean;
  /** Whether the name of its source stands above it. */
  isNamed: boolean;
}

function draw(
  parent: HTMLElement,
  data: Plotted,
  scale: Scale,
  { height, isLast, isNamed }: PlotPlace,
  point: (index: number | null) => void,
): uPlot {
  const style = getComputedStyle(parent);
  const quiet = colourOf(parent, "--ink-2");
  const rule = colourOf(parent, "--rule");
  const axis = {
    stroke: quiet,
    grid: { stroke: rule, width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  };
  const options: uPlot.Options = {
    width: parent.clientWidth,
    height,
    ...(isNamed ? { title: data.lines[0]?.source.name ?? "" } : {}),
    legend: { show: false },
    // Half of the last day's label lies to the right of its line.
    padding: [8, 28, 0, 0],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: { y: { distr: scale === "log" ? 3 : 1 } },
    cursor: { y: false, sync: { key: SYNCED }, drag: { setScale: false, x: false, y: false } },
    axes: [
      {
        ...axis,
        show: isLast,
        grid: { show: false },
        values: (_, splits) => splits.map((one) => tickText(one, data.days.length)),
      },
      {
        ...axis,
        size: 56,
        values: (_, splits) => splits.map((one) => ((one as number | null) === null ? "" : shortCount(one))),
      },
    ],
    series: [
      {},
      ...data.lines.map(({ source, values }) => ({
        label: source.name,
        stroke: accentOf(parent, source),
        width: 2,
        spanGaps: false,
        // A day between two gaps has no line, so it needs a point.
        points: { show: values.length < 10 || values.some((_, at) => isAlone(values, at)), size: 5 },
      })),
    ],
    hooks: { setCursor: [(chart) => point(chart.cursor.idx ?? null)] },
  };
  return new uPlot(options, [data.days, ...data.lines.map(({ values }) => values)], parent);
}

/** A token's colour in a form that the canvas understands: the browser resolves `light-dark()` only where a property uses it. */
function colourOf(parent: HTMLElement, token: string, of = ""): string {
  const probe = document.createElement("i");
  probe.className = of;
  probe.style.color = `var(${token})`;
  parent.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function accentOf(parent: HTMLElement, source: Service): string {
  return colourOf(parent, "--accent", classOf(source.service));
}
