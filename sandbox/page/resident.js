// The resident's page: writing, seeing answers arrive, and switching faults. Text from anyone becomes text nodes only.
"use strict";

const EXAMPLES = [
  "There’s a mattress dumped in the alley behind Rose Terrace",
  "bins on our road STILL not collected, should of been tuesday",
  "How do I make a complaint about the council?",
  "Any news on my report {code}?",
  "I can smell gas in our stairwell",
  "Street light outside no 12 keeps flickering and there’s a massive pothole next to it",
  "What goes in the blue bin?",
  "Can I speak to a real person please",
  "Are you a bot?",
  "Useless idiots, the lot of you",
  "Thanks, all sorted now",
  "Please stop replying to me",
];
const NAMES = ["Priya Shah", "Tom Ashby", "Ama Mensah", "Gwen Lloyd", "Marek Nowak", "Sunita Rao", "Callum Reid", "Fatima Noor"];
const LINK = /https?:\/\/[^\s<>"“”]+/g;
const TRAILING = /[.,;:!?)\]}'’]+$/;

const part = (id) => document.getElementById(id);
const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`).value;
const state = { person: "Ama Mensah", setup: null, replyTo: null, place: "", shown: [] };

async function ask(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(`/sandbox/${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || `The sandbox answered ${response.status}.`);
  return answer;
}

function make(name, properties = {}, ...children) {
  const node = document.createElement(name);
  Object.assign(node, properties);
  node.append(...children.filter((each) => each !== null));
  return node;
}

function withLinks(text) {
  const pieces = [];
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    const address = found[0].replace(TRAILING, "");
    pieces.push(text.slice(from, found.index), link(address));
    from = found.index + address.length;
  }
  pieces.push(text.slice(from));
  return pieces;
}

function link(address) {
  try {
    const url = new URL(address);
    if (url.protocol !== "http:" && url.protocol !== "https:") return address;
    return make("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", textContent: address });
  } catch {
    return address;
  }
}

// The conversation

async function showConversation() {
  const [platform, visibility] = [chosen("platform"), chosen("visibility")];
  const query = new URLSearchParams({ platform, visibility, person: state.person });
  const lines = await ask("GET", `conversation?${query}`);
  if (platform !== chosen("platform") || visibility !== chosen("visibility")) return;
  const thread = part("thread");
  const place = JSON.stringify([platform, visibility, state.person]);
  const keys = lines.map((each, index) => JSON.stringify([each, isLast(lines, index) && each.quick_replies.length > 0]));
  if (place !== state.place || !keys.length || !state.shown.length) thread.replaceChildren();
  const shown = thread.childElementCount ? state.shown : [];
  let same = 0;
  while (same < keys.length && same < shown.length && keys[same] === shown[same]) same += 1;
  if (place === state.place && same === keys.length && same === shown.length && same > 0) return;
  [state.place, state.shown] = [place, keys];
  thread.classList.toggle("public-thread", visibility === "public");
  while (thread.childElementCount > same) thread.lastElementChild.remove();
  thread.append(...(lines.length ? lines.slice(same).map((each, index) => line(each, isLast(lines, same + index))) : [nothing()]));
  thread.scrollTop = thread.scrollHeight;
}

const isLast = (lines, index) => index === lines.length - 1;

function nothing() {
  const kind = chosen("visibility") === "public" ? "posted in public" : "written in private";
  return make("li", { className: "empty", textContent: `${state.person} has not ${kind} yet. Write something, or try one of the examples.` });
}

function line(said, last) {
  const gone = said.deleted || said.hidden;
  const item = make("li", { className: [said.from, said.kind, gone ? "gone" : "", said.in_reply_to ? "answer" : ""].join(" ") });
  const text = said.deleted ? "Deleted" : said.text;
  const bubble = make("p", { className: "bubble" }, ...withLinks(text));
  for (const address of said.attachments) bubble.append(" [picture: ", link(address), "]");
  const about = make("p", { className: "about" }, describe(said));
  if (!said.deleted) about.append(...actions(said));
  item.append(...(said.visibility === "public" ? [about, bubble] : [bubble, about]));
  if (last && said.quick_replies.length) item.append(quickReplies(said.quick_replies));
  return item;
}

