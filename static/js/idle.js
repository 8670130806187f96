/* Two minutes before the journal locks: a warning, with one action to stay. What stands in a box is sealed
   as a draft now and then while somebody writes, and once more before the lock screen takes the page's place. */
(function () {
  var d = document, WARN = 120, EVERY = 60, GRACE = 5, left = Number(d.body.dataset.left);
  var form = d.querySelector('[data-draft]'), warning = d.getElementById('idle'), say = warning.dataset;
  var shown = d.querySelector('main .key'); /* a key or codes, in the answer to a form: they can't be loaded again */
  var ends = Date.now() + left * 1000, sent = Date.now(), sealed = form && text(), warned = false, leaving = false, kept = false;

  function text() {
    return new URLSearchParams(new FormData(form)).toString();
  }

  /* Seals the box and learns how long the journal stays open. Where that fails the words stay on the page. */
  function seal() {
    var now = text();
    sent = Date.now();
    return fetch(form.dataset.draft, {
      method: 'POST', body: new URLSearchParams(now), redirect: 'error',
      headers: {'X-CSRFToken': form.elements.csrfmiddlewaretoken.value}
    }).then(function (answer) {
      if (!answer.ok) throw new Error();
      return answer.json();
    }).then(function (told) {
      sealed = now;
      kept = true;
      ends = Date.now() + told.left * 1000;
      calm();
    });
  }

  function calm() {
    warned = false;
    warning.replaceChildren();
  }

  function warn() {
    var words = d.createElement('p'), stay = d.createElement(form ? 'button' : 'a');
    warned = true;
    if (shown) {
      words.textContent = say.goes;
      warning.replaceChildren(words);
      return;
    }
    words.textContent = say.soon + (form ? ' ' + say.kept : '');
    stay.className = 'btn';
    stay.textContent = say.stay;
    if (form) {
      stay.type = 'button';
      stay.onclick = function () { seal().then(function () { form.elements.text.focus(); }, trouble); };
    } else {
      stay.href = location.href;
    }
    warning.replaceChildren(words, stay);
  }

  function trouble() {
    var words = d.createElement('p');
    words.textContent = say.trouble;
    warning.replaceChildren(words);
  }

  function leave() {
    form.dispatchEvent(new Event('leaving'));
    location.replace(d.body.dataset.unlock + '?next=' + encodeURIComponent(kept ? form.dataset.back : location.pathname));
  }

  function look() {
    var rest = (ends - Date.now()) / 1000, changed = form && text() !== sealed;
    if (leaving) return;
    if (changed && rest > GRACE && Date.now() - sent > EVERY * 1000) seal().catch(function () { /* again in a minute */ });
    else if (rest < WARN && rest > GRACE && !warned) warn();
    if (rest > GRACE || !form) return;
    leaving = true;
    (changed ? seal() : Promise.resolve()).then(leave, trouble);
  }

  if (form) form.addEventListener('submit', function () { leaving = true; });
  addEventListener('pageshow', function () { leaving = false; });
  d.addEventListener('visibilitychange', look);
  setInterval(look, 1000);
})();
