// The entry page with a script: lines come and go without a reload, and the draft keeps itself. Everything works without it too.
(function () {
  "use strict";
  const form = document.getElementById("saisie");
  if (!form || !window.fetch) { return; }
  const lines = document.getElementById("lignes-saisies");
  const blank = document.getElementById("ligne-vierge");
  const status = form.querySelector("[data-status]");
  const saved = document.querySelector("[data-saved]");
  const PAUSE = 1500;
  let timer = null, changed = false, running = null, stopped = false, leaving = false;

  function renumber() {
    lines.querySelectorAll(".entry-line").forEach(function (line, index) {
      const position = String(index + 1);
      line.dataset.line = position;
      line.querySelector("legend").textContent = line.querySelector("legend").textContent.replace(/\d+/, position);
      line.querySelectorAll("[name],[id],[for],[aria-describedby]").forEach(function (element) {
        ["name", "id", "for", "aria-describedby"].forEach(function (attribute) {
          const value = element.getAttribute(attribute);
          if (value) { element.setAttribute(attribute, value.replace(/lines-\d+-/g, "lines-" + position + "-")); }
        });
      });
      const remove = line.querySelector("[data-remove]");
      remove.value = "remove-" + position;
      remove.querySelector(".visually-hidden").textContent = " " + position;
    });
  }

  function add(event) {
    event.preventDefault();
    const last = lines.querySelector(".entry-line:last-child [name$='-rate']");
    lines.appendChild(blank.content.cloneNode(true));
    renumber();
    const line = lines.lastElementChild;
    if (last) { line.querySelector("[name$='-rate']").value = last.value; }
    line.querySelector("[name$='-name']").focus();
    touch();
  }

  // A file may belong to a line: then the server takes the line away, and moves the files of later ones along.
  function remove(event) {
    const button = event.target.closest("[data-remove]");
    if (!button || document.querySelector("[name^='document-'] option[value]:not([value='']):checked")) { return; }
    event.preventDefault();
    button.closest(".entry-line").remove();
    renumber();
    form.querySelector("[data-add]").focus();
    touch();
  }

  function touch() {
    changed = true;
    window.clearTimeout(timer);
    timer = window.setTimeout(save, PAUSE);
  }

  function show(answer) {
    form.elements.version.value = answer.version;
    saved.textContent = answer.said;
    form.querySelector("[data-left]").textContent = answer.left;
    lines.querySelectorAll("[data-net]").forEach(function (output, index) { output.textContent = answer.lines[index] || ""; });
    form.querySelectorAll("[data-total]").forEach(function (output) { output.textContent = answer.totals[output.dataset.total]; });
    const body = document.querySelector("#recap-tva tbody");
    const labels = Array.from(document.querySelectorAll("#recap-tva thead th"), function (cell) { return cell.textContent; });
    body.replaceChildren.apply(body, answer.vat.map(function (row) {
      const shown = document.createElement("tr");
      row.forEach(function (text, index) {
        const cell = document.createElement(index ? "td" : "th");
        if (index) { cell.className = "amount"; } else { cell.scope = "row"; }
        cell.dataset.label = labels[index];
        cell.textContent = text;
        shown.appendChild(cell);
      });
      return shown;
    }));
  }

  function save() {
    if (running || stopped || leaving || !changed) { return running || Promise.resolve(); }
    changed = false;
    status.textContent = form.dataset.leave;
    const data = new FormData(form);
    ["idempotency_key", "documents", "kept", "shared"].forEach(function (name) { data.delete(name); });
    data.append("action", "autosave");
    const headers = {};
    headers[form.dataset.autosave] = "1";
    running = fetch(window.location.pathname, {method: "POST", body: data, headers: headers, credentials: "same-origin"})
      .then(function (response) {
        return response.json().then(function (answer) {
          status.textContent = "";
          if (response.ok) { show(answer); } else { status.textContent = answer.said || ""; stopped = Boolean(answer.conflict); }
          return response.ok;
        });
      })
      .catch(function () { status.textContent = ""; changed = true; return false; })
      .then(function (kept) {
        running = null;
        if (changed && kept) { touch(); }
        return kept;
      });
    return running;
  }

  form.addEventListener("input", touch);
  form.addEventListener("change", function (event) {
    touch();
    if (event.target.dataset.reload) {
      window.clearTimeout(timer);
      Promise.resolve(save()).then(function (kept) { if (kept) { leaving = true; window.location.reload(); } });
    }
  });
  lines.addEventListener("click", remove);
  form.querySelector("[data-add]").addEventListener("click", add);
  form.addEventListener("submit", function (event) {
    leaving = true;
    window.clearTimeout(timer);
    if (running) {
      // What is being kept has the version that this form would name: it goes after it.
      event.preventDefault();
      const button = event.submitter;
      running.then(function () { leaving = true; form.requestSubmit(button); });
    }
  });
}());
