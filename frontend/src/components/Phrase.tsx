// A text with elements in it, at the places where its language wants them.

import { Fragment, type ComponentChildren } from "preact";

import { piecesOf, type TextKey } from "../texts";

interface Props {
  of: TextKey;
  /** By name, what stands at its place. */
  values: Readonly<Record<string, ComponentChildren>>;
}

export function Phrase({ of, values }: Props) {
  return (
    <>
      {piecesOf(of).map((piece, index) => (
        <Fragment key={index}>{index % 2 === 0 ? piece : values[piece]}</Fragment>
      ))}
    </>
  );
}
