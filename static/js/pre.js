/* Runs before the page paints. After a quick exit in this tab the page stays covered; and what the reader
   chose under "Text and colors" is applied. Nothing is sent, and without it the page follows the system. */
(function () {
  var root = document.documentElement;
  var found = /(?:^|; )display=([a-z0-9.]*)/.exec(document.cookie);
  if (found) {
    var chosen = found[1].split('.');
    if (chosen[0]) root.dataset.theme = chosen[0];
    if (chosen[1]) root.dataset.text = chosen[1];
    if (chosen[2]) root.dataset.face = chosen[2];
    if (chosen[3]) { root.dataset.titles = chosen[3]; document.title = 'Either Way'; }
  }
  try {
    if (sessionStorage.getItem('left')) { root.classList.add('left', 'cover'); document.title = root.dataset.loading; }
  } catch (e) { /* storage is blocked: there is nothing to remember */ }
})();
