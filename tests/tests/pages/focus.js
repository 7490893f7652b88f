const element = document.activeElement;
const wrong = [];
const name = element.outerHTML.slice(0, 120);
const { outlineStyle, outlineWidth } = getComputedStyle(element);
// "auto" is the browser's own ring, whatever width it says.
const ring = outlineStyle === "auto" || (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2);
if (!element.matches(":focus-visible") || !ring)
  wrong.push(`focus: ${name} does not show that it has it`);
const box = element.getBoundingClientRect();
const seen = box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight;
if (!seen) wrong.push(`focus: ${name} has it out of sight`);
return { place: controls.indexOf(element), name, wrong };
