// The page of a request with a script: a draft keeps itself while it is typed, and what the espace works out follows at once. Everything
// works without it too: a button does the same.
(function () {
  "use strict";
  const form = document.getElementById("saisie");
  if (!form || !form.dataset.autosave || !window.fetch) { return; }
  const status = form.querySelector("[data-status]");
  const amounts = document.getElementById("montants");
  const PAUSE = 1500;
  // What goes with a button only: files, and what is said of them.
  const WITH_A_BUTTON = ["idempotency_key", "documents", "remove_document", "designation", "document_line"];
  let timer = null, changed = false, running = null, stopped = false, leaving = false;

  function touch(event) {
    if (event.target.name && WITH_A_BUTTON.includes(event.target.name)) { return; }
    changed = true;
    window.clearTimeout(timer);
    timer = window.setTimeout(save, PAUSE);
  }

  function show(answer) {
    // Every form of the page speaks of the version that is kept by now.
    document.querySelectorAll("main input[name='version']").forEach(function (input) { input.value = answer.version; });
    Object.keys(answer.values).forEach(function (name) {
      const output = document.getElementById(name);
      if (output) { output.textContent = answer.values[name]; }
    });
    if (!amounts || !answer.totals) { return; }
    amounts.hidden = false;
    amounts.querySelectorAll("[data-total]").forEach(function (output) { output.textContent = answer.totals[output.dataset.total]; });
  }

  function save() {
    if (running || stopped || leaving || !changed) { return running || Promise.resolve(); }
    changed = false;
    status.textContent = form.dataset.leave;
    const data = new FormData(form);
    WITH_A_BUTTON.forEach(function (name) { data.delete(name); });
    data.append("action", "autosave");
    const headers = {};
    headers[form.dataset.autosave] = "1";
    // Buttons of the form are called "action", and hide its property of that name.
    running = fetch(form.getAttribute("action"), {method: "POST", body: data, headers: headers, credentials: "same-origin"})
      .then(function (response) {
        return response.json().then(function (answer) {
          status.textContent = answer.said || "";
          if (response.ok && answer.version) { show(answer); }
          stopped = Boolean(answer.conflict);
          return response.ok;
        });
      })
      .catch(function () { status.textContent = ""; changed = true; return false; })
      .then(function (kept) {
        running = null;
        if (changed && kept) { window.clearTimeout(timer); timer = window.setTimeout(save, PAUSE); }
        return kept;
      });
    return running;
  }

  form.addEventListener("input", touch);
  form.addEventListener("change", touch);
  document.querySelectorAll("main form[method='post']").forEach(function (each) {
    each.addEventListener("submit", function (event) {
      leaving = true;
      window.clearTimeout(timer);
      if (running) {
        // What is being kept has the version that this form would name: it goes after it.
        event.preventDefault();
        const button = event.submitter;
        running.then(function () { each.requestSubmit(button); });
      }
    });
  });
}());
