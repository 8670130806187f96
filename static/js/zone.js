// Chooses the browser's own time zone, unless one was chosen already.
const zones = document.querySelector('[data-own-zone]');
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zones && [...zones.options].some((option) => option.value === own)) zones.value = own;
