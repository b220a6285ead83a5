// Hands a passkey's answer to an ordinary form (W3C Web Authentication level 3). Nothing is fetched and nothing is kept.
"use strict";
(() => {
  const form = document.querySelector("form[data-passkey]");
  const able = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;
  if (!form || !able) {
    return;
  }
  const button = form.querySelector("button");
  button.hidden = false;
  document.querySelector("[data-without-script]").hidden = true;
  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) {
      return;
    }
    event.preventDefault();
    const options = JSON.parse(form.dataset.options);
    try {
      const made = form.dataset.passkey === "add"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.answer.value = JSON.stringify(made.toJSON());
    } catch {
      form.elements.answer.value = "none";
    }
    form.submit();
  });
})();
