// The bubble of an espace: opens a page of it in a panel that can be reduced, moved and enlarged, and keeps what it shows from
// page to page of this tab. Without this script the bubble is a link to the same page.
(() => {
  "use strict";
  const link = document.getElementById("bulle");
  const panel = document.getElementById("bulle-panneau");
  if (!link || !panel) return;
  const body = panel.querySelector(".bubble-body");
  const KEPT = "pupitre-bulle";
  const button = (does) => panel.querySelector(`[data-does="${does}"]`);

  let state = { owner: link.dataset.owner, open: false, big: false, left: null, top: null, html: "" };
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) || "{}");
    if (kept.owner === state.owner) state = { ...state, ...kept };
  } catch { /* what cannot be read is begun anew */ }
  const keep = () => {
    try { sessionStorage.setItem(KEPT, JSON.stringify(state)); } catch { /* full or forbidden: the panel works without */ }
  };

  const show = () => {
    panel.hidden = !state.open;
    link.setAttribute("aria-expanded", String(state.open));
    panel.classList.toggle("is-big", state.big);
    button("size").textContent = state.big ? panel.dataset.shrink : panel.dataset.enlarge;
    button("size").setAttribute("aria-pressed", String(state.big));
    place();
    toLast();
  };
  // A hidden panel cannot be scrolled: what was said last is brought into view whenever it is shown.
  const toLast = () => {
    if (panel.hidden) return;
    const mark = [...body.querySelectorAll("[data-last]")].pop();
    const last = mark && mark.parentElement;
    body.scrollTop = last ? last.getBoundingClientRect().top - body.getBoundingClientRect().top + body.scrollTop : body.scrollHeight;
  };
  const place = () => {
    if (state.left === null || panel.hidden) return;
    const most = { left: innerWidth - panel.offsetWidth, top: innerHeight - panel.offsetHeight };
    panel.style.left = `${Math.max(0, Math.min(state.left, most.left))}px`;
    panel.style.top = `${Math.max(0, Math.min(state.top, most.top))}px`;
    panel.style.right = panel.style.bottom = "auto";
  };

  const fill = (html) => {
    // Parsed, not run: scripts inside a text never run this way, and the policy of the page forbids them anyway.
    const found = new DOMParser().parseFromString(html, "text/html").querySelector(".panel-content");
    if (!found) return false;
    body.replaceChildren(document.adoptNode(found));
    state.html = found.outerHTML;
    keep();
    toLast();
    document.dispatchEvent(new CustomEvent("pupitre:panel", { detail: body }));
    return true;
  };
  const inPanel = (address) => {
    const url = new URL(address, location.href);
    url.searchParams.set("panel", "1");
    return url;
  };
  const load = async (url, options = {}) => {
    body.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { credentials: "same-origin", ...options });
      const isPage = (answer.headers.get("Content-Type") || "").startsWith("text/html");
      if (!isPage || !fill(await answer.text())) location.href = link.href;
    } catch {
      const said = document.createElement("p");
      said.setAttribute("role", "alert");
      said.textContent = panel.dataset.trouble;
      body.append(said);
    } finally {
      body.removeAttribute("aria-busy");
    }
  };

  link.setAttribute("role", "button");
  link.setAttribute("aria-controls", panel.id);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    state.open = !state.open;
    show();
    keep();
    if (state.open && !body.firstChild) load(link.dataset.panel);
    if (state.open) body.focus();
  });
  link.addEventListener("keydown", (event) => {
    if (event.key === " ") { event.preventDefault(); link.click(); }
  });
  const reduce = () => { state.open = false; show(); keep(); link.focus(); };
  button("reduce").addEventListener("click", reduce);
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") reduce(); });
  button("size").addEventListener("click", () => { state.big = !state.big; show(); keep(); });

  const moveTo = (left, top) => { state.left = left; state.top = top; place(); };
  const handle = button("move");
  handle.addEventListener("pointerdown", (event) => {
    const from = panel.getBoundingClientRect();
    const [x, y] = [event.clientX - from.left, event.clientY - from.top];
    const drag = (moved) => moveTo(moved.clientX - x, moved.clientY - y);
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener("pointermove", drag);
    handle.addEventListener("pointerup", () => { handle.removeEventListener("pointermove", drag); keep(); }, { once: true });
  });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-20, 0], ArrowRight: [20, 0], ArrowUp: [0, -20], ArrowDown: [0, 20] }[event.key];
    if (!step) return;
    event.preventDefault();
    const from = panel.getBoundingClientRect();
    moveTo(from.left + step[0], from.top + step[1]);
    keep();
  });

  body.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    const sent = new FormData(form, event.submitter);
    const url = inPanel(form.getAttribute("action") || link.dataset.panel);
    if (form.method === "post") {
      load(url, { method: "POST", body: sent });
    } else {
      for (const [name, value] of sent) url.searchParams.set(name, value);
      load(url);
    }
  });
  body.addEventListener("click", (event) => {
    const to = event.target.closest("a[href]");
    if (!to || to.target || to.hasAttribute("download") || event.ctrlKey || event.metaKey) return;
    const url = new URL(to.href);
    // Files, requests and assets of the espace are no pages of it.
    const isPage = url.origin === location.origin && /^[a-z0-9-]*$/.test(url.pathname.slice(link.dataset.base.length));
    if (!isPage || !url.pathname.startsWith(link.dataset.base) || /\/demandes$/.test(url.pathname)) return;
    event.preventDefault();
    load(inPanel(url));
  });

  addEventListener("resize", place);
  if (state.html) fill(state.html);
  if (state.open && !body.firstChild) load(link.dataset.panel);
  show();
})();
