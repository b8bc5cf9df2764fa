/** Shows for a moment which message is meant. An outline also shows in forced colours. */
export default function highlight(article) {
  const frames = [{ outline: "3px solid var(--accent)", offset: 0 }, { outline: "3px solid var(--accent)", offset: 0.5 }]
  frames.push({ outline: "3px solid transparent" })
  article.querySelector(".message__bubble").animate(frames, { duration: 2_000, easing: "ease-out" })
}
