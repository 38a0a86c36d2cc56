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

const section = (path, { summary, parameters = [] }) => {
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
  return make("section", {}, make("h2", {}, path), make("p", {}, summary), form, result);
};

const start = async () => {
  const specification = await (await fetch("/openapi.json")).json();
  document.querySelector("#description").textContent = specification.info.description;
  const sections = Object.entries(specification.paths).map(([path, { get }]) => section(path, get));
  document.querySelector("#paths").append(...sections);
};

start().catch((error) => {
  document.querySelector("#description").textContent = `The OpenAPI document cannot be shown: ${error.message}`;
});
