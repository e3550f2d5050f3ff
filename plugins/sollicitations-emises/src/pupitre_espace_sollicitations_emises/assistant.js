// Reading aloud and speaking to the assistant, where the browser can; where it cannot, nothing shows.
(() => {
  "use strict";
  const WORDS = { fr: { read: "Lire", speak: "Parler" }, en: { read: "Read aloud", speak: "Speak" } };
  const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;

  const button = (label, does) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-link btn-sm";
    made.textContent = label;
    made.addEventListener("click", does);
    return made;
  };
  const equip = (root) => {
    const assistant = root.querySelector(".assistant");
    if (!assistant || assistant.dataset.voiced) return;
    assistant.dataset.voiced = "1";
    const language = assistant.dataset.lang === "en" ? "en" : "fr";
    const words = WORDS[language];
    const last = [...assistant.querySelectorAll(".assistant-assistant .assistant-text")].pop();
    if ("speechSynthesis" in window && last) {
      last.after(button(words.read, () => {
        const said = new SpeechSynthesisUtterance(last.textContent);
        said.lang = language === "en" ? "en-GB" : "fr-FR";
        speechSynthesis.cancel();
        speechSynthesis.speak(said);
      }));
    }
    const input = assistant.querySelector("#assistant-text");
    if (Recognition && input) {
      input.after(button(words.speak, () => {
        const listening = new Recognition();
        listening.lang = language === "en" ? "en-GB" : "fr-FR";
        listening.addEventListener("result", (event) => { input.value = event.results[0][0].transcript; input.focus(); });
        try { listening.start(); } catch { /* not allowed now: the text can be typed */ }
      }));
    }
  };
  document.addEventListener("pupitre:panel", (event) => equip(event.detail));
  equip(document);
})();