function describe(said) {
  const time = new Date(said.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const kinds = { private_reply: "privately, to your comment", colleague: "a colleague, in the platform’s inbox" };
  const notes = [said.name, kinds[said.kind], said.hidden ? "hidden by the council" : null, time];
  return notes.filter(Boolean).join(" · ") + " ";
}

function actions(said) {
  const buttons = [];
  const add = (label, about, act) => {
    const button = make("button", { type: "button", className: "plain", textContent: label });
    button.setAttribute("aria-label", `${label}: ${about.slice(0, 60)}`);
    button.addEventListener("click", act);
    buttons.push(button, " ");
  };
  if (said.visibility === "public") add("Reply", said.text, () => replyTo(said));
  const deletable = said.visibility === "public" || chosen("platform") === "facebook";
  if (said.from === "resident" && deletable) {
    add("Delete", said.text, () => attempt(() => ask("POST", "delete", { platform: chosen("platform"), message_id: said.id })));
  }
  return buttons;
}

function quickReplies(replies) {
  const row = make("div", { className: "quick" });
  for (const each of replies) {
    const button = make("button", { type: "button", textContent: each.title });
    button.addEventListener("click", () => attempt(() => say(each.title, { quick_reply: each.payload })));
    row.append(button);
  }
  return row;
}

function replyTo(said) {
  state.replyTo = said ? said.id : null;
  part("replying").hidden = !said;
  part("replying-to").textContent = said ? (said.text.length > 60 ? `${said.text.slice(0, 60)}…` : said.text) : "";
  part("mention").checked = !said;
  if (said) part("text").focus();
}

async function say(text, more = {}) {
  const [platform, visibility] = [chosen("platform"), chosen("visibility")];
  const message = { platform, visibility, person: state.person, text, ...more };
  if (visibility === "public") {
    if (state.replyTo) message.in_reply_to = state.replyTo;
    if (platform === "x") message.mention = part("mention").checked;
  }
  await ask("POST", "say", message);
  replyTo(null);
}

async function attempt(act) {
  part("trouble").textContent = "";
  try {
    await act();
  } catch (error) {
    part("trouble").textContent = error.message;
  }
}

// Around the conversation

async function showSetup() {
  const setup = await ask("GET", "setup");
  state.setup = setup;
  part("council").textContent = setup.council;
  part("handle").textContent = setup.handle;
  part("now").textContent = new Date(setup.now).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  const names = [...new Set([...setup.people, ...NAMES])];
  part("people").replaceChildren(...names.map((value) => make("option", { value })));
  part("dialect").value = setup.open311.dialect;
  part("needs_jurisdiction").checked = setup.open311.needs_jurisdiction;
  showPlatform();
}

function showPlatform() {
  const platform = chosen("platform");
  const name = platform === "x" ? "X" : "Facebook";
  document.body.dataset.platform = platform;
  document.querySelectorAll(".platform-name").forEach((each) => { each.textContent = name; });
  document.querySelectorAll("[data-only]").forEach((each) => { each.hidden = each.dataset.only !== platform; });
  part("mention-choice").hidden = platform !== "x" || chosen("visibility") !== "public";
  if (!state.setup) return;
  part("partner").textContent = state.setup.council;
  part("partner-handle").textContent = platform === "x" ? `@${state.setup.handle}` : "Facebook Page";
  const faults = state.setup.faults;
  part("fault").value = faults[platform].api.fault || "";
  if (faults[platform].api.fault) part("calls").value = faults[platform].api.calls === null ? "" : faults[platform].api.calls > 1 ? "3" : "1";
  for (const each of ["duplicate", "reorder", "legacy_shapes", "receipts"]) part(each).checked = faults[platform].webhook[each];
  part("delay").checked = faults[platform].webhook.delay_ms > 0;
  part("open311-fault").value = faults.open311.api.fault || "";
  showDeliveries(state.setup.webhooks[platform], name);
}

function showDeliveries({ check, pending, url }, name) {
  const box = part("delivery");
  const broken = check === "wrong";
  box.className = `state ${broken ? "broken" : pending ? "waiting" : ""}`;
  if (broken) box.textContent = `${name} has shut the webhook: ${url} answered its challenge wrong. Messages are held.`;
  else if (pending) box.textContent = `${pending} on the way to the service. What it does not take is tried again.`;
  else box.textContent = check === "right" ? "The service has taken everything it was told." : "The service has not answered yet.";
}

function saveFaults() {
  const fault = part("fault").value || null;
  const calls = fault && part("calls").value ? Number(part("calls").value) : null;
  const webhook = { delay_ms: part("delay").checked ? 3000 : 0 };
  for (const each of ["duplicate", "reorder", "legacy_shapes", "receipts"]) webhook[each] = part(each).checked;
  return ask("PUT", "faults", { [chosen("platform")]: { api: { fault, calls }, webhook } });
}

async function saveOpen311() {
  await ask("PUT", "open311", { dialect: part("dialect").value, needs_jurisdiction: part("needs_jurisdiction").checked });
  await ask("PUT", "faults", { open311: { api: { fault: part("open311-fault").value || null } } });
}

async function colleagueAnswers() {
  const [platform, visibility] = [chosen("platform"), chosen("visibility")];
  const message = { platform, visibility, person: state.person, text: part("colleague-text").value };
  if (visibility === "public") {
    const query = new URLSearchParams({ platform, visibility, person: state.person });
    const own = (await ask("GET", `conversation?${query}`)).filter((each) => each.from === "resident" && !each.deleted);
    if (!own.length) throw new Error("There is nothing yet that a colleague could answer.");
    message.in_reply_to = own[own.length - 1].id;
  }
  await ask("POST", "colleague_reply", message);
  part("colleague-text").value = "";
}

async function exampleText(template) {
  if (!template.includes("{code}")) return template;
  const reports = await ask("GET", "reports");
  return template.replace("{code}", reports.length ? reports[0].id : "1234567");
}

function become(name) {
  state.person = name.trim() || state.person;
  part("person").value = state.person;
  replyTo(null);
  attempt(showConversation);
}

function somebodyNew() {
  const known = new Set(state.setup ? state.setup.people : []);
  const free = NAMES.filter((each) => !known.has(each) && each !== state.person);
  become(free.length ? free[0] : `Resident ${known.size + 1}`);
}

function listen() {
  let soon = null;
  const look = () => {
    soon = null;
    attempt(async () => { await showConversation(); await showSetup(); });
  };
  const news = new EventSource("/sandbox/events");
  const heard = () => { if (soon === null) soon = setTimeout(look, 60); };
  news.onmessage = heard;
  news.onopen = heard;
}

function start() {
  for (const template of EXAMPLES) {
    const button = make("button", { type: "button", textContent: template.replace("{code}", "1234567") });
    button.addEventListener("click", () => attempt(async () => {
      part("text").value = await exampleText(template);
      part("text").focus();
    }));
    part("examples").append(make("li", {}, button));
  }
  const submit = (id, act) => part(id).addEventListener("submit", (event) => { event.preventDefault(); attempt(act); });
  submit("who", async () => become(part("person").value));
  submit("composer", async () => {
    const text = part("text").value;
    await say(text);
    part("text").value = "";
    part("text").focus();
  });
  submit("colleague", colleagueAnswers);
  part("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      part("composer").requestSubmit();
    }
  });
  part("stranger").addEventListener("click", somebodyNew);
  part("not-replying").addEventListener("click", () => replyTo(null));
  part("faults").addEventListener("change", () => attempt(saveFaults));
  part("open311").addEventListener("change", () => attempt(saveOpen311));
  part("reset").addEventListener("click", () => attempt(() => ask("POST", "reset", {})));
  document.querySelectorAll("[data-advance]").forEach((each) => each.addEventListener("click", () =>
    attempt(() => ask("POST", "advance_clock", { hours: Number(each.dataset.advance) }))));
  document.querySelectorAll(".choice input").forEach((each) => each.addEventListener("change", () => {
    replyTo(null);
    showPlatform();
    attempt(showConversation);
  }));
  part("person").value = state.person;
  showPlatform();
  listen();
}

start();
