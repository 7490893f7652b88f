const selector = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
const controls = [...document.querySelectorAll(selector)].filter((element) => !element.disabled);
