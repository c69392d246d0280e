// What is wrong with the page as it is shown now: a list of sentences.
((mode) => {
  const problems = [];
  const root = document.documentElement;
  const isShown = (element) => element.checkVisibility({ contentVisibilityAuto: false }) && element.getClientRects().length > 0;

  // A table may be wider than the screen, because it scrolls in its own region. On paper nothing scrolls.
  if (root.scrollWidth > root.clientWidth) problems.push(`it is ${root.scrollWidth} pixels wide, of ${root.clientWidth}`);
  const isWide = (element) => isShown(element) && element.getBoundingClientRect().right > root.clientWidth + 1;
  for (const element of document.body.querySelectorAll("*")) {
    const scrolls = mode !== "print" && element.closest(".scroll");
    // What is in something too wide needs no word of its own.
    if (!scrolls && isWide(element) && !isWide(element.parentElement)) {
      const text = element.textContent.trim().slice(0, 60);
      const right = Math.round(element.getBoundingClientRect().right);
      problems.push(`<${element.localName}> "${text}" ends at ${right} of ${root.clientWidth}`);
    }
  }

  for (const figure of document.querySelectorAll("figure")) {
    const name = figure.querySelector("svg > title")?.textContent ?? "a figure without a title";
    const drawings = [...figure.querySelectorAll("svg")].filter(isShown);
    if (drawings.length !== 1) problems.push(`${name}: ${drawings.length} drawings are shown`);
    if (!figure.querySelector("figcaption")?.textContent.trim()) problems.push(`${name}: no caption`);
    const table = figure.querySelector("details table");
    if (!table?.querySelector("tbody tr")) problems.push(`${name}: no table`);
    else if (mode === "print" && !isShown(table)) problems.push(`${name}: the table is not printed`);
    for (const drawing of drawings) {
      const size = 12 * drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width;
      if (size < 11.9) problems.push(`${name}: its text is ${size.toFixed(1)} pixels high`);
    }
  }

  for (const link of document.querySelectorAll("a")) {
    if (!document.getElementById(link.hash.slice(1))) problems.push(`${link.hash} leads nowhere`);
  }

  const background = getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3);
  const isDark = background.every((channel) => channel < 64);
  if (isDark !== (mode === "dark")) problems.push(`the background is rgb(${background})`);
  if (mode === "print" && isShown(document.querySelector("nav"))) problems.push("the navigation is printed");
  return problems;
})
