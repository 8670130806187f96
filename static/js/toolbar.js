/* The editors' desk: a toolbar over each Markdown box, and pasted text of word processors as Markdown. */
(function () {
  var TOOLS = [
    ['Bold', function (box) { wrap(box, '**', 'strong words'); }],
    ['Italic', function (box) { wrap(box, '*', 'stressed words'); }],
    ['Heading', function (box) { prefix(box, '## ', 'Heading', /^#{1,6} /); }],
    ['Smaller heading', function (box) { prefix(box, '### ', 'Smaller heading', /^#{1,6} /); }],
    ['Link', link],
    ['List', function (box) { prefix(box, '- ', 'one', /^(?:[-*+]|\d+[.)]) /); }],
    ['Numbered list', function (box) { prefix(box, '1. ', 'first', /^(?:[-*+]|\d+[.)]) /); }],
    ['Quote', function (box) { prefix(box, '> ', 'Somebody’s words', /^> ?/); }],
    ['Note box', function (box) { aside(box, 'note'); }],
    ['Safety box', function (box) { aside(box, 'safety'); }],
    ['Picture', picture]
  ];

  /* Put a text in place of a part of the box, as typing would, so that the browser can undo it; then select in it. */
  function put(box, start, end, text, from, to) {
    box.focus();
    box.setSelectionRange(start, end);
    if (!document.execCommand('insertText', false, text)) {
      box.setRangeText(text, start, end, 'end');
      box.dispatchEvent(new Event('input', {bubbles: true}));
    }
    if (from !== undefined) box.setSelectionRange(start + from, start + to);
  }

  function chosen(box) { return box.value.slice(box.selectionStart, box.selectionEnd); }

  /* Set marks around what is selected, or take them away. Lines are marked one by one, behind marks of a list. */
  function wrap(box, mark, words) {
    var start = box.selectionStart, end = box.selectionEnd, text = chosen(box), n = mark.length;
    var around = box.value.slice(start - n, start) === mark && box.value.slice(end, end + n) === mark;
    // One star of two is no mark of its own.
    if (around && n === 1 && /(?:^|[^*])\*\*$/.test(box.value.slice(0, start))) around = false;
    if (text && around) return put(box, start - n, end + n, text, 0, text.length);
    if (!text.trim()) return put(box, start, end, mark + words + mark, n, n + words.length);
    var marked = text.replace(/^(\s*(?:(?:[-*+>]|#{1,6}|\d+[.)])\s+)*)(.*?)(\s*)$/gm, function (all, front, inner, back) {
      return inner ? front + mark + inner + mark + back : all;
    });
    var one = marked.indexOf('\n') < 0, from = one ? marked.indexOf(mark) + n : 0;
    put(box, start, end, marked, from, one ? marked.lastIndexOf(mark) : marked.length);
  }

  /* The whole lines that the selection touches. */
  function lines(box) {
    var start = box.value.lastIndexOf('\n', box.selectionStart - 1) + 1;
    var end = box.value.indexOf('\n', box.selectionEnd);
    return {start: start, end: end < 0 ? box.value.length : end};
  }

  /* Put blocks in place of lines, with an empty line before and after; `from` and `to` select in them. */
  function putBlock(box, place, text, from, to) {
    var before = box.value.slice(0, place.start), after = box.value.slice(place.end);
    var top = !before || /\n\n$/.test(before) ? '' : '\n', bottom = !after || /^\n(?:\n|$)/.test(after) ? '' : '\n';
    put(box, place.start, place.end, top + text + bottom, top.length + from, top.length + to);
  }

  /* Begin each line with a mark in place of one of its kind; lines that all have it lose it. */
  function prefix(box, mark, words, kind) {
    var place = lines(box), text = box.value.slice(place.start, place.end), number = 0;
    if (!text.trim()) return putBlock(box, place, mark + words, mark.length, mark.length + words.length);
    var all = text.split('\n'), own = mark === '1. ' ? /^\d+[.)] / : new RegExp('^' + mark);
    var full = all.filter(function (line) { return line.trim(); });
    if (full.every(function (line) { return own.test(line); })) {
      var bare = all.map(function (line) { return line.replace(own, ''); }).join('\n');
      return put(box, place.start, place.end, bare, 0, bare.length);
    }
    var done = all.map(function (line) {
      if (!line.trim()) return line;
      return (mark === '1. ' ? ++number + '. ' : mark) + line.replace(kind, '');
    }).join('\n');
    if (kind.test(text)) return put(box, place.start, place.end, done, 0, done.length);
    putBlock(box, place, done, 0, done.length);
  }

  function link(box) {
    var start = box.selectionStart, end = box.selectionEnd, text = chosen(box).trim();
    var address = /^(?:https?:\/\/|mailto:|tel:|\/)\S+$/.test(text) ? text : '';
    var words = address ? '' : text, shown = words || 'words', target = address || 'https://';
    var whole = '[' + shown + '](' + target + ')';
    if (words) put(box, start, end, whole, shown.length + 3, whole.length - 1);
    else put(box, start, end, whole, 1, 1 + shown.length);
  }

  function aside(box, kind) {
    var place = lines(box), text = box.value.slice(place.start, place.end).trim() || 'Words';
    var head = '::: ' + kind + ' ';
    putBlock(box, place, head + 'Title\n' + text + '\n:::', head.length, head.length + 5);
  }

  function picture(box) {
    var words = chosen(box).trim().replace(/\s+/g, ' ') || 'What it shows', front = '![' + words + '](';
    put(box, box.selectionStart, box.selectionEnd, front + '/images/)', front.length, front.length + 8);
  }

  /* One stop for the Tab key; the arrows go from tool to tool. */
  function toolbar(box) {
    var whole = document.createElement('div'), bar = document.createElement('div');
    var label = box.labels && box.labels[0] ? box.labels[0].textContent.replace(/:\s*$/, '') : 'text';
    whole.className = 'markdown';
    bar.className = 'tools';
    bar.setAttribute('role', 'toolbar');
    bar.setAttribute('aria-label', 'Markdown for ' + label);
    bar.setAttribute('aria-controls', box.id);
    TOOLS.forEach(function (tool) {
      var button = document.createElement('button');
      button.type = 'button';
      button.textContent = tool[0];
      button.addEventListener('click', function () { tool[1](box); });
      bar.append(button);
    });
    var sheet = document.createElement('a');
    sheet.href = box.dataset.cheatsheet;
    sheet.target = '_blank';
    sheet.rel = 'noopener';
    sheet.textContent = 'Cheatsheet (new tab)';
    bar.append(sheet);
    var stops = Array.from(bar.children);
    function stop(at) {
      stops.forEach(function (each) { each.tabIndex = each === at ? 0 : -1; });
    }
    stop(stops[0]);
    bar.addEventListener('focusin', function (event) { stop(event.target); });
    bar.addEventListener('keydown', function (event) {
      var at = stops.indexOf(document.activeElement), last = stops.length - 1;
      var to = {ArrowRight: at < last ? at + 1 : 0, ArrowLeft: at > 0 ? at - 1 : last, Home: 0, End: last}[event.key];
      if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      stops[to].focus();
    });
    box.before(whole);
    whole.append(bar, box);
  }

  /* --- pasting --- */

  var HEADINGS = {H1: '## ', H2: '## ', H3: '### ', H4: '#### ', H5: '#### ', H6: '#### '};
  var SKIPPED = /^(?:STYLE|SCRIPT|TITLE|META|LINK|HEAD|TEMPLATE|IFRAME|OBJECT|SVG|IMG|INPUT|SELECT|TEXTAREA|BUTTON)$/i;
  var BLOCKS = 'p,div,h1,h2,h3,h4,h5,h6,ul,ol,li,blockquote,table,pre,hr,section,article,header,footer,main';
  var FORMATTED = 'p,h1,h2,h3,h4,h5,h6,li,b,strong,i,em,a[href],table,blockquote';

  function style(node) { return (node.getAttribute('data-look') || '').toLowerCase(); }

  function hidden(node) { return SKIPPED.test(node.tagName) || /display:\s*none|mso-hide:\s*all|mso-list:\s*ignore/.test(style(node)); }

  /* Where a link leads, if it is of a kind that texts may have; one of ours without the site's name. */
  function target(node) {
    var url = (node.getAttribute('href') || '').trim();
    try {
      var given = new URL(url);
      // What Google Docs makes of a link.
      if (/(?:^|\.)google\.com$/.test(given.hostname) && given.pathname === '/url') url = given.searchParams.get('q') || url;
    } catch (error) { /* an address within a site */ }
    if (url.indexOf(location.origin + '/') === 0) url = url.slice(location.origin.length);
    if (!/^(?:https?:\/\/|mailto:|tel:|\/(?!\/))/i.test(url)) return '';
    return url.replace(/[\s()<>\\]/g, function (c) { return '%' + c.charCodeAt(0).toString(16).toUpperCase(); });
  }

  function clean(text) {
    return text.replace(/[\u00ad\u200b\u2060\ufeff]/g, '').replace(/[\s\u00a0]+/g, ' ');
  }

  /* Collect the pieces of running text below a node, with what holds of each. */
  function pieces(node, look, found) {
    node.childNodes.forEach(function (child) {
      if (child.nodeType === 3) return found.push({text: clean(child.data), look: look});
      if (child.nodeType !== 1 || hidden(child)) return;
      if (child.tagName === 'BR') return found.push({text: '\n', look: look});
      var weight = /(?:^|[;\s])font-weight:\s*(\w+)/.exec(style(child)), slant = /(?:^|[;\s])font-style:\s*(\w+)/.exec(style(child));
      var own = {bold: look.bold, italic: look.italic, href: look.href};
      if (weight) own.bold = /^(?:bold|bolder|[6-9]00)$/.test(weight[1]);
      else if (/^(?:B|STRONG)$/.test(child.tagName)) own.bold = true;
      if (slant) own.italic = slant[1] === 'italic';
      else if (/^(?:I|EM)$/.test(child.tagName)) own.italic = true;
      if (child.tagName === 'A') own.href = target(child);
      pieces(child, own, found);
    });
    return found;
  }

  function escaped(text) {
    return text.replace(/([\\*`])/g, '\\$1').replace(/(^|[^\w])_|_(?![\w])/g, '$1\\_');
  }

  /* Write pieces as Markdown. Spaces stand outside of marks, or they would be none. */
  function written(found, plain) {
    var runs = [];
    found.forEach(function (piece) {
      var look = {bold: piece.look.bold && !plain, italic: piece.look.italic, href: piece.look.href};
      var last = runs[runs.length - 1], blank = !piece.text.trim() && piece.text !== '\n';
      if (last && (blank || JSON.stringify(last.look) === JSON.stringify(look))) last.text += piece.text;
      else runs.push({text: piece.text, look: look});
    });
    return runs.map(function (run) {
      var mark = (run.look.bold ? '**' : '') + (run.look.italic ? '*' : '');
      // A mark opens before a word only.
      var parts = (mark ? /^([\s.,;:!?)”’]*)([^]*?)(\s*)$/ : /^(\s*)([^]*?)(\s*)$/).exec(run.text);
      if (!parts[2]) return escaped(run.text);
      var inner = escaped(parts[2]).split('\n').map(function (line) {
        return line.trim() && mark ? mark + line.trim() + mark : line.trim();
      }).join('\n');
      if (run.look.href) inner = '[' + inner.replace(/\n/g, ' ') + '](' + run.look.href + ')';
      return escaped(parts[1]) + inner + parts[3];
    }).join('').split('\n').map(function (line) {
      return line.replace(/ +/g, ' ').trim().replace(/^(#{1,6} |:::|> )/, '\\$1');
    }).join('\n').replace(/^\n+|\n+$/g, '').replace(/\n\n+/g, '\n\n').replace(/([^\n])\n(?=[^\n])/g, '$1  \n');
  }

  function indent(text) { return text.replace(/\n(?=[^\n])/g, '\n    '); }

  /* A list; one inside it may stand in a point, or, as in Google Docs, beside it. */
  function list(node) {
    var number = Number(node.getAttribute('start')) || 1, items = [];
    Array.from(node.children).forEach(function (child) {
      if (/^(?:UL|OL)$/.test(child.tagName)) {
        items.push('    ' + indent(list(child)));
        return;
      }
      var inner = blocks(child), text = '';
      inner.forEach(function (block, index) {
        text += (index ? (/^(?:[-] |\d+\. )/.test(block) ? '\n' : '\n\n') : '') + block;
      });
      if (text) items.push((node.tagName === 'OL' ? number++ + '. ' : '- ') + indent(text));
    });
    return items.join('\n');
  }

  /* Word's lists are paragraphs that say how deep they are, with their mark typed in front. */
  function wordItem(node) {
    var level = /mso-list:\s*(\S+)[^;]*level(\d)/.exec(style(node)) || (/MsoListParagraph/.test(node.className) && [0, '', 1]);
    if (!level) return null;
    var mark = Array.from(node.querySelectorAll('[data-look]')).filter(function (each) { return /mso-list:\s*ignore/.test(style(each)); })[0];
    var numbered = mark && /^\s*\(?(?:\d+|[a-z]{1,4})[.)]/i.test(mark.textContent);
    return {list: level[1], depth: Number(level[2]) - 1, numbered: numbered, text: written(pieces(node, {}, []))};
  }

  function table(node) {
    var rows = Array.from(node.rows).map(function (row) {
      return Array.from(row.cells).map(function (cell) {
        return written(pieces(cell, {}, []), row.rowIndex === 0).replace(/\s*\n\s*/g, ' ').replace(/\|/g, '\\|');
      });
    });
    var width = Math.max.apply(null, rows.map(function (row) { return row.length; }));
    if (!(width > 1)) return null;
    rows.splice(1, 0, new Array(width).fill('---'));
    return rows.map(function (row) {
      return '| ' + row.concat(new Array(width - row.length).fill('')).join(' | ') + ' |';
    }).join('\n');
  }

  /* Return the blocks below a node as Markdown. */
  function blocks(node) {
    var found = [], line = [], items = [], counts = [], current;
    function endLine() {
      var text = written(line);
      if (text) found.push(text);
      line = [];
    }
    function endItems() {
      if (items.length) found.push(items.join('\n'));
      items = [];
      counts = [];
    }
    node.childNodes.forEach(function (child) {
      if (child.nodeType === 3 && !child.data.trim() && !line.length) return;
      if (child.nodeType === 8 || (child.nodeType === 1 && hidden(child))) return;
      var item = child.tagName === 'P' && wordItem(child), inside = child.nodeType === 1 && child.querySelector(BLOCKS);
      if (!inside && (child.nodeType === 3 || !child.matches(BLOCKS))) {
        endItems();
        line = line.concat(pieces({childNodes: [child]}, {}, []));
        return;
      }
      endLine();
      if (item) {
        if (!item.text) return;
        if (item.list !== current) endItems();
        current = item.list;
        counts.length = item.depth + 1;
        counts[item.depth] = (counts[item.depth] || 0) + 1;
        items.push('    '.repeat(item.depth) + (item.numbered ? counts[item.depth] + '. ' : '- ') + indent(item.text));
        return;
      }
      endItems();
      found = found.concat(block(child, inside));
    });
    endLine();
    endItems();
    return found;
  }

  function block(node, inside) {
    var tag = /\bMsoTitle\b/.test(node.className) ? 'H2' : node.tagName, text;
    if (HEADINGS[tag]) {
      text = written(pieces(node, {}, []), true).replace(/\s*\n\s*/g, ' ');
      return text ? [HEADINGS[tag] + text] : [];
    }
    if (/^(?:UL|OL)$/.test(tag)) return [list(node)].filter(Boolean);
    if (tag === 'TABLE' && (text = table(node))) return [text];
    if (tag === 'BLOCKQUOTE') return [blocks(node).join('\n\n').replace(/^/gm, '> ').replace(/ +$/gm, '')];
    if (tag === 'PRE') return ['```\n' + node.textContent.replace(/\n$/, '') + '\n```'];
    if (tag === 'HR') return ['---'];
    if (inside) return blocks(node);
    text = written(pieces(node, {}, []));
    return text ? [text] : [];
  }

  /* Markdown of HTML, or nothing if the HTML says no more than its text. Nothing in it is loaded, run or styled. */
  function toMarkdown(html) {
    // Under the site's policy the parser would complain about each style, which is only read here.
    var quiet = html.replace(/<style[^]*?<\/style>/gi, '').replace(/<[a-z][^>]*>/gi, function (tag) {
      return tag.replace(/\sstyle\s*=/gi, ' data-look=').replace(/\son\w+\s*=/gi, ' data-was=');
    });
    var page = new DOMParser().parseFromString(quiet, 'text/html');
    if (!page.body.querySelector(FORMATTED)) return '';
    return blocks(page.body).join('\n\n');
  }

  document.querySelectorAll('textarea[data-markdown]').forEach(function (box) {
    toolbar(box);
    box.addEventListener('paste', function (event) {
      var markdown = toMarkdown(event.clipboardData.getData('text/html'));
      if (!markdown) return; // as the browser does it
      event.preventDefault();
      put(box, box.selectionStart, box.selectionEnd, markdown);
    });
  });
})();
