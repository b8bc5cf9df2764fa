let pressed = null // the last pressed link or button, because Turbo does not name the link

document.addEventListener("click", ({ target }) => (pressed = target.closest?.("a, button") ?? null), { capture: true })

/**
 * Asks in the page's own dialog, for Turbo.config.forms.confirm. Resolves to whether the answer is yes. The button for
 * yes has the words of the pressed one: "Delete", "Leave".
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
