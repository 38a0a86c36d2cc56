// A cover, or the first letter of the title if there is no cover or it does not load.

import { useState } from "preact/hooks";

interface Props {
  address: string | null;
  title: string;
  size: number;
  /** Whether it is in sight from the first moment on, so that it loads at once. */
  eager?: boolean;
}

export function Cover({ address, title, size, eager = false }: Props) {
  const [broken, setBroken] = useState<string | null>(null);
  if (address === null || broken === address) {
    return (
      <span class="cover missing" aria-hidden="true" style={{ width: `${size}px`, height: `${size}px` }}>
        {/[\p{L}\p{N}]/u.exec(title)?.[0] ?? "♪"}
      </span>
    );
  }
  return (
    <img
      class="cover"
      src={address}
      alt=""
      width={size}
      height={size}
      loading={eager ? "eager" : "lazy"}
      decoding="async"
      referrerpolicy="no-referrer"
      onError={() => setBroken(address)}
    />
  );
}
