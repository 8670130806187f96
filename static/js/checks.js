// Says what there is to say about a text while it is written: the desk reads the form again a second after the last key.
addEventListener('DOMContentLoaded', () => {
  const panel = document.querySelector('[data-checks]');
  const form = panel && panel.closest('form');
  if (!form) return;
  let timer, asked = 0;
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++asked;
      const answer = await fetch(panel.dataset.checks, {method: 'POST', body: new FormData(form), redirect: 'manual'}).catch(() => null);
      if (answer && answer.type === 'opaqueredirect') panel.textContent = panel.dataset.ended;
      const html = answer && answer.ok ? await answer.text() : '';
      if (html && mine === asked) panel.innerHTML = html;
    }, 1000);
  });
});
