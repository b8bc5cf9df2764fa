import { Controller } from "@hotwired/stimulus"

const ENDS = {
  complete: "Answer complete.",
  cut: "The answer reached its limit.",
  stopped: "Answer stopped.",
  failed: "No answer.",
}

// Tells screen readers that an answer begins and how it ends, but not the words in between: while a message grows, it
// is not a live region.
export default class extends Controller {
  connect() {
    this.changes = new MutationObserver((records) => records.forEach((record) => this.changed(record)))
    this.changes.observe(document.body, { subtree: true, attributeFilter: ["data-state"], attributeOldValue: true })
    document.addEventListener("messages:added", this.added)
  }

  disconnect() {
    this.changes.disconnect()
    document.removeEventListener("messages:added", this.added)
    this.element.textContent = ""
  }

  added = ({ detail: { article } }) => {
    if (isAnswer(article) && article.dataset.state === "generating") this.begins(article)
  }

  changed({ target, oldValue }) {
    const { state } = target.dataset
    if (!isAnswer(target) || state === oldValue) return
    if (state === "generating") this.begins(target)
    else if (oldValue === "generating") this.say(ENDS[state] ?? "")
  }

  begins(article) {
    this.say(`${article.querySelector(".message__author").textContent} is answering.`)
  }

  say(words) {
    if (this.element.textContent !== words) this.element.textContent = words
  }
}

function isAnswer(element) {
  return element.matches("article[data-message-id][data-author-kind=assistant]")
}
