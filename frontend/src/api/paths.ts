// What the page asks of each genre and service. The server writes the answers of these very addresses into the page (page_views.py).

export const GENRE_FIELDS = ["genre", "name", "family", "market", "date", "upstream"] as const;
export const SERVICE_FIELDS = [
  "service",
  "name",
  "short",
  "kind",
  "gives",
  "unit",
  "counts_need",
  "sources",
  "hosts",
  "colours",
  "player",
] as const;

export const GENRES = `/v1/genres?fields=${GENRE_FIELDS.join("%2C")}`;
export const SERVICES = `/v1/services?fields=${SERVICE_FIELDS.join("%2C")}`;
