/* What tests ask a page about itself. All but `focus` return a list of what is wrong, in words. */
window.checks = (() => {
  const CONTROLS = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
  const bar = () => document.querySelector('header.bar');
  const shown = element => element.checkVisibility({visibilityProperty: true}) && !element.closest('.vh, .skip');
  const named = element => element.tagName.toLowerCase() + (element.id ? '#' + element.id : '') +
    ' ' + (element.getAttribute('aria-label') || element.textContent || element.name || '').trim().slice(0, 40);

  /* A link in running text is as high as its line; the rule leaves those out. */
  const inText = element => element.tagName === 'A' && getComputedStyle(element).display === 'inline' &&
    [...element.parentNode.childNodes].some(node => node.nodeType === 3 && node.data.trim());

  function targets(least) {
    return [...document.querySelectorAll(CONTROLS)].filter(element => shown(element) && !inText(element)).filter(element => {
      const box = (element.closest('label') || element).getBoundingClientRect();
      return box.width < least - 0.5 || box.height < least - 0.5;
    }).map(named);
  }

  function fields() {
    const all = [...document.querySelectorAll('input:not([type=hidden]), select, textarea')].filter(shown);
    return all.filter(field => ![...field.labels].some(label => shown(label) && label.textContent.trim())).map(named);
  }

  function landmarks() {
    const count = selector => document.querySelectorAll(selector).length, found = [];
    if (count('body > header') !== 1) found.push('no banner');
    if (count('main') !== 1) found.push('not one main');
    if (count('body > footer') !== 1 && !document.querySelector('textarea')) found.push('no footer');
    const names = [...document.querySelectorAll('nav')].map(nav => nav.getAttribute('aria-label') ||
      (document.getElementById(nav.getAttribute('aria-labelledby')) || {}).textContent);
    if (names.some(name => !name) || new Set(names).size < names.length) found.push('navs: ' + names);
    return found;
  }

  /* The way out, seen at the top, in the middle and at the end of the page, with nothing over it. */
  function exit() {
    const link = document.getElementById('exit'), found = [];
    for (const where of [0, 0.5, 1]) {
      scrollTo(0, (document.documentElement.scrollHeight - innerHeight) * where);
      const box = link.getBoundingClientRect();
      const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      const inside = box.top >= 0 && box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
      if (!inside || !hit || !hit.closest('#exit')) found.push('the exit is hidden at ' + where);
    }
    scrollTo(0, 0);
    return found;
  }

  function sideways() {
    const root = document.documentElement;
    if (root.scrollWidth <= innerWidth) return [];
    const wide = [...document.body.querySelectorAll('*')].filter(element => shown(element) &&
      element.getBoundingClientRect().right > innerWidth + 1).map(named);
    return [`${root.scrollWidth} wide: ` + wide.slice(-3).join(', ')];
  }

  /* Text that sticks out of the window, of a control, or of a box that cuts off what does not fit. */
  function clipped() {
    const found = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
    for (let node; node = walk.nextNode();) {
      const parent = node.parentElement;
      if (!node.data.trim() || !shown(parent) || parent.closest('textarea, option, script, noscript')) continue;
      range.selectNodeContents(node);
      const text = range.getBoundingClientRect(), box = (parent.closest('.btn, .exit, .knot, i') || document.body).getBoundingClientRect();
      if (text.left < box.left - 1 || text.right > Math.min(box.right, innerWidth) + 1) found.add('out of its box: ' + named(parent));
    }
    for (const element of document.body.querySelectorAll('*')) {
      const style = getComputedStyle(element);
      if (!shown(element) || element.closest('svg, textarea, input, .qr') || style.overflow === 'visible') continue;
      if (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1) found.add('cut off: ' + named(element));
    }
    return [...found];
  }

  function lowBar() {
    const part = bar().getBoundingClientRect().height / innerHeight;
    return part <= 0.25 ? [] : [`the bar takes ${Math.round(part * 100)} % of the height`];
  }

  function luminance(color) {
    const [red, green, blue] = color.match(/[\d.]+/g).map(part => part / 255)
      .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function contrast(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }

  /* Where the keyboard is, and what is wrong with how that is shown; nothing once it has left the page. */
  function focus() {
    const here = document.activeElement, box = here.getBoundingClientRect(), style = getComputedStyle(here), wrong = [];
    if (here === document.body) return null;
    const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
    const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 1), innerHeight - 1);
    const hit = document.elementFromPoint(x, y), fixed = here.closest('header.bar, .nav, .skip');
    let around = here.parentElement;
    while (around && /, 0\)$/.test(getComputedStyle(around).backgroundColor)) around = around.parentElement;
    const ring = contrast(style.outlineColor, getComputedStyle(around || document.body).backgroundColor);
    if (parseFloat(style.outlineWidth) < 2 || style.outlineStyle === 'none') wrong.push('no ring');
    if (ring < 3) wrong.push(`the ring has a contrast of ${ring.toFixed(1)}`);
    if (!hit || !here.contains(hit) && !hit.contains(here)) wrong.push('covered');
    /* Of a box for text the browser shows the line of the caret. */
    const top = fixed ? 0 : bar().getBoundingClientRect().bottom;
    if (box.top < top && here.tagName !== 'TEXTAREA') wrong.push('under the bar');
    if (box.top >= innerHeight) wrong.push('below the window');
    return {text: here.textContent.trim(), place: [...document.querySelectorAll('*')].indexOf(here), wrong};
  }

  /* A rule that stands after all others, as a reader's own style would. */
  function add(rule) {
    const sheet = document.styleSheets[0];
    sheet.insertRule(rule, sheet.cssRules.length);
  }

  function remove() {
    const sheet = document.styleSheets[0];
    sheet.deleteRule(sheet.cssRules.length - 1);
  }

  return {targets, fields, landmarks, exit, sideways, clipped, lowBar, focus, contrast, add, remove};
})();
