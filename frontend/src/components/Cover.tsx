// A cover, or the first letter of the title if there is no cover or it does not load.

import { useState } from "preact/hooks";

interface Props {
  address: string | null;
  title: string;
  size: number;
}

export function Cover({ address, title, size }: Props) {
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
      loading="lazy"
      decoding="async"
      referrerpolicy="no-referrer"
      onError={() => setBroken(address)}
    />
  );
}
