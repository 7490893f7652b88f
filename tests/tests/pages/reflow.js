const [width, rules] = arguments;
// A constructed sheet is no inline style, so the page's policy lets it be.
const sheet = new CSSStyleSheet();
sheet.replaceSync(rules);
document.adoptedStyleSheets = [sheet];
const found = [];
const root = document.documentElement;
const page = Math.max(innerWidth, root.scrollWidth);
if (page > width) found.push(`the page is ${page} px wide`);
// What scrolls by itself may hold what is wider; whether it can be reached is a matter for axe and the keyboard.
const scrolls = (element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
const inside = (element) => {
  for (let at = element.parentElement; at; at = at.parentElement) if (scrolls(at)) return true;
  return false;
};
for (const element of document.body.querySelectorAll("*")) {
  const { left, right, bottom, width: own } = element.getBoundingClientRect();
  // Wholly outside is what shows when it has the focus.
  if (!own || right <= 0 || bottom <= 0 || inside(element)) continue;
  if (left < -0.5 || right > width + 0.5) found.push(`${element.outerHTML.slice(0, 120)} ends at ${right}`);
  const cut = /hidden|clip/.test(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth;
  if (cut) found.push(`${element.outerHTML.slice(0, 120)} is cut off`);
}
document.adoptedStyleSheets = [];
return found;
