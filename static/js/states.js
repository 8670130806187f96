/* On the styleguide only: rules for hover, focus and pressed also hold for what is marked with that state. */
(function () {
  function copy(rules, into) {
    for (var n = rules.length - 1; n >= 0; n--) {
      var rule = rules[n], named = rule.selectorText;
      if (named && /:(hover|focus|active)/.test(named)) {
        into.insertRule(rule.cssText.replace(/:(hover|active)/g, '[data-state=$1]').replace(/:focus(-visible)?/g, '[data-state=focus]'), n + 1);
      } else if (rule.media) copy(rule.cssRules, rule);
    }
  }
  Array.from(document.styleSheets).forEach(function (sheet) { copy(sheet.cssRules, sheet); });
  addEventListener('load', function () { document.activeElement.blur(); scrollTo(0, 0); }); /* an error summary takes the focus */
})();
