// Roles that several structures may have: with a script, places are added and taken away at once. Without it the same buttons keep the
// draft and show the page anew.
(function () {
  "use strict";

  function placesOf(fieldset) { return fieldset.querySelectorAll("[data-place]"); }

  function tell(fieldset) { fieldset.dispatchEvent(new Event("input", {bubbles: true})); }

  // What a place says of its number, or of who had it: names and ids of inputs, labels, and the value of its button.
  function renumber(place, number) {
    const role = place.dataset.place, key = number === 1 ? role : role + "." + number;
    ["party", "service"].forEach(function (kind) {
      const input = place.querySelector("input[name^='" + kind + ".']");
      if (!input) { return; }
      const label = place.querySelector("label[for='" + input.id + "']");
      input.id = input.name = kind + "." + key;
      if (label) { label.htmlFor = input.id; }
    });
    place.querySelector("[data-take-away]").value = "without-" + key;
    place.querySelectorAll(".visually-hidden").forEach(function (words) {
      words.textContent = words.textContent.replace(/\d+\s*$/, String(number));
    });
  }

  function empty(place) {
    place.querySelectorAll(".field-error, [data-name]").forEach(function (each) { each.remove(); });
    place.querySelectorAll("input").forEach(function (input) {
      input.value = "";
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    });
    place.querySelector("[data-take-away]").hidden = true;
  }

  function bound(fieldset) {
    const more = fieldset.querySelector("[data-more]");
    more.hidden = placesOf(fieldset).length >= Number(more.dataset.more);
  }

  document.querySelectorAll("fieldset").forEach(function (fieldset) {
    if (!fieldset.querySelector("[data-more]")) { return; }
    bound(fieldset);
    fieldset.addEventListener("input", function (event) {
      const place = event.target.closest("[data-place]");
      if (place) { place.querySelector("[data-take-away]").hidden = false; }
    });
    fieldset.addEventListener("click", function (event) {
      const button = event.target.closest("button"), places = placesOf(fieldset);
      if (!button) { return; }
      event.preventDefault();
      if (button.hasAttribute("data-more")) {
        const last = places[places.length - 1], place = last.cloneNode(true);
        empty(place);
        last.after(place);
        renumber(place, places.length + 1);
        place.querySelector("input").focus();
      } else {
        const place = button.closest("[data-place]");
        if (places.length === 1) { empty(place); } else { place.remove(); }
        placesOf(fieldset).forEach(function (each, index) { renumber(each, index + 1); });
        placesOf(fieldset)[0].querySelector("input").focus();
        tell(fieldset);
      }
      bound(fieldset);
    });
  });
}());
