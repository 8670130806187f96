// Rows of a list are dragged into order, or moved by the arrow keys; the numbers follow. "Save" of the list saves them.
addEventListener('DOMContentLoaded', () => {
  const table = document.querySelector('#result_list');
  const number = row => row && row.querySelector('input[name$=-position]');
  const rows = () => [...table.tBodies[0].rows].filter(number);
  if (!table || !isWholeAndInOrder()) return;

  const said = document.createElement('p');
  said.className = 'moved';
  said.setAttribute('aria-live', 'polite');
  said.textContent = 'Drag ↕ to move a row, or press the arrow keys on it.';
  const movable = rows().filter(row => fellows(row).length > 1);
  if (movable.length) table.parentElement.before(said);
  movable.forEach(addHandle);

  // With rows left out, a number might collide with one that nobody sees.
  function isWholeAndInOrder() {
    const query = new URLSearchParams(location.search);
    query.delete('o');
    return !String(query) && !document.querySelector('.paginator a') && table.querySelector('thead .column-position.ascending');
  }

  // What the list is sorted by before the number, such as a country: rows are in order within it.
  function group(row) {
    const rank = head => Number(head.querySelector('.sortpriority')?.textContent) || 1;
    const heads = [...table.tHead.rows[0].cells], own = rank(table.querySelector('thead .column-position'));
    return heads.map((head, i) => head.matches('.sorted') && rank(head) < own ? row.cells[i].textContent : '').join('\n');
  }

  function fellows(row) {
    return rows().filter(other => group(other) === group(row));
  }

  function addHandle(row) {
    const handle = document.createElement('button');
    handle.type = 'button';
    handle.className = 'handle';
    handle.textContent = '↕';
    handle.title = 'Drag, or press the arrow keys';
    handle.setAttribute('aria-label', 'Move ' + row.querySelector('th').textContent.trim());
    handle.addEventListener('keydown', event => {
      const down = {ArrowUp: false, ArrowDown: true}[event.key];
      if (down === undefined) return;
      event.preventDefault();
      if (step(row, down)) keep(row);
      row.scrollIntoView({block: 'nearest'});
    });
    handle.addEventListener('pointerdown', event => {
      if (event.button) return;
      handle.setPointerCapture(event.pointerId);
      row.classList.add('dragged');
    });
    handle.addEventListener('pointermove', event => {
      if (handle.hasPointerCapture(event.pointerId)) follow(row, event.clientY);
    });
    handle.addEventListener('lostpointercapture', () => row.classList.remove('dragged'));
    row.cells[0].prepend(handle);
  }

  function follow(row, y) {
    const middle = other => other.getBoundingClientRect().top + other.offsetHeight / 2;
    let moved = false;
    while (row.nextElementSibling && y > middle(row.nextElementSibling) && step(row, true)) moved = true;
    while (row.previousElementSibling && y < middle(row.previousElementSibling) && step(row, false)) moved = true;
    if (moved) keep(row);
    scrollBy(0, y < 40 ? -20 : y > innerHeight - 40 ? 20 : 0);
  }

  // It is the other row that moves: this one would lose the focus, and the pointer.
  function step(row, down) {
    const other = down ? row.nextElementSibling : row.previousElementSibling;
    if (!number(other) || group(other) !== group(row)) return false;
    row[down ? 'before' : 'after'](other);
    return true;
  }

  // Deal the numbers that are there in the order that is seen, or count from 1 where two are the same.
  function keep(row) {
    const mine = fellows(row);
    const found = mine.map(other => number(other).valueAsNumber).sort((a, b) => a - b);
    const clear = new Set(found).size === mine.length && found.every(Number.isInteger);
    mine.forEach((other, i) => { number(other).value = clear ? found[i] : i + 1; });
    number(row).dispatchEvent(new Event('change', {bubbles: true})); // Django asks before an action drops what was changed
    said.textContent = `Moved to place ${mine.indexOf(row) + 1} of ${mine.length}. Save to keep the order.`;
  }
});
