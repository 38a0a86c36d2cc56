// Picks the day of the chart: a step back or forward, or a calendar that offers only days with a chart.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { dayText, monthText, weekdayNames } from "../chart/formatting";
import { show } from "../state/navigation";
import { dates, day, latestDay } from "../state/store";
import { earlier, later, monthAfter, towards, weeksOf } from "../state/days";
import { words } from "../texts";
import { useOutside } from "./outside";

export function DayPicker() {
  const open = useSignal(false);
  const place = useRef<HTMLDivElement>(null);
  const days = dates.value ?? [];
  const date = day.value;
  const before = earlier(days, date);
  useOutside(place, open.value, () => (open.value = false));
  const choose = (chosen: string) => {
    open.value = false;
    place.current?.querySelector<HTMLButtonElement>("#day")?.focus();
    show({ date: chosen === latestDay.value ? null : chosen });
  };
  return (
    <div
      class="days"
      ref={place}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open.value) return;
        event.stopPropagation();
        open.value = false;
        place.current?.querySelector<HTMLButtonElement>("#day")?.focus();
      }}
    >
      <button
        type="button"
        class="button step"
        id="earlier"
        aria-label={words("days.before")}
        disabled={before === null}
        onClick={() => show({ date: before })}
      >
        ‹
      </button>
      <button
        type="button"
        class="button"
        id="day"
        aria-haspopup="dialog"
        aria-expanded={open.value}
        disabled={days.length === 0}
        onClick={() => (open.value = !open.value)}
      >
        {date !== null ? (
          dayText(date, "short")
        ) : latestDay.value === null ? (
          words("days.latest")
        ) : (
          <span>
            <span class="roomy">{words("days.latestOf")} </span>
            {dayText(latestDay.value, "tiny")}
          </span>
        )}
      </button>
      <button
        type="button"
        class="button step"
        id="later"
        aria-label={words("days.after")}
        disabled={date === null}
        onClick={() => date !== null && show({ date: later(days, date) })}
      >
        ›
      </button>
      {open.value && <Calendar days={days} day={date ?? days.at(-1) ?? ""} choose={choose} />}
    </div>
  );
}

interface CalendarProps {
  days: readonly string[];
  day: string;
  choose: (day: string) => void;
}

const ARROWS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

function Calendar({ days, day, choose }: CalendarProps) {
  const known = new Set(days);
  const focused = useSignal(known.has(day) ? day : (days.at(-1) ?? day));
  const month = useSignal(focused.value.slice(0, 7));
  const table = useRef<HTMLTableElement>(null);
  const byKey = useRef(true);
  useEffect(() => {
    if (byKey.current) table.current?.querySelector<HTMLButtonElement>('[tabindex="0"]')?.focus();
  }, [focused.value, month.value]);
  const turn = (count: number) => {
    byKey.current = false;
    month.value = monthAfter(month.value, count);
    focused.value = days.find((one) => one.startsWith(month.value)) ?? focused.value;
  };
  const move = (event: KeyboardEvent) => {
    const count = ARROWS[event.key];
    const target =
      count !== undefined
        ? towards(days, focused.value, count)
        : event.key === "Home"
          ? days[0]
          : event.key === "End"
            ? days.at(-1)
            : undefined;
    if (target === undefined) return;
    event.preventDefault();
    byKey.current = true;
    focused.value = target;
    month.value = target.slice(0, 7);
  };
  return (
    <div class="calendar" role="dialog" aria-label={words("days.choose")} id="calendar">
      <div class="calendar-head">
        <button
          type="button"
          class="button step"
          aria-label={words("days.monthBefore")}
          disabled={(days[0] ?? "").slice(0, 7) >= month.value}
          onClick={() => turn(-1)}
        >
          ‹
        </button>
        <strong aria-live="polite">{monthText(month.value)}</strong>
        <button
          type="button"
          class="button step"
          aria-label={words("days.monthAfter")}
          disabled={(days.at(-1) ?? "").slice(0, 7) <= month.value}
          onClick={() => turn(1)}
        >
          ›
        </button>
      </div>
      <table ref={table} onKeyDown={move}>
        <caption class="hidden">{words("days.inMonth", { month: monthText(month.value) })}</caption>
        <thead>
          <tr>
            {weekdayNames().map(([short, long]) => (
              <th key={long} scope="col" abbr={long}>
                {short}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(month.value).map((week, index) => (
            <tr key={index}>
              {week.map((one, weekday) => (
                <td key={one ?? weekday}>
                  {one !== null &&
                    (known.has(one) ? (
                      <button
                        type="button"
                        data-day={one}
                        tabIndex={one === focused.value ? 0 : -1}
                        aria-current={one === day ? "date" : undefined}
                        aria-label={dayText(one)}
                        onClick={() => choose(one)}
                      >
                        {Number(one.slice(8))}
                      </button>
                    ) : (
                      <span>{Number(one.slice(8))}</span>
                    ))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
