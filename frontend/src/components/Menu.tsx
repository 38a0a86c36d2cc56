// A menu: a button that opens what belongs to it below, and closes it again. Esc closes it, and so does whatever leads out of it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

import { useOutside } from "./outside";

interface Props {
  id: string;
  name: string;
  /** The sign that stands for the name where there is little room. */
  sign: string;
  /** What is in it; `close` closes it and leads back to its button. */
  children: (close: () => void) => ComponentChildren;
}

export function Menu({ id, name, sign, children }: Props) {
  const open = useSignal(false);
  const place = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    open.value = false;
    button.current?.focus();
  };
  useOutside(place, open.value, () => (open.value = false));
  return (
    <div
      class="menu"
      ref={place}
      onKeyDown={(event) => {
        if (!open.value) return;
        if (event.key === "Escape") close();
        else if (!stepped(event, place.current)) return;
        event.stopPropagation();
        event.preventDefault();
      }}
      onFocusOut={(event) => {
        // What is pressed is not always focused, and then nothing is.
        if (event.relatedTarget instanceof Node && !place.current?.contains(event.relatedTarget)) open.value = false;
      }}
    >
      <button
        type="button"
        class="button"
        id={id}
        ref={button}
        aria-expanded={open.value}
        aria-controls={`${id}-menu`}
        onClick={() => (open.value = !open.value)}
      >
        <span class="menu-sign" aria-hidden="true">
          {sign}
        </span>
        <span class="menu-name">{name}</span>
      </button>
      <div class="menu-body" id={`${id}-menu`} role="group" aria-label={name} hidden={!open.value}>
        {open.value && children(close)}
      </div>
    </div>
  );
}

/** The arrows lead up and down through what can be used; fields and choices keep theirs. */
function stepped(event: KeyboardEvent, place: HTMLElement | null): boolean {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0 || place === null || (event.target as Element).matches(":is(input, select, textarea)")) return false;
  const places = [...place.querySelectorAll<HTMLElement>("button:not(:disabled), a[href], input, select, textarea")];
  const now = places.findIndex((one) => one === document.activeElement);
  places[(now + step + places.length) % places.length]?.focus();
  return true;
}
