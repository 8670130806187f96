/* Small helps on the journal's doors: show a password, copy or print a recovery key. */
(function () {
  var d = document;

  d.querySelectorAll('input[type=password]').forEach(function (input) {
    var button = d.createElement('button');
    button.type = 'button';
    button.className = 'btn link reveal';
    function label() {
      var hidden = input.type === 'password';
      button.textContent = hidden ? input.dataset.show : input.dataset.hide;
      button.setAttribute('aria-label', button.textContent + ' ' + input.labels[0].textContent.toLowerCase());
    }
    button.onclick = function () { input.type = input.type === 'password' ? 'text' : 'password'; label(); };
    label();
    input.after(button);
    input.form.addEventListener('submit', function () { input.type = 'password'; });
  });

  /* A second press while the first is under way would throw the first one's answer away, a new key with it. */
  var sent = false;
  d.addEventListener('submit', function (event) {
    if (sent) { event.preventDefault(); return; }
    sent = true;
    event.target.querySelectorAll('[data-busy]').forEach(function (note) { note.textContent = note.dataset.busy; });
    setTimeout(function () { sent = false; }, 10000);
  });
  addEventListener('pageshow', function () { sent = false; });

  d.querySelectorAll('[data-copy]').forEach(function (button) {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.onclick = function () {
      navigator.clipboard.writeText(d.getElementById(button.dataset.copy).textContent.trim()).then(function () {
        button.textContent = button.dataset.done;
      });
    };
  });

  /* A name of one's own and a suggestion: the one that was touched last counts, and a password manager sees it. */
  var own = d.querySelector('[data-own]');
  if (own) {
    own.addEventListener('input', function () { own.form.elements.suggested.value = ''; });
    own.form.addEventListener('change', function (event) {
      if (event.target.name === 'suggested') own.value = '';
    });
    own.form.addEventListener('submit', function () { own.value = own.value || own.form.elements.suggested.value; });
  }

  d.querySelectorAll('[data-print]').forEach(function (button) {
    button.hidden = false;
    button.onclick = function () { print(); };
  });
})();
