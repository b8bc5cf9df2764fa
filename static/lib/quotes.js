const EXCERPT = 120 // characters; EXCERPT in models/mixins/quoting.py is the same

/** A message as drafts and the outbox keep it for a new one that quotes it: `{ id, author, words }`. */
export function quotedFrom(article) {
  const author = article.querySelector(".message__author").textContent.trim()
  return { id: article.dataset.messageId, author, words: wordsOf(article) }
}

/** The same for a message that is no longer there. */
export function quotedDeleted(id) {
  return { id: String(id), author: "", words: "Deleted message" }
}

/** Shows `quoted` in an element with the parts of a quote, and hides the element where nothing is quoted. */
export function fillQuote(element, quoted) {
  element.hidden = !quoted
  for (const name of ["author", "words"]) {
    element.querySelector(`[data-quote-part=${name}]`).textContent = quoted?.[name] ?? ""
  }
}

/** The message that a quote shows, if the page has it. */
export function messageOf(quote) {
  return document.getElementById(quote.dataset.quotedMessage)
}

// Nearly the server's words. They are shown until the server has the message.
function wordsOf(article) {
  const texts = [...article.querySelector(".message__body").childNodes].map((node) => node.textContent.trim()).filter(Boolean)
  const line = texts.join(" ").replace(/\s+/g, " ")
  const letters = [...line]
  return letters.length > EXCERPT ? `${letters.slice(0, EXCERPT - 1).join("").trimEnd()}…` : line || filesOf(article) || "…"
}

function filesOf(article) {
  const pictures = article.querySelectorAll(".attachment--picture").length
  const names = [...article.querySelectorAll(".attachment__name")].map(({ textContent }) => textContent)
  if (pictures + names.length <= 1) return names[0] ?? article.querySelector("img.attachment__picture")?.alt
  return names.length ? `${pictures + names.length} files` : `${pictures} pictures`
}
