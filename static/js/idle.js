/* Two minutes before the journal locks: a warning, with one action to stay. What stands in a box is sealed once
   more before the lock screen takes the page's place; autosave.js does the sealing. */
(function () {
  var d = document, WARN = 120, GRACE = 5, left = Number(d.body.dataset.left);
  var form = d.querySelector('[data-draft]'), warning = d.getElementById('idle'), say = warning.dataset;
  var shown = d.querySelector('main .key'); /* a key or codes, in the answer to a form: they can't be loaded again */
  var ends = Date.now() + left * 1000, warned = false, leaving = false, kept = false;

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
      stay.onclick = function () { form.keep(true).then(function () { form.elements.text.focus(); }, trouble); };
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
    var rest = (ends - Date.now()) / 1000;
    if (leaving) return;
    if (rest < WARN && rest > GRACE && !warned) warn();
    if (rest > GRACE || !form) return;
    leaving = true;
    form.keep().then(leave, trouble);
  }

  if (form) {
    form.addEventListener('submit', function (event) { leaving = !event.defaultPrevented; });
    form.addEventListener('kept', function (event) {
      kept = true;
      ends = Date.now() + event.detail * 1000;
      warned = false;
      warning.replaceChildren();
    });
  }
  addEventListener('pageshow', function () { leaving = false; });
  d.addEventListener('visibilitychange', look);
  setInterval(look, 1000);
})();
