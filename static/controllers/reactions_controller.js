import { Controller } from "@hotwired/stimulus"
import tell from "lib/notice"
import { reason, send } from "lib/request"
import { apply } from "turbo/render"

const UNREACHED = "The server is out of reach. Try again in a moment."

// Sends the reaction whose button was pressed, and stays on the page. The button may stand anywhere in the document.
export default class extends Controller {
  async send(event) {
    event.preventDefault()
    const { submitter } = event
    const place = placeOf(submitter)
    submitter.setAttribute("aria-busy", "true")
    try {
      const response = await send(addressOf(submitter), { fields: { [submitter.name]: submitter.value } })
      if (response.ok) apply(await response.text())
      else tell(await reason(response))
    } catch {
      tell(UNREACHED)
    }
    submitter.removeAttribute("aria-busy")
    if (place) keepFocus(submitter, place)
  }
}

function addressOf(button) {
  return button.hasAttribute("formaction") ? button.formAction : button.form.action
}

// The place of the focus, by ids, because a change may replace the elements.
function placeOf(button) {
  const pill = button.closest(".reaction")
  return pill && button === document.activeElement ? { pill: pill.id, message: pill.closest("article").id } : null
}

// A pill shows one of two buttons, and goes when nobody chooses it any more.
function keepFocus(button, place) {
  const { activeElement, body } = document
  if (activeElement !== body && activeElement !== button) return
  const shown = [...(document.getElementById(place.pill)?.querySelectorAll("button") ?? [])].find(isShown)
  const next = shown ?? document.getElementById(place.message)
  if (next !== activeElement) next?.focus({ preventScroll: true })
}

function isShown(element) {
  return element.getClientRects().length > 0
}
