/* Quick exit. Works without this file, as a plain link that locks and leads away. With it: blank at once,
   lock, and replace this page in the history. */
(function () {
  var d = document, root = d.documentElement, presses = 0, timer, typing = false, exit = d.getElementById('exit');

  function remember(value) {
    try { if (value) sessionStorage.setItem('left', '1'); else sessionStorage.removeItem('left'); } catch (e) { /* blocked */ }
  }

  function go(url) {
    var note = d.createElement('div');
    note.setAttribute('role', 'alert');
    root.classList.add('left');
    d.title = root.dataset.loading;
    d.body.replaceChildren(note);
    note.textContent = root.dataset.loading;
    remember(true);
    if (navigator.sendBeacon) navigator.sendBeacon('/leave/');
    location.replace(url);
  }

  function dots() {
    if (presses) exit.dataset.n = presses; else delete exit.dataset.n;
  }

  d.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('[data-exit]');
    if (link) { event.preventDefault(); go(link.dataset.exit); }
  });

  /* Shift alone, three times within five seconds of each other. Shift with a letter is typing. */
  d.addEventListener('keydown', function (event) {
    if (event.key !== 'Shift') { typing = event.shiftKey; presses = 0; dots(); }
  }, true);
  d.addEventListener('keyup', function (event) {
    if (event.key !== 'Shift') return;
    if (typing) { typing = false; return; }
    presses += 1;
    clearTimeout(timer);
    timer = setTimeout(function () { presses = 0; dots(); }, 5000);
    dots();
    if (presses > 2) go(exit.dataset.exit);
  }, true);

  /* Coming Back after an exit: the page stays covered until the reader asks for it. */
  addEventListener('pageshow', function () {
    try { if (!sessionStorage.getItem('left')) return; } catch (e) { return; }
    if (d.getElementById('cover')) return;
    var button = d.createElement('button');
    root.classList.add('left', 'cover');
    button.id = 'cover';
    button.textContent = root.dataset.continue;
    button.onclick = function () { remember(false); location.reload(); };
    d.body.append(button);
    d.title = root.dataset.loading;
  });
})();
