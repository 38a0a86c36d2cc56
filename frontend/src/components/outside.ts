// What is open below its button closes when something else is pressed.

import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/** Calls `close` when something outside of a place is pressed, while it is open. */
export function useOutside(place: RefObject<HTMLElement | null>, isOpen: boolean, close: () => void): void {
  useEffect(() => {
    if (!isOpen) return;
    const outside = (event: Event) => {
      if (event.target instanceof Node && !place.current?.contains(event.target)) close();
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [isOpen]);
}
