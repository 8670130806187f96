/* Keeps what stands in the box as one sealed draft while somebody writes, and says truthfully how far that has come.
   Nothing is kept in the browser. Without it, the form saves by its button. */
(function () {
  var d = document, form = d.querySelector('[data-draft]');
  if (!form) return;
  var PAUSE = 700, MOST = 10000, SAY = 30000, WAITS = [2000, 5000, 15000, 30000], WHOLE = 60000, PATIENCE = 20000;
  var line = d.querySelector('[data-saving]'), live = d.getElementById('said'), words = line.dataset;
  var sealed = 'unsaved' in form.elements.text.dataset ? '' : text(); /* '': nobody knows */
  var since = 0, timer = 0, busy = null, sending = '', tries = 0, cut = false, going = false, sent = false, stop, at = '', said = 0, saying = 0, last = 0;

  /* Lines end as in what the form itself sends, so that a draft can be told from what is saved. */
  function text() {
    var data = new FormData(form);
    data.delete('turn');
    return new URLSearchParams(data).toString().replace(/%0A/g, '%0D%0A');
  }

  /* Grows with each thing that is sent, after a reload too: what comes late, given up or not, is told by it. */
  function turn() {
    last = form.elements.turn.value = Math.max(Date.now(), last + 1);
    return '&turn=' + last;
  }

  /* What is seen changes at once. What a screen reader says does so twice a minute at most. */
  function tell(message) {
    line.textContent = message;
    clearTimeout(saying);
    saying = setTimeout(function () {
      said = Date.now();
      live.textContent = message;
    }, Math.max(0, said + SAY - Date.now()));
  }

  function trouble(message) {
    tell(message + (at ? ' ' + words.last.replace('[time]', at) : ''));
  }

  function plan(wait) {
    clearTimeout(timer);
    timer = setTimeout(function () { keep().catch(function () { /* it was told */ }); }, wait);
  }

  /* Runs at every key, so it does not look at the text: `keep` sees whether anything is new. */
  function changed() {
    if (tries) return; /* the next try is planned already */
    since = since || Date.now();
    plan(Math.max(0, Math.min(PAUSE, since + MOST - Date.now())));
  }

  function send(now) {
    var mine = stop = new AbortController();
    setTimeout(function () { mine.abort(); }, PATIENCE);
    return fetch(form.dataset.draft, {
      method: 'POST', body: new URLSearchParams(now + turn()), redirect: 'error', keepalive: now.length < WHOLE,
      signal: stop.signal,
      headers: {'X-CSRFToken': form.elements.csrfmiddlewaretoken.value}
    }).then(function (answer) {
      if (!answer.ok) throw answer.status;
      return answer.json();
    });
  }

  /* Resolves when what stands in the box is sealed. One request at a time, so that no older words come last. */
  function keep(always) {
    var now = text();
    if (busy) return busy.then(function () { return keep(always); });
    clearTimeout(timer);
    since = 0;
    if (now === sealed && !always) return Promise.resolve();
    sending = now;
    form.dispatchEvent(new Event('saving'));
    if (now !== sealed) line.textContent = words.saving;
    busy = send(now).then(function (told) {
      sealed = now;
      tries = 0;
      cut = false;
      at = new Date().toLocaleTimeString(d.documentElement.lang, {hour: 'numeric', minute: '2-digit'});
      tell(words.saved.replace('[time]', at) + (told.clash ? ' ' + words.clash : ''));
      form.dispatchEvent(new CustomEvent('kept', {detail: told.left}));
    }, function (status) {
      sealed = ''; /* it may have arrived all the same */
      cut = typeof status !== 'number';
      if (status === 409) trouble(words.elsewhere);
      else if (status === 403) trouble(words.locked);
      else trouble(navigator.onLine ? words.failed : words.offline);
      if (status !== 413) plan(WAITS[Math.min(tries, WAITS.length - 1)]);
      tries = status === 413 ? 0 : tries + 1;
      throw status;
    }).finally(function () {
      busy = null;
      sending = '';
      if (sealed === now && text() !== now) changed();
    });
    return busy;
  }

  function hurry() {
    if (form.isConnected && !sent) keep().catch(function () { /* it was told */ });
  }

  form.keep = keep;
  form.isKept = function () { var now = text(); return now === sealed || (now === sending && !tries && now.length < WHOLE); };
  form.addEventListener('input', changed);
  /* Not for a button that is being pressed: it sends the form, and a line that changes could move it away. */
  form.addEventListener('focusout', function (event) {
    if (!event.relatedTarget || event.relatedTarget.type !== 'submit') hurry();
  });
  d.addEventListener('visibilitychange', function () { if (d.hidden) hurry(); });
  addEventListener('online', hurry);
  addEventListener('pageshow', function () { sent = false; });

  /* A draft that is under way would come after what is saved now: it goes first, for three seconds at most.
     Where nobody answers, the page stays: the browser's own page of errors would take its place, and the words. */
  form.addEventListener('submit', function (event) {
    var button = event.submitter;
    clearTimeout(timer);
    if (going || !(busy || cut || !navigator.onLine)) {
      turn();
      sent = true; /* a draft that is sent while this page goes would come after what is saved */
      return;
    }
    function go() {
      busy = null;
      stop.abort();
      going = true;
      form.requestSubmit(button);
      going = false;
    }
    event.preventDefault();
    /* Not within this event: a form that is being submitted takes no second submit. */
    Promise.race([busy || keep(true), new Promise(function (late) { setTimeout(late, 3000); })]).then(
      function () { setTimeout(go); }, function () { if (!cut) setTimeout(go); });
  }, true);
})();
