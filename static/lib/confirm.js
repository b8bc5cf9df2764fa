let pressed = null // the link or button that asked last; Turbo does not say which link it was

document.addEventListener("click", ({ target }) => (pressed = target.closest?.("a, button") ?? null), { capture: true })

/**
 * Asks in the page's own dialog; resolves to whether the answer is yes. For Turbo.config.forms.confirm. The button that
 * means yes says what the pressed one said: "Delete", "Leave".
 */
export default function confirmInDialog(question, form, submitter) {
  const dialog = document.getElementById("confirm")
  if (!dialog) return Promise.resolve(confirm(question))
  dialog.querySelector(".confirm__question").textContent = question
  dialog.querySelector("[value=confirm]").textContent = (submitter ?? pressed)?.textContent.trim() || "Continue"
  dialog.returnValue = ""
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "confirm"), { once: true })
  })
}
