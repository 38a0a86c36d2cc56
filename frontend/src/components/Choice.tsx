// A choice of one among a few options: radio buttons that look like one switch.

import type { ComponentChildren } from "preact";

interface Props<T extends string> {
  label: string;
  name: string;
  options: readonly (readonly [T, ComponentChildren])[];
  value: T;
  choose: (value: T) => void;
  /** The options that cannot be chosen. */
  disabled?: readonly T[];
}

export function Choice<T extends string>({ label, name, options, value, choose, disabled = [] }: Props<T>) {
  return (
    <fieldset class="choice">
      <legend class="hidden">{label}</legend>
      {options.map(([key, text]) => (
        <label key={key}>
          <input
            type="radio"
            name={name}
            value={key}
            checked={key === value}
            disabled={disabled.includes(key)}
            onChange={() => choose(key)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
