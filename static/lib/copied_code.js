import { whenAdded } from "lib/added"
import { copy } from "lib/clipboard"

const THANKS = 2_000 // ms
const BODY = "[data-copy-code]"

/** Adds a copy button to each block of code below an element with data-copy-code. */
export function copyCode() {
  whenAdded(`${BODY} pre`, addButton)
  document.addEventListener("click", clicked)
  document.addEventListener("turbo:before-morph-element", keep)
  document.addEventListener("turbo:morph-element", ({ target }) => target.matches(BODY) && addButtons(target))
}

// An earlier block may have lost its button to its new text.
function addButtons(body) {
  body.querySelectorAll("pre").forEach(addButton)
}

function addButton(block) {
  if (block.querySelector(".copy-code")) return
  const button = document.createElement("button")
  Object.assign(button, { type: "button", className: "copy-code", textContent: "Copy" })
  block.append(button)
}

// Newer versions of the message come without buttons.
function keep(event) {
  if (event.target.matches(".copy-code")) event.preventDefault()
}

async function clicked({ target }) {
  const button = target.closest?.(".copy-code")
  const block = button?.closest("pre")
  if (!block) return
  await copy((block.querySelector("code") ?? block).textContent)
  button.textContent = "Copied"
  setTimeout(() => (button.textContent = "Copy"), THANKS)
}
