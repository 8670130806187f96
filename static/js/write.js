/* Helps while writing. Everything works without it: the form saves by its button. */
(function () {
  var form = document.querySelector('[data-write]'), box = form.elements.text, count = document.querySelector('[data-count]');
  var limit = Number((box.dataset.limit || '').replace(/\D/g, '')), told = count && count.textContent, say = count && count.dataset;
  var started = 'unsaved' in box.dataset ? null : box.value, sending = false;

  /* The day of an entry is the writer's own. */
  if (form.elements.zone) {
    try {
      form.elements.zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || form.elements.zone.value;
    } catch (e) { /* the server knows a zone to use */ }
  }

  /* Grouped as the page groups its own. */
  function number(n) {
    return String(n).replace(/\B(?=(\d{3})+$)/g, box.dataset.limit.replace(/\d/g, ''));
  }

  /* Runs at every key: a long text is counted only where it may come near the limit, and a line is written only
     where it changes. There are never more characters than units. */
  function show() {
    if (!count || !limit) return;
    var text = box.value, most = limit * 0.9, length = text.length > most ? Array.from(text).length : 0, line = told;
    if (length > limit) {
      line = say.over.replace('[n]', number(length - limit)).replace('[limit]', number(limit));
    } else if (length > most) {
      line = say.rest.replace('[n]', number(limit - length));
    } else if (!form.keep && text !== started) {
      line = say.unsaved;
    }
    if (line !== count.textContent) count.textContent = line;
  }

  box.addEventListener('input', show);
  form.addEventListener('saving', function () { told = ''; show(); }); /* autosave.js says from now on how far it is */
  box.addEventListener('keydown', function (event) {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 's') {
      event.preventDefault();
      form.requestSubmit(form.querySelector('button:not([name])'));
    }
  });
  form.addEventListener('submit', function (event) { sending = !event.defaultPrevented; });
  form.addEventListener('leaving', function () { sending = true; }); /* the words are sealed */
  addEventListener('pageshow', function () { sending = false; });

  /* The browser asks before words that are not saved go. Quick exit never asks: the box is gone by then. */
  addEventListener('beforeunload', function (event) {
    if (!sending && box.isConnected && !(form.isKept ? form.isKept() : box.value === started)) event.preventDefault();
  });
})();
