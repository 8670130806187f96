/* The choices under "Text and colors", kept in one cookie that only pre.js reads. */
(function () {
  var form = document.querySelector('.display'), root = document.documentElement, names = ['theme', 'text', 'face', 'titles'];
  var told = document.title;
  names.forEach(function (name) {
    var radio = form.querySelector('[name=' + name + '][value="' + (root.dataset[name] || '') + '"]');
    if (radio) radio.checked = true;
  });
  form.hidden = false;
  form.addEventListener('change', function () {
    var chosen = names.map(function (name) {
      var value = form.elements[name].value;
      if (value) root.dataset[name] = value; else delete root.dataset[name];
      return value;
    });
    document.title = root.dataset.titles ? 'Either Way' : told;
    var age = chosen.join('') ? 31536000 : 0;
    document.cookie = 'display=' + chosen.join('.') + '; path=/; SameSite=Strict; max-age=' + age +
      (location.protocol === 'https:' ? '; Secure' : '');
  });
})();
