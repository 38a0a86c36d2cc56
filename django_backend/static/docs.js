// Shows each path of the OpenAPI document with a form to try it. It has no dependencies, so it works without any other server.

const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

const field = ({ name, required, schema, description = "" }) => {
  if (!schema.enum) {
    return make("input", { name, placeholder: schema.format ?? schema.type, title: description });
  }
  const options = schema.enum.map((value) => make("option", { value, selected: value === schema.default }, String(value)));
  return make("select", { name, required, title: description }, ...(required ? [] : [make("option", { value: "" }, "–")]), ...options);
};

const address = (path, parameters, values) => {
  const query = new URLSearchParams();
  for (const { name, in: place } of parameters) {
    const value = values.get(name);
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value) query.set(name, value);
  }
  return query.size ? `${path}?${query}` : path;
};

const shown = async (answer) => {
  const text = await answer.text();
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const isJson = answer.headers.get("content-type")?.includes("json");
  return `${answer.status} ${answer.statusText}\n${headers}\n\n${isJson ? JSON.stringify(JSON.parse(text), null, 2) : text}`;
};

// `server` stands for this one in the examples.
const samples = (ones, server) =>
  ones.map(({ label, source }) =>
    make("details", {}, make("summary", {}, label), make("pre", {}, source.replaceAll(server, location.origin))),
  );

const meanings = (parameters) => {
  const list = make("dl");
  for (const { name, description = "" } of parameters) list.append(make("dt", {}, name), make("dd", {}, description));
  return list;
};

const section = (path, { operationId, summary, description = summary, parameters = [], deprecated, "x-codeSamples": examples = [] }, server) => {
  const result = make("pre", { hidden: true });
  result.setAttribute("aria-live", "polite");
  const form = make("form", {}, ...parameters.map((one) => make("label", {}, one.name, field(one))), make("button", {}, "Try"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const url = address(path, parameters, new FormData(form));
    result.hidden = false;
    result.textContent = `GET ${url} …`;
    try {
      result.textContent = `GET ${url}\n\n${await shown(await fetch(url))}`;
    } catch (error) {
      result.textContent = `GET ${url}\n\nno answer: ${error.message}`;
    }
  });
  const title = make("h3", {}, deprecated ? make("s", {}, path) : path);
  return make("section", { id: operationId }, title, make("p", {}, description), meanings(parameters), form, ...samples(examples, server), result);
};

const group = ({ name, description }, paths, server) => {
  const own = Object.entries(paths).filter(([, { get }]) => get.tags?.includes(name));
  return make("section", { id: name }, make("h2", {}, name), make("p", {}, description), ...own.map(([path, { get }]) => section(path, get, server)));
};

const problems = (kinds) => {
  const list = make("dl");
  for (const { type, title } of kinds) list.append(make("dt", { id: type }, type), make("dd", {}, title));
  return make("section", { id: "problems" }, make("h2", {}, "problems"), make("p", {}, "What the type of a problem (RFC 9457) means."), list);
};

const start = async () => {
  const specification = await (await fetch("/openapi.json")).json();
  document.querySelector("#description").textContent = specification.info.description;
  const groups = specification.tags.map((one) => group(one, specification.paths, specification["x-server"]));
  document.querySelector("#paths").replaceChildren(...groups, problems(specification["x-problems"]));
  // What an address like /docs#unknown-genre names is there only now.
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
};

start().catch((error) => {
  document.querySelector("#description").textContent = `The OpenAPI document cannot be shown: ${error.message}`;
});
