import { Controller } from "@hotwired/stimulus"
import { currentUserId } from "lib/session"

const EXPIRES = 5_000 // ms
const LATE = 1_500 // ms after a message in which a report that its author types may still come

// Says who is typing. Each update replaces the list of names, which disappears by itself without further ones.
export default class extends Controller {
  static targets = ["name"]

  connect() {
    this.wroteAt = new Map() // user id → ms
    this.element.addEventListener("turbo:before-morph-element", this.renew)
    document.addEventListener("messages:added", this.wrote)
    this.show(this.nameTargets)
  }

  disconnect() {
    this.element.removeEventListener("turbo:before-morph-element", this.renew)
    document.removeEventListener("messages:added", this.wrote)
    clearTimeout(this.timer)
  }

  // This controller writes the element's content: Turbo's morphing would restart the animation with each update.
  renew = (event) => {
    if (event.target !== this.element) return
    event.preventDefault()
    this.show([...event.detail.newElement.querySelectorAll("[data-user-id]")])
  }

  wrote = ({ detail: { article } }) => {
    const { authorId } = article.dataset
    this.wroteAt.set(authorId, Date.now())
    if (this.ids.includes(authorId)) this.show(this.nameTargets)
  }

  show(names) {
    clearTimeout(this.timer)
    const others = names.filter(({ dataset: { userId } }) => userId !== currentUserId() && !this.hasJustWritten(userId))
    if (others.length > 0) this.timer = setTimeout(() => this.show([]), EXPIRES)
    if (this.shown && others.map((name) => name.dataset.userId).join() === this.ids.join()) return
    this.shown = true
    this.dots ??= this.element.querySelector(".typing__dots") ?? others.at(-1)?.querySelector(".typing__dots")
    this.element.replaceChildren(...sentence(others, this.dots))
  }

  hasJustWritten(userId) {
    return Date.now() - this.wroteAt.get(userId) < LATE // false for undefined: people who have not written
  }

  get ids() {
    return this.nameTargets.map((name) => name.dataset.userId)
  }
}

// "Alice and Bob are typing", with one set of dots at the end.
function sentence(names, dots) {
  if (names.length === 0) return []
  const words = names.flatMap((name, index) => [...(index > 0 ? [joint(index, names.length)] : []), bare(name)])
  return [...words, names.length > 1 ? " are typing" : " is typing", ...(dots ? [dots] : [])]
}

function joint(index, count) {
  return index === count - 1 ? " and " : ", "
}

function bare(name) {
  const span = document.createElement("span")
  Object.assign(span.dataset, { typingTarget: "name", userId: name.dataset.userId })
  span.append(name.querySelector("bdi").cloneNode(true))
  return span
}
