// A placeholder for a chart that is still loading.

import { words } from "../texts";
export function Skeleton() {
  return (
    <div class="skeleton" id="loading">
      <p class="hidden" role="status">
        {words("chart.loading")}
      </p>
      {Array.from({ length: 10 }, (_, index) => (
        <div key={index} class="ghost" aria-hidden="true">
          <i class="ghost-cover" />
          <i class="ghost-text" />
          <i class="ghost-count" />
        </div>
      ))}
    </div>
  );
}
